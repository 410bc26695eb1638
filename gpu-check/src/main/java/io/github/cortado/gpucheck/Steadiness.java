package io.github.cortado.gpucheck;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.Buffer;
import io.github.cortado.benchmarks.Answer;
import io.github.cortado.benchmarks.Arguments;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Whether a device stays as it is, as lines of JSON, each with all that is known by then: the same
 * bits from the same seed, step after step as written, again, and recorded; the same bytes in use
 * after thousands of steps; and work as before after memory ran out.
 */
public final class Steadiness {
    /** How often bytes are counted on the way. */
    private static final int SAMPLES = 20;

    private final Device device;
    private final int batch;
    private final Map<String, Object> found = new LinkedHashMap<>();

    private Steadiness(Device device, int batch) {
        this.device = device;
        this.batch = batch;
    }

    /**
     * Runs the program: {@code --device --batch}, the bits of so many {@code --compared} steps, at
     * most {@code --graph} recorded steps and {@code --eager} written ones, in about {@code
     * --seconds}; with {@code --bits} nothing but the bits.
     */
    public static void main(String[] line) {
        int code = 2;
        try {
            Arguments a = Arguments.parse(List.of(line), defaults());
            Answer answer = new Answer(System.out);
            answer.whole(run(a, answer));
            code = 0;
        } catch (Arguments.UsageException e) {
            System.err.println("Steadiness: " + e.getMessage());
        }
        System.exit(code);
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cuda");
        d.put("batch", "100");
        d.put("compared", "20");
        d.put("graph", "200000");
        d.put("eager", "20000");
        d.put("seconds", "20");
        d.put("bits", "false");
        return d;
    }

    /**
     * Does it.
     *
     * @param meanwhile takes the fields of a JSON line after each part
     * @return the fields of the last JSON line
     */
    static Map<String, Object> run(Arguments a, Consumer<Map<String, Object>> meanwhile) {
        Steadiness s = new Steadiness(Device.of(a.text("device")), a.count("batch"));
        s.sameBits(a.count("compared"));
        if (a.on("bits")) {
            return s.found;
        }
        meanwhile.accept(s.found);
        double half = a.count("seconds") / 2.0;
        s.found.put("graph", s.steps(true, a.count("graph"), half));
        meanwhile.accept(s.found);
        s.found.put("eager", s.steps(false, a.count("eager"), half));
        meanwhile.accept(s.found);
        s.outOfMemory();
        return s.found;
    }

    /** A training run from its beginning, always the same. */
    private final class Training {
        private final LeNet net;
        private final Adam adam;
        private final Tensor x;
        private final Tensor y;

        Training() {
            Seed.manualSeed(0);
            net = new LeNet();
            net.to(device);
            adam = new Adam(net.parameters(), 1e-3);
            long[] classes = new long[batch];
            float[] pixels = new float[batch * LeNet.CHANNELS * LeNet.SIDE * LeNet.SIDE];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = (i * 7919L % 2003) / 1001.5f - 1;
            }
            for (int i = 0; i < batch; i++) {
                classes[i] = i * 7L % LeNet.CLASSES;
            }
            x = Tensor.of(pixels, batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE).to(device).keep();
            y = Tensor.of(classes, batch).to(device).keep();
        }

        Tensor step() {
            adam.zeroGrad();
            Tensor loss = crossEntropy(net.forward(x), y);
            loss.backward();
            adam.step();
            return loss;
        }

        /** SHA-256 of all parameters' bits. */
        String bits() {
            MessageDigest digest = sha256();
            for (Tensor p : net.parameters()) {
                float[] values = p.toFloats();
                ByteBuffer bytes = ByteBuffer.allocate(values.length * Float.BYTES);
                for (float v : values) {
                    bytes.putInt(Float.floatToRawIntBits(v));
                }
                digest.update(bytes.array());
            }
            return HexFormat.of().formatHex(digest.digest());
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every Java has SHA-256", e);
        }
    }

    private void sameBits(int steps) {
        List<String> bits = new ArrayList<>();
        for (boolean recorded : new boolean[] {false, false, true}) {
            Training training = new Training();
            if (recorded) {
                try (CompiledStep<Tensor> step = device.compile(training::step)) {
                    repeat(step::run, steps);
                }
            } else {
                repeat(training::step, steps);
            }
            bits.add(training.bits());
        }
        found.put("steps_compared", steps);
        found.put("bits", bits.get(0));
        found.put("same_bits_again", bits.get(1).equals(bits.get(0)));
        found.put("same_bits_recorded", bits.get(2).equals(bits.get(0)));
    }

    private static void repeat(Runnable step, int times) {
        for (int i = 0; i < times; i++) {
            step.run();
        }
    }

    /** Steps until there have been enough or the time is over; bytes in use on the way. */
    private Map<String, Object> steps(boolean recorded, int most, double seconds) {
        Training training = new Training();
        List<Long> bytes = new ArrayList<>();
        long peak = 0;
        int done = 0;
        double spent = 0;
        try (CompiledStep<Tensor> step = device.compile(training::step)) {
            Runnable one = recorded ? step::run : training::step;
            // Until the step is recorded, and everything that lasts is there.
            repeat(one, 4);
            bytes.add(settled());
            Deadline end = Deadline.in(seconds);
            int chunk = Math.max(1, most / SAMPLES);
            while (done < most && end.left() > 0) {
                long begun = System.nanoTime();
                double sample = end.left() / Math.max(1, SAMPLES + 1 - bytes.size());
                int steps = 0;
                while (steps < chunk && (System.nanoTime() - begun) / 1e9 < sample) {
                    one.run();
                    steps++;
                    if (steps % 100 == 0) {
                        peak = Math.max(peak, device.bytesInUse());
                        device.synchronize();
                    }
                }
                device.synchronize();
                spent += (System.nanoTime() - begun) / 1e9;
                done += steps;
                bytes.add(settled());
            }
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("steps", done);
        out.put("seconds_of_steps", spent);
        out.put("bytes_in_use", bytes);
        out.put("peak_bytes", peak);
        out.put("flat", bytes.stream().distinct().count() == 1);
        return out;
    }

    /** Bytes in use once the garbage collector has found what nobody refers to. */
    private long settled() {
        Autograd.keepOutputs();
        long bytes = device.bytesInUse();
        for (int calm = 0; calm < 3; ) {
            System.gc();
            try {
                Thread.sleep(10);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return bytes;
            }
            long now = device.bytesInUse();
            calm = now == bytes ? calm + 1 : 0;
            bytes = now;
        }
        return bytes;
    }

    /** Takes memory until there is none, gives it back, and trains as before. */
    private void outOfMemory() {
        Training training = new Training();
        repeat(training::step, 3);
        long before = settled();
        if (before == 0) {
            // Tensors lie in Java's own memory, and to fill that is to fill the machine's.
            return;
        }
        List<Buffer> taken = new ArrayList<>();
        String message = "";
        int elements = 1 << 28;
        while (elements >= 1 << 20 && taken.size() < 4096) {
            try {
                taken.add(device.backend().empty(DType.FLOAT32, elements));
            } catch (OutOfMemoryError e) {
                message = message.isEmpty() ? String.valueOf(e.getMessage()) : message;
                elements /= 4;
            }
        }
        long most = device.bytesInUse();
        taken.forEach(b -> b.release("memory ran out"));
        taken.clear();
        training.step().item();
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("message", message);
        out.put("bytes_in_use_then", most);
        out.put("bytes_in_use_before", before);
        out.put("bytes_in_use_after", settled());
        found.put("out_of_memory", out);
    }
}
