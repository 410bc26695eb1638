package io.github.cortado.backend.cpu.vector;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions;
import io.github.cortado.backend.cpu.vector.product.Products;
import java.util.Arrays;
import java.util.Locale;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Prints the speed of the CPU kernels beside the machine's limit, a multiply-add loop on registers
 * alone, which runs before and after each of them: {@code KernelTiming [gemm] [conv] [math]}.
 */
public final class KernelTiming {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static volatile float sink;

    private KernelTiming() {}

    public static void main(String[] args) {
        System.out.printf(
                "java %s, %d threads, %d lanes%n",
                System.getProperty("java.version"), Parallel.threads(), SPECIES.length());
        String what = args.length == 0 ? "gemm conv math" : String.join(" ", args);
        for (int i = 0; i < 1000; i++) {
            peak();
        }
        if (what.contains("gemm")) {
            gemm(1024, 1024, 1024, false, false);
            gemm(512, 512, 512, false, false);
            gemm(100, 500, 1024, false, true);
            gemm(500, 1024, 100, true, false);
            gemm(100, 1024, 500, false, false);
            gemm(100, 10, 500, false, true);
            gemm(10, 500, 100, true, false);
            gemm(100, 500, 10, false, false);
        }
        if (what.contains("conv")) {
            conv(3, 32, 16);
            conv(16, 16, 32);
            conv(32, 8, 64);
        }
        if (what.contains("math")) {
            math("exp", ElementaryFunctions::exp);
            math("log", ElementaryFunctions::log);
            math("tanh", ElementaryFunctions::tanh);
            math("sigmoid", ElementaryFunctions::sigmoid);
        }
    }

    /** Nanoseconds an element on one thread, for data in the first-level cache. */
    private static void math(String name, Range function) {
        float[] x = RandomValues.random(2048, 1);
        float[] y = new float[x.length];
        double best = Double.MAX_VALUE;
        for (int i = 0; i < 20_000; i++) {
            long start = System.nanoTime();
            function.apply(x, 0, y, 0, x.length);
            best = Math.min(best, (double) (System.nanoTime() - start));
        }
        System.out.printf("%-34s best %.3f ns an element%n", name, best / x.length);
    }

    @FunctionalInterface
    private interface Range {
        void apply(float[] x, int xOff, float[] y, int yOff, int length);
    }

    /** The three directions of a 3x3 convolution of 100 pictures, stride 1, padding 1. */
    private static void conv(int in, int side, int out) {
        Conv2dSpec spec = new Conv2dSpec(100, in, side, side, out, 3, 3, 1, 1, 1, 1, 1, 1, 1);
        Buffer x = new HostBuffer.Floats(RandomValues.random(100 * in * side * side, 1));
        Buffer w = new HostBuffer.Floats(RandomValues.random(out * in * 9, 2));
        Buffer b = new HostBuffer.Floats(RandomValues.random(out, 3));
        Buffer y = new HostBuffer.Floats(RandomValues.random(100 * out * side * side, 4));
        String name = String.format(Locale.ROOT, "conv %d -> %d, %dx%d ", in, out, side, side);
        double flops = 2.0 * y.length() * in * 9;
        Backend backend = new VectorBackend();
        report(name + "forward", flops, () -> backend.conv2d(x, w, b, y, null, spec));
        report(
                name + "input gradient",
                flops,
                () -> backend.conv2dGrad(x, w, y, null, x, null, null, spec));
        report(
                name + "weight gradient",
                flops,
                () -> backend.conv2dGrad(x, w, y, null, null, w, b, spec));
    }

    private static void gemm(int m, int n, int k, boolean transA, boolean transB) {
        HostBuffer.Floats a = new HostBuffer.Floats(RandomValues.random(m * k, 1));
        HostBuffer.Floats b = new HostBuffer.Floats(RandomValues.random(k * n, 2));
        HostBuffer.Floats c = new HostBuffer.Floats(new float[m * n]);
        MatmulSpec spec = MatmulSpec.single(m, n, k, transA, transB);
        Products products = new Products();
        report(
                String.format(
                        Locale.ROOT,
                        "gemm %d x %d x %d%s%s",
                        m,
                        n,
                        k,
                        transA ? " A^T" : "",
                        transB ? " B^T" : ""),
                2.0 * m * n * k,
                () -> products.matmul(a, b, c, spec));
    }

    static void report(String name, double flops, Runnable body) {
        long end = System.nanoTime() + 500_000_000L;
        while (System.nanoTime() < end) {
            body.run();
        }
        // Short samples in turn with the limit, so that a busy moment of the machine hits both.
        double[] times = new double[200];
        double[] peaks = new double[times.length];
        int inner = (int) Math.max(1, 1_000_000 / Math.max(1, time(body, 1)));
        for (int i = 0; i < times.length; i++) {
            times[i] = time(body, inner) / (double) inner;
            peaks[i] = peak();
        }
        Arrays.sort(times);
        Arrays.sort(peaks);
        double median = times[times.length / 2];
        double medianPeak = peaks[times.length / 2];
        double bestPeak = peaks[times.length - 1];
        System.out.printf(
                "%-34s median %8.3f ms %6.1f of %4.0f GFLOP/s, %3.0f %% | best %8.3f ms %6.1f of"
                        + " %4.0f, %3.0f %%%n",
                name,
                median / 1e6,
                flops / median,
                medianPeak,
                100 * flops / median / medianPeak,
                times[0] / 1e6,
                flops / times[0],
                bestPeak,
                100 * flops / times[0] / bestPeak);
    }

    private static long time(Runnable body, int inner) {
        long start = System.nanoTime();
        for (int i = 0; i < inner; i++) {
            body.run();
        }
        return System.nanoTime() - start;
    }

    /** GFLOP/s of all threads together in a loop that touches no memory. */
    static double peak() {
        int chunks = 8 * Parallel.threads();
        int steps = 5_000;
        long start = System.nanoTime();
        Parallel.forChunks(chunks, chunk -> sink = multiplyAdds(steps, chunk * 1e-9f));
        long nanos = System.nanoTime() - start;
        return 2.0 * 16 * SPECIES.length() * steps * chunks / nanos;
    }

    private static float multiplyAdds(int steps, float seed) {
        FloatVector x = FloatVector.broadcast(SPECIES, 0.999f + seed);
        FloatVector y = FloatVector.broadcast(SPECIES, 0.001f);
        FloatVector a0 = FloatVector.broadcast(SPECIES, 0f);
        FloatVector a1 = FloatVector.broadcast(SPECIES, 1f);
        FloatVector a2 = FloatVector.broadcast(SPECIES, 2f);
        FloatVector a3 = FloatVector.broadcast(SPECIES, 3f);
        FloatVector a4 = FloatVector.broadcast(SPECIES, 4f);
        FloatVector a5 = FloatVector.broadcast(SPECIES, 5f);
        FloatVector a6 = FloatVector.broadcast(SPECIES, 6f);
        FloatVector a7 = FloatVector.broadcast(SPECIES, 7f);
        FloatVector a8 = FloatVector.broadcast(SPECIES, 8f);
        FloatVector a9 = FloatVector.broadcast(SPECIES, 9f);
        FloatVector a10 = FloatVector.broadcast(SPECIES, 10f);
        FloatVector a11 = FloatVector.broadcast(SPECIES, 11f);
        FloatVector a12 = FloatVector.broadcast(SPECIES, 12f);
        FloatVector a13 = FloatVector.broadcast(SPECIES, 13f);
        FloatVector a14 = FloatVector.broadcast(SPECIES, 14f);
        FloatVector a15 = FloatVector.broadcast(SPECIES, 15f);
        for (int i = 0; i < steps; i++) {
            a0 = a0.fma(x, y);
            a1 = a1.fma(x, y);
            a2 = a2.fma(x, y);
            a3 = a3.fma(x, y);
            a4 = a4.fma(x, y);
            a5 = a5.fma(x, y);
            a6 = a6.fma(x, y);
            a7 = a7.fma(x, y);
            a8 = a8.fma(x, y);
            a9 = a9.fma(x, y);
            a10 = a10.fma(x, y);
            a11 = a11.fma(x, y);
            a12 = a12.fma(x, y);
            a13 = a13.fma(x, y);
            a14 = a14.fma(x, y);
            a15 = a15.fma(x, y);
        }
        FloatVector sum = a0;
        sum = sum.add(a1);
        sum = sum.add(a2);
        sum = sum.add(a3);
        sum = sum.add(a4);
        sum = sum.add(a5);
        sum = sum.add(a6);
        sum = sum.add(a7);
        sum = sum.add(a8);
        sum = sum.add(a9);
        sum = sum.add(a10);
        sum = sum.add(a11);
        sum = sum.add(a12);
        sum = sum.add(a13);
        sum = sum.add(a14);
        sum = sum.add(a15);
        return sum.lane(0);
    }
}
