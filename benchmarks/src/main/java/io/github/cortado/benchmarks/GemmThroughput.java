package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * The speed of the product of two square matrices in float32, as one JSON line: GFLOP/s of every
 * repetition and their median, a product counted as 2 size^3 operations.
 */
public final class GemmThroughput {
    private GemmThroughput() {}

    /** Runs the program: {@code --device --threads --size --reps --warmup} (products). */
    public static void main(String[] line) {
        Arguments.main(GemmThroughput.class, line, defaults(), a -> Json.write(run(a)));
    }

    static Map<String, String> defaults() {
        Map<String, String> d = new LinkedHashMap<>();
        d.put("device", "cpu");
        d.put("threads", "" + Runtime.getRuntime().availableProcessors());
        d.put("size", "1024");
        d.put("reps", "30");
        d.put("warmup", "60");
        d.put("millis", "2000");
        return d;
    }

    static Map<String, Object> run(Arguments a) {
        int size = a.count("size");
        int threads = a.count("threads");
        Device device = Device.of(a.text("device"));
        Tensor left = random(size, 1).to(device);
        Tensor right = random(size, 2).to(device);
        int warmUp = a.count("warmup");
        WarmUp.run(warmUp, a.count("millis"), () -> product(left, right));
        List<Double> rates = new ArrayList<>();
        int reps = a.count("reps");
        for (int i = 0; i < reps; i++) {
            long start = System.nanoTime();
            product(left, right);
            rates.add(2.0 * size * size * size / (System.nanoTime() - start));
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("cortado", device.description());
        out.put("java", System.getProperty("java.vm.version"));
        out.put("device", device.name());
        out.put("threads", threads);
        out.put("size", size);
        out.put("gflops", rates);
        out.put("median", Series.median(rates));
        return out;
    }

    private static void product(Tensor left, Tensor right) {
        // Reading a value waits for devices that compute behind our back.
        left.matmul(right).get(0, 0);
    }

    private static Tensor random(int size, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] x = new float[size * size];
        for (int i = 0; i < x.length; i++) {
            x[i] = (float) (2 * random.nextDouble() - 1);
        }
        return Tensor.of(x, size, size);
    }
}
