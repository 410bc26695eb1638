package io.github.cortado.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import io.github.cortado.nn.TransformerEncoderLayer;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CheckpointedTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    /**
     * The scalar backend rounds what it computes in one once, and what is computed in one ends
     * where a checkpoint does: its bits are compared where nothing is.
     */
    private static Autograd.Pause sameRounding(Device device) {
        return device.sameAs(Device.cpuScalar()) ? Pending.pause() : () -> {};
    }

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    private static Tensor waves(Device device, int... shape) {
        int n = 1;
        for (int d : shape) {
            n *= d;
        }
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) Math.sin(0.1 * i * i);
        }
        return Tensor.of(values, shape).to(device);
    }

    /** Blocks with all that has to be the same when they are run again. */
    private static final class Net extends Layer {
        private final Conv2d conv = add("conv", new Conv2d(2, 4, 3).padding(1));
        private final BatchNorm2d norm = add("norm", new BatchNorm2d(4));
        private final Sequential middle =
                add(
                        "middle",
                        new Sequential(
                                new Conv2d(4, 4, 3).padding(1),
                                new BatchNorm2d(4),
                                new ReLU(),
                                new Dropout(0.3)));
        private final TransformerEncoderLayer encoder =
                add("encoder", new TransformerEncoderLayer(16, 2, 8, 0.2));
        private final Linear head = add("head", new Linear(16, 3));
        private final boolean isChecked;

        /** Used inside and outside, so that its gradients meet. */
        private final Tensor scale = parameter("scale", Tensor.ones(4, 1, 1));

        Net(boolean isChecked) {
            this.isChecked = isChecked;
        }

        private Tensor part(UnaryOperator<Tensor> f, Tensor x) {
            return isChecked ? Autograd.checkpoint(f, x) : f.apply(x);
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = part(t -> norm.forward(conv.forward(t)).mul(scale), x);
            y = Functional.relu(y);
            y = part(t -> t.add(part(middle::forward, t)).mul(scale).mul(t), y).mul(scale);
            Tensor words = y.reshape(y.dim(0), 4, 16);
            words = part(encoder::forward, words);
            return head.forward(words.mean(false, 1));
        }
    }

    private static List<String> train(Device device, boolean isChecked, boolean isCompiled) {
        Seed.manualSeed(5);
        Net net = new Net(isChecked);
        net.to(device);
        SGD sgd = new SGD(net.parameters(), 0.05).momentum(0.9);
        Tensor x = waves(device, 4, 2, 4, 4);
        Tensor labels = Tensor.of(new long[] {0, 2, 1, 1}).to(device);
        List<String> shown = new ArrayList<>();
        Supplier<Tensor> code =
                () -> {
                    sgd.zeroGrad();
                    Tensor loss = Functional.crossEntropy(net.forward(x), labels);
                    loss.backward();
                    sgd.step();
                    return loss;
                };
        try (CompiledStep<Tensor> step = device.compile(code)) {
            for (int i = 0; i < 6; i++) {
                Tensor loss = isCompiled ? step.run() : step.runEagerly();
                shown.add("loss " + loss.item());
            }
        }
        net.namedParameters()
                .forEach((n, w) -> shown.add("d" + n + Arrays.toString(w.grad().toFloats())));
        net.stateDict().forEach((n, t) -> shown.add(n + Arrays.toString(t.toDoubles())));
        net.counters().forEach((n, count) -> shown.add(n + " " + count));
        return shown;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aNetTrainsToTheSameBitsAsWithout(Device device) {
        try (var rounding = sameRounding(device)) {
            List<String> expected = train(device, false, false);
            assertEquals(expected, train(device, true, false));
            assertEquals(expected, train(device, true, true));
            assertTrue(expected.contains("middle.1.num_batches_tracked[6.0]"));
            assertTrue(expected.contains("middle.3.forwards 6"));
        }
    }

    /** Gradients of three terms meet in one place: their order decides the bits. */
    @ParameterizedTest
    @MethodSource("devices")
    void sumsAreMadeInTheSameOrder(Device device) {
        try (var rounding = sameRounding(device)) {
            List<float[]> plain = sums(device, false);
            List<float[]> checked = sums(device, true);
            assertArrayEquals(plain.get(0), checked.get(0));
            assertArrayEquals(plain.get(1), checked.get(1));
        }
    }

    private static List<float[]> sums(Device device, boolean isChecked) {
        Tensor leaf = waves(device, 1000).requiresGrad(true);
        Tensor w = waves(device, 1000).mul(0.3).detach().requiresGrad(true);
        Tensor x = leaf.mul(1.7);
        UnaryOperator<Tensor> f = t -> t.exp().mul(w).add(t.mul(w).mul(w)).add(t.square());
        Tensor y = isChecked ? Autograd.checkpoint(f, x) : f.apply(x);
        y.mul(x).add(w).add(x).sum().backward();
        return List.of(leaf.grad().toFloats(), w.grad().toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void keptGraphsAndChosenGradients(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor w = leaf(device, 5, 7);
        Tensor y = Autograd.checkpoint((a, b) -> a.mul(b).square(), x, w);
        Tensor loss = y.sum();
        List<Tensor> g = Autograd.grad(loss, List.of(w, y), new GradOptions().retainGraph(true));
        assertArrayEquals(new double[] {40, 126}, g.get(0).toDoubles(), 1e-4);
        assertArrayEquals(new double[] {1, 1}, g.get(1).toDoubles());
        assertNull(w.grad());
        loss.backward(true);
        loss.backward();
        assertArrayEquals(new double[] {200, -588}, x.grad().toDoubles(), 1e-3);
        assertArrayEquals(new double[] {80, 252}, w.grad().toDoubles(), 1e-3);
        assertThrows(IllegalStateException.class, loss::backward);
        Tensor sum =
                Autograd.checkpoint(all -> all.get(0).add(all.get(1)).mul(all.get(2)), x, w, x);
        x.grad(null);
        sum.sum().backward();
        assertArrayEquals(new double[] {9, 1}, x.grad().toDoubles(), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theFunctionRunsAgainForEachPassAndNotWhereNothingIsRecorded(Device device) {
        Tensor x = leaf(device, 2, -3);
        int[] runs = {0};
        UnaryOperator<Tensor> f =
                t -> {
                    runs[0]++;
                    return t.exp();
                };
        Autograd.checkpoint(f, x).sum().backward();
        assertEquals(2, runs[0]);
        assertFalse(Autograd.checkpoint(f, x.detach()).requiresGrad());
        try (var pause = Autograd.noGrad()) {
            assertFalse(Autograd.checkpoint(f, x).requiresGrad());
        }
        assertEquals(4, runs[0]);
        assertTrue(Autograd.checkpoint(t -> t, x) == x);
    }

    /** A result of the outer graph that the function knows without having been given it. */
    @ParameterizedTest
    @MethodSource("devices")
    void whatTheFunctionReadsBesidesGetsItsGradient(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor outer = x.mul(3);
        Tensor y = Autograd.checkpoint(t -> t.mul(outer), x);
        y.sum().backward();
        assertArrayEquals(new double[] {12, -18}, x.grad().toDoubles(), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatTheFunctionReadMustNotHaveChanged(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor w = leaf(device, 5, 7);
        Tensor mask = leaf(device, 1, 0).detach();
        UnaryOperator<Tensor> f = t -> t.mul(mask).mul(w);
        Tensor y = Autograd.checkpoint(f, x).sum();
        w.fill(1);
        assertThrows(IllegalStateException.class, y::backward);
        Tensor z = Autograd.checkpoint(f, x).sum();
        mask.fill(1);
        var e = assertThrows(IllegalStateException.class, z::backward);
        assertEquals(
                "backward: a tensor of 2 elements that the function of a checkpoint needs to run"
                        + " again was changed in place since; run the forward pass again",
                e.getMessage());
        // A mask that waits, and one that nobody knows outside.
        Tensor open = mask.mul(3);
        Tensor u = Autograd.checkpoint(t -> t.mul(open).mul(mask.add(1)), x).sum();
        open.fill(1);
        assertThrows(IllegalStateException.class, u::backward);
        assertNull(x.grad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aFunctionThatDoesSomethingElseIsNoticed(Device device) {
        Tensor x = leaf(device, 2, -3);
        boolean[] again = {false};
        Tensor y = Autograd.checkpoint(t -> again[0] ? t.sum() : t.exp(), x).sum();
        again[0] = true;
        var e = assertThrows(IllegalStateException.class, y::backward);
        assertEquals(
                "checkpoint: run again for its gradient, the function returned a tensor of shape"
                        + " [], expected [2] as from its first run",
                e.getMessage());
        Dropout dropout = new Dropout(0.5);
        again[0] = false;
        Tensor z = Autograd.checkpoint(t -> again[0] ? t : dropout.forward(t).exp(), x).sum();
        again[0] = true;
        var f = assertThrows(IllegalStateException.class, z::backward);
        assertEquals(
                "checkpoint: the function drew random numbers 1 times in its forward pass, and 0"
                        + " times when it was run again for its gradient",
                f.getMessage());
        Tensor u = Autograd.checkpoint(t -> again[0] ? t.exp() : dropout.forward(t), x).sum();
        again[0] = false;
        assertThrows(IllegalStateException.class, u::backward);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void hooksInsideSeeTheGradient(Device device) {
        Tensor x = leaf(device, 2, -3);
        List<double[]> seen = new ArrayList<>();
        Tensor y =
                Autograd.checkpoint(
                        t -> {
                            Tensor middle = t.mul(3);
                            middle.registerHook(
                                    g -> {
                                        seen.add(g.toDoubles());
                                        return g.mul(2);
                                    });
                            return middle.mul(5);
                        },
                        x);
        y.sum().backward();
        assertEquals(1, seen.size());
        assertArrayEquals(new double[] {5, 5}, seen.get(0));
        assertArrayEquals(new double[] {30, 30}, x.grad().toDoubles(), 1e-5);
    }

    // What is held

    private static Sequential wide(Device device) {
        Seed.manualSeed(1);
        Sequential part =
                new Sequential(
                        new Linear(64, 64), new LayerNorm(64), new GELU(), new Linear(64, 64));
        part.to(device);
        return part;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void nothingThatWasMadeInsideIsHeld(Device device) {
        for (boolean isChecked : new boolean[] {false, true}) {
            List<WeakReference<Object>> inside = new ArrayList<>();
            Tensor loss = forward(device, isChecked, inside);
            for (int i = 0; i < 20 && (isChecked && held(inside) > 0); i++) {
                System.gc();
            }
            System.gc();
            assertEquals(isChecked ? 0 : inside.size(), held(inside));
            loss.backward();
        }
    }

    private static long held(List<WeakReference<Object>> all) {
        return all.stream().filter(r -> r.get() != null).count();
    }

    private static Tensor forward(
            Device device, boolean isChecked, List<WeakReference<Object>> inside) {
        Tensor w = waves(device, 2000).requiresGrad(true);
        UnaryOperator<Tensor> f =
                t -> {
                    Tensor a = t.exp();
                    Tensor b = a.rsqrt();
                    inside.add(new WeakReference<>(a.buffer().array()));
                    inside.add(new WeakReference<>(b.buffer().array()));
                    return a.mul(b).mul(w);
                };
        Tensor y = isChecked ? Autograd.checkpoint(f, w) : f.apply(w);
        return y.sum();
    }

    /** Of 16 blocks that keep 6 MB each there are their results, of 1 MB each. */
    @Test
    @Tag("vector-only")
    void aDeepNetHoldsAQuarterOfTheBytes() {
        long plain = bytesHeld(false);
        long checked = bytesHeld(true);
        assertTrue(plain > 40_000_000, () -> "held " + plain);
        assertTrue(checked < plain / 4 && checked > 16_000_000 * 0.9, () -> "held " + checked);
    }

    private static long bytesHeld(boolean isChecked) {
        Sequential part = wide(Device.cpu());
        Tensor x = waves(Device.cpu(), 4000, 64);
        long before = used();
        Tensor y = x;
        for (int i = 0; i < 16; i++) {
            y = isChecked ? Autograd.checkpoint(part::forward, y) : part.forward(y);
        }
        Tensor loss = y.sum();
        long held = used() - before;
        assertTrue(loss.requiresGrad());
        return held;
    }

    private static long used() {
        for (int i = 0; i < 3; i++) {
            System.gc();
        }
        Runtime r = Runtime.getRuntime();
        return r.totalMemory() - r.freeMemory();
    }

    /** A compiled step has arrays of its own, which those inside give back at once. */
    @Test
    @Tag("vector-only")
    void aCompiledStepNeedsFewerBytes() {
        long plain = bytesOfAStep(false);
        long checked = bytesOfAStep(true);
        assertTrue(checked < plain / 2, () -> checked + " of " + plain);
    }

    private static long bytesOfAStep(boolean isChecked) {
        Sequential part = wide(Device.cpu());
        Tensor x = waves(Device.cpu(), 400, 64);
        SGD sgd = new SGD(part.parameters(), 0.01);
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    sgd.zeroGrad();
                                    Tensor y = x;
                                    for (int i = 0; i < 16; i++) {
                                        y =
                                                isChecked
                                                        ? Autograd.checkpoint(part::forward, y)
                                                        : part.forward(y);
                                    }
                                    Tensor loss = y.square().mean();
                                    loss.backward();
                                    sgd.step();
                                    return loss;
                                })) {
            for (int i = 0; i < 5; i++) {
                step.run();
            }
            String bytes = step.description().replaceAll(".* in ([0-9,]+) bytes.*", "$1");
            return Long.parseLong(bytes.replace(",", ""));
        }
    }

    @Test
    void whatIsReadOfAStepThatGaveItBackSaysSo() {
        Tensor w = waves(Device.cpu(), 20).requiresGrad(true);
        Tensor[] stashed = new Tensor[1];
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y =
                                            Autograd.checkpoint(
                                                    t -> {
                                                        stashed[0] = t.exp();
                                                        stashed[0].buffer();
                                                        return stashed[0].mul(t);
                                                    },
                                                    w);
                                    return y.sum();
                                })) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            var e = assertThrows(IllegalStateException.class, () -> stashed[0].toFloats());
            assertTrue(
                    e.getMessage().contains("it was made inside of a checkpoint"),
                    String.format(Locale.ROOT, "%s", e.getMessage()));
        }
    }
}
