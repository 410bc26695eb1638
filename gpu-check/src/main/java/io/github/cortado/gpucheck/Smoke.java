package io.github.cortado.gpucheck;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * A little of everything that a device has to do, compared with the CPU's results: bytes there and
 * back, element by element and with broadcasting, sums over blocks, products by tiles of shared
 * memory, in TF32 where it is there; LeNet's training steps; and those recorded and replayed.
 */
final class Smoke {
    private static final int STEPS = 5;

    /** Wide enough for another order of sums, and for nothing else. */
    private static final double TOLERANCE = 1e-3;

    /** Eleven bits of a factor, and sums of some hundred. */
    private static final double TF32_TOLERANCE = 2e-2;

    private static final int SIDE = 192;
    private static final int LARGE = 4096;
    private static final double WARM_UP_SECONDS = 1;

    private final Device device;
    private final Device cpu = Device.of("cpu");
    private final int batch;
    private final Consumer<String> next;

    /**
     * On a device.
     *
     * @param batch pictures of a training step
     * @param next is told what comes next, before it can take the process along
     */
    Smoke(Device device, int batch, Consumer<String> next) {
        this.device = device;
        this.batch = batch;
        this.next = next;
    }

    /**
     * Does it all.
     *
     * @param smi {@code nvidia-smi}, which is asked for the clocks while the device is at work
     * @param found takes what was done, under {@code checked}, and the clocks
     * @throws IllegalStateException naming the first thing that the device computes wrongly
     */
    void run(Optional<Path> smi, Map<String, Object> found) {
        List<String> checked = new ArrayList<>();
        found.put("checked", checked);
        next.accept("bytes to the device and back");
        Tensor a = values(SIDE * SIDE, 1).reshape(SIDE, SIDE);
        Tensor b = values(SIDE * SIDE, 2).reshape(SIDE, SIDE);
        same("bytes that were there and back", a, a.to(device), 0);
        checked.add("copies");
        next.accept("element by element");
        Tensor x = a.to(device);
        Tensor y = b.to(device);
        same("a b and a row", a.mul(b).add(row(a)), x.mul(y).add(row(x)), TOLERANCE);
        Tensor whole = a.mul(100).to(DType.INT32);
        same("int32", whole.to(DType.FLOAT32), x.mul(100).to(DType.INT32).to(DType.FLOAT32), 0);
        checked.add("element by element");
        next.accept("sums");
        same("sums of rows", a.sum(false, 1), x.sum(false, 1), TOLERANCE);
        same("the sum of all", a.sum(), x.sum(), TOLERANCE);
        checked.add("sums");
        next.accept("a product");
        same("a product", a.matmul(b), x.matmul(y), TOLERANCE);
        checked.add("products");
        if (device.allowTf32(true)) {
            next.accept("a product in TF32");
            same("a product in TF32", a.matmul(b), x.matmul(y), TF32_TOLERANCE);
            device.allowTf32(false);
            checked.add("TF32");
        }
        next.accept("LeNet's steps as they are written");
        double[] written = losses(device, false);
        near("losses of LeNet's steps", losses(cpu, false), written, TOLERANCE);
        checked.add("written steps");
        next.accept("LeNet's steps recorded");
        near("losses of recorded steps", written, losses(device, true), 0);
        checked.add("recorded steps");
        smi.ifPresent(file -> clocks(file, found));
    }

    private static Tensor row(Tensor t) {
        return t.narrow(0, 0, 1);
    }

    private static Tensor values(int n, int seed) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = ((i + 1) * 7919L * seed % 2003) / 1001.5f - 1;
        }
        return Tensor.of(values, n);
    }

    /** Losses of training steps from the same beginning. */
    private double[] losses(Device on, boolean recorded) {
        Seed.manualSeed(0);
        LeNet net = new LeNet();
        net.to(on);
        Adam adam = new Adam(net.parameters(), 1e-3);
        int pixels = LeNet.CHANNELS * LeNet.SIDE * LeNet.SIDE;
        long[] classes = new long[batch];
        Arrays.setAll(classes, i -> i % LeNet.CLASSES);
        Tensor x =
                values(batch * pixels, 3)
                        .reshape(batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE)
                        .to(on)
                        .keep();
        Tensor y = Tensor.of(classes, batch).to(on).keep();
        Supplier<Tensor> written =
                () -> {
                    adam.zeroGrad();
                    Tensor loss = crossEntropy(net.forward(x), y);
                    loss.backward();
                    adam.step();
                    return loss;
                };
        double[] losses = new double[STEPS];
        try (CompiledStep<Tensor> step = on.compile(written)) {
            for (int i = 0; i < STEPS; i++) {
                losses[i] = (recorded ? step.run() : written.get()).item();
            }
        }
        return losses;
    }

    private static void same(String what, Tensor right, Tensor got, double tolerance) {
        near(what, doubles(right), doubles(got), tolerance);
    }

    private static double[] doubles(Tensor t) {
        float[] floats = t.toFloats();
        double[] out = new double[floats.length];
        Arrays.setAll(out, i -> floats[i]);
        return out;
    }

    /** Passes where no difference is more than a part of the largest value; never with NaN. */
    static void near(String what, double[] right, double[] got, double tolerance) {
        double largest = Arrays.stream(right).map(Math::abs).max().orElse(0);
        for (int i = 0; i < right.length; i++) {
            if (!(Math.abs(got[i] - right[i]) <= tolerance * largest)) {
                throw new IllegalStateException(
                        what + ": " + got[i] + " at " + i + ", where it should be " + right[i]);
            }
        }
    }

    /** A GPU that rests has low clocks: it is asked while it multiplies. */
    private void clocks(Path smi, Map<String, Object> found) {
        next.accept("products for a second, and nvidia-smi meanwhile");
        Backend backend = device.backend();
        Buffer a = Tensor.full(0.5, LARGE, LARGE).to(device).keep().buffer();
        Buffer product = backend.empty(DType.FLOAT32, LARGE * LARGE);
        MatmulSpec spec = MatmulSpec.single(LARGE, LARGE, LARGE, false, false);
        Runnable work =
                () -> {
                    backend.matmul(a, a, product, spec);
                    device.synchronize();
                };
        try {
            Deadline warm = Deadline.in(WARM_UP_SECONDS);
            while (warm.left() > 0) {
                work.run();
            }
            Process asked = SystemManagement.atWork(smi);
            while (asked.isAlive()) {
                work.run();
            }
            found.put("clocks_at_work", SystemManagement.atWork(asked));
        } catch (IOException e) {
            found.put("clocks_at_work", Map.of("none", e.toString()));
        }
    }
}
