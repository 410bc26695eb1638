package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Pool2dSpec;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.function.BiFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Products and convolutions on tensor cores, compared with the scalar backend on inputs that were
 * rounded to TF32 beforehand: then the same numbers are multiplied, and only how they are added
 * differs, as far as {@link Sums} allows. The emulated driver has functions in place of the three
 * instructions, which add in either of two ways.
 */
@Tag("own")
class Tf32Test {
    private static final Conv2dSpec[] CONVOLUTIONS = {
        square(2, 3, 8, 16, 3, 1, 1),
        square(3, 16, 9, 70, 3, 1, 1),
        square(2, 5, 11, 33, 5, 2, 2),
        new Conv2dSpec(2, 6, 7, 10, 8, 3, 2, 2, 1, 1, 0, 1, 2, 2),
        square(1, 40, 12, 40, 1, 1, 0),
    };

    private static final int[][] SIZES = {
        {1, 1, 1}, {64, 64, 16}, {65, 70, 33}, {7, 130, 300}, {150, 20, 900}
    };

    /** Whether the emulated tensor cores cut off what they add; those of a GPU are as they are. */
    private static final boolean[] TRUNCATING =
            Emulation.isOnGpu() ? new boolean[1] : new boolean[] {false, true};

    private static OtherBackend other;
    private static Backend gpu;
    private final Backend plain = Device.of("cpu-scalar").backend();
    private final SplittableRandom random = new SplittableRandom(5);

    @BeforeAll
    static void allow() {
        setCapability(80);
        other = new OtherBackend(Preferences.USE, Library.OWN.key());
        gpu = other.backend;
        assumeTrue(
                gpu.allowTf32(true),
                "SKIPPED: this GPU has compute capability "
                        + other.backend.gpu().properties().capability()
                        + ", TF32 needs 80");
    }

    @AfterAll
    static void restore() {
        // Nothing was opened where there is no g++.
        if (other != null) {
            tensorCores(false);
            other.close();
            setCapability(75);
        }
    }

    private static void setCapability(long capability) {
        Emulation.backend();
        if (!Emulation.isOnGpu()) {
            try (OtherBackend any = new OtherBackend(Preferences.USE, Library.OWN.key())) {
                EmulatorKnob.turn(any.backend.gpu(), "capability", capability);
            }
        }
    }

    private static Conv2dSpec square(
            int n, int in, int side, int out, int kernel, int stride, int pad) {
        return new Conv2dSpec(
                n, in, side, side, out, kernel, kernel, stride, stride, pad, pad, 1, 1, 1);
    }

    private float[] numbers(int n) {
        float[] v = new float[n];
        for (int i = 0; i < n; i++) {
            v[i] = (float) (2 * random.nextDouble() - 1);
        }
        return v;
    }

    private static float[][] rounded(float[][] all) {
        return Arrays.stream(all).map(Tf32Test::rounded).toArray(float[][]::new);
    }

    /** To the nearest number with 10 bits of mantissa, ties away from zero. */
    private static float[] rounded(float[] v) {
        float[] r = new float[v.length];
        for (int i = 0; i < v.length; i++) {
            r[i] = Float.intBitsToFloat(Float.floatToRawIntBits(v[i]) + 0x1000 & ~0x1fff);
        }
        return r;
    }

    private static Buffer in(Backend b, float[] v) {
        Buffer buffer = b.allocate(DType.FLOAT32, v.length);
        b.upload(v, buffer);
        return buffer;
    }

    /**
     * Computes with both, and compares; the plain one gets rounded inputs. On the emulated driver
     * both with tensor cores that round to the nearest and with some that cut off.
     */
    private void compare(
            String what,
            int terms,
            int results,
            BiFunction<Backend, Buffer[], Buffer> work,
            float[]... inputs) {
        Sums right = Sums.of(plain, terms, results, work, rounded(inputs));
        for (boolean truncating : TRUNCATING) {
            tensorCores(truncating);
            float[] found = Sums.run(gpu, results, work, inputs);
            int worst = right.farthest(found);
            assertTrue(
                    right.distance(found, worst) <= 1,
                    () -> what + " at " + worst + ": " + right.describe(found, worst));
        }
    }

    private static void tensorCores(boolean truncating) {
        if (!Emulation.isOnGpu()) {
            EmulatorKnob.turn(other.backend.gpu(), "truncating", truncating ? 1 : 0);
        }
    }

    @Test
    void products() {
        for (int[] s : SIZES) {
            for (int t = 0; t < 4; t++) {
                MatmulSpec spec = MatmulSpec.single(s[0], s[1], s[2], t % 2 == 1, t / 2 == 1);
                compare(
                        "product " + Arrays.toString(s) + " transposed " + t,
                        s[2],
                        s[0] * s[1],
                        (b, x) -> {
                            Buffer y = b.allocate(DType.FLOAT32, s[0] * s[1]);
                            b.matmul(x[0], x[1], y, spec);
                            return y;
                        },
                        numbers(s[0] * s[2]),
                        numbers(s[2] * s[1]));
            }
        }
    }

    /** That the limits, wide as they are, find what is rounded wrongly. */
    @Test
    void factorsThatAreNotRoundedOrCutOffAndResultsThatAreRoundedTooAreFound() {
        for (int[] s : SIZES) {
            if (s[2] == 1) {
                // A single product may happen to be the same.
                continue;
            }
            int n = s[0] * s[1];
            BiFunction<Backend, Buffer[], Buffer> work =
                    (b, x) -> {
                        Buffer y = b.allocate(DType.FLOAT32, n);
                        b.matmul(x[0], x[1], y, MatmulSpec.single(s[0], s[1], s[2], false, false));
                        return y;
                    };
            float[][] inputs = {numbers(s[0] * s[2]), numbers(s[2] * s[1])};
            Sums right = Sums.of(plain, s[2], n, work, rounded(inputs));
            String size = "product " + Arrays.toString(s);
            assertFound(right, Sums.run(plain, n, work, inputs), size + ", not rounded");
            float[][] cutOff = Arrays.stream(inputs).map(Tf32Test::cutOff).toArray(float[][]::new);
            assertFound(right, Sums.run(plain, n, work, cutOff), size + ", cut off");
            float[] twice = rounded(Sums.run(plain, n, work, rounded(inputs)));
            assertFound(right, twice, size + ", the result rounded too");
            gpu.allowTf32(false);
            float[] without = Sums.run(gpu, n, work, inputs);
            gpu.allowTf32(true);
            assertFound(right, without, size + ", by kernels without TF32");
        }
    }

    private static void assertFound(Sums right, float[] wrong, String what) {
        int worst = right.farthest(wrong);
        assertTrue(
                right.distance(wrong, worst) > 2,
                () -> what + " passes: " + right.describe(wrong, worst));
    }

    /** Without the bits of which a tensor core takes no notice. */
    private static float[] cutOff(float[] v) {
        float[] r = new float[v.length];
        for (int i = 0; i < v.length; i++) {
            r[i] = Float.intBitsToFloat(Float.floatToRawIntBits(v[i]) & ~0x1fff);
        }
        return r;
    }

    @Test
    void largeProductsUseLargeTiles() {
        int multiprocessors = other.backend.gpu().properties().multiprocessors();
        int batch = multiprocessors;
        int k = 17;
        int[] a = new int[batch];
        int[] b = new int[batch];
        Arrays.setAll(a, i -> i * 130 * k);
        Arrays.setAll(b, i -> i * 9 * k);
        MatmulSpec spec = new MatmulSpec(130, 9, k, false, false, a, b);
        compare(
                "a batch of products",
                k,
                batch * 130 * 9,
                (backend, x) -> {
                    Buffer y = backend.allocate(DType.FLOAT32, batch * 130 * 9);
                    backend.matmul(x[0], x[1], y, spec);
                    return y;
                },
                numbers(batch * 130 * k),
                numbers(batch * 9 * k));
    }

    @Test
    void linearWithBiasAndRelu() {
        int m = 20;
        int n = 50;
        int k = 100;
        float[] bias = rounded(numbers(n));
        compare(
                "linear",
                k,
                m * n,
                (b, x) -> {
                    Buffer y = b.allocate(DType.FLOAT32, m * n);
                    b.linear(x[0], x[1], x[2], y, new LinearSpec(m, n, k).withRelu());
                    return y;
                },
                numbers(m * k),
                numbers(n * k),
                bias);
    }

    @Test
    void convolutions() {
        for (Conv2dSpec s : CONVOLUTIONS) {
            int terms = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
            compare(
                    "conv2d with ReLU " + s,
                    terms,
                    s.outputSize(),
                    (b, x) -> {
                        Buffer y = b.allocate(DType.FLOAT32, s.outputSize());
                        b.conv2d(x[0], x[1], x[2], y, null, s.rectified(Double.POSITIVE_INFINITY));
                        return y;
                    },
                    numbers(inputs(s)),
                    numbers(weights(s)),
                    rounded(numbers(s.outChannels())));
        }
    }

    @Test
    void convolutionsWithPoolingBehindThem() {
        Conv2dSpec[] pooled = {
            square(3, 3, 8, 20, 3, 1, 1),
            square(2, 16, 16, 70, 3, 1, 1),
            square(5, 2, 4, 3, 5, 1, 2),
            new Conv2dSpec(2, 6, 6, 32, 8, 3, 3, 1, 1, 1, 1, 1, 1, 2),
            // Rows of 9, for which tiles have no whole windows.
            square(2, 3, 9, 8, 3, 1, 1),
        };
        for (Conv2dSpec s : pooled) {
            Pool2dSpec pool =
                    new Pool2dSpec(
                                    s.n(),
                                    s.outChannels(),
                                    s.outH(),
                                    s.outW(),
                                    2,
                                    2,
                                    2,
                                    2,
                                    0,
                                    0,
                                    true)
                            .withRelu();
            Conv2dSpec pass = s.pooled(pool);
            int windows = s.n() * s.outChannels() * pool.outH() * pool.outW();
            int terms = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
            float[] x = numbers(inputs(s));
            float[] w = numbers(weights(s));
            float[] bias = rounded(numbers(s.outChannels()));
            float[] dy = numbers(windows);
            compare(
                    "pooled conv2d " + s,
                    terms,
                    windows,
                    (b, in) -> {
                        Buffer y = b.allocate(DType.FLOAT32, windows);
                        Buffer index = b.allocate(DType.UINT8, windows);
                        b.conv2d(in[0], in[1], in[2], y, index, pass);
                        return y;
                    },
                    x,
                    w,
                    bias);
            int size = inputs(s) + weights(s) + s.outChannels();
            byte[] index = new byte[windows];
            Buffer indexBuffer = gpu.allocate(DType.UINT8, windows);
            Buffer y = gpu.allocate(DType.FLOAT32, windows);
            gpu.conv2d(in(gpu, x), in(gpu, w), in(gpu, bias), y, indexBuffer, pass);
            gpu.download(indexBuffer, index);
            compare(
                    "pooled conv2dGrad " + s,
                    s.n() * s.outH() * s.outW(),
                    size,
                    (b, in) -> {
                        Buffer all = b.allocate(DType.FLOAT32, size);
                        Buffer places = b.allocate(DType.UINT8, windows);
                        b.upload(index, places);
                        b.conv2dGrad(
                                in[0],
                                in[1],
                                in[2],
                                places,
                                all.slice(0, inputs(s)),
                                all.slice(inputs(s), weights(s)),
                                all.slice(inputs(s) + weights(s), s.outChannels()),
                                pass);
                        return all;
                    },
                    x,
                    w,
                    dy);
        }
    }

    @Test
    void gradientsOfInputs() {
        for (Conv2dSpec s : CONVOLUTIONS) {
            compare(
                    "conv2dGrad by x " + s,
                    s.outChannels() / s.groups() * s.kernelH() * s.kernelW(),
                    inputs(s),
                    (b, x) -> {
                        Buffer dx = b.allocate(DType.FLOAT32, inputs(s));
                        b.conv2dGrad(dx, x[1], x[0], null, dx, null, null, s);
                        return dx;
                    },
                    numbers(s.outputSize()),
                    numbers(weights(s)));
        }
    }

    @Test
    void gradientsOfWeightsAndBiases() {
        for (Conv2dSpec s : CONVOLUTIONS) {
            int size = weights(s) + s.outChannels();
            compare(
                    "conv2dGrad by w " + s,
                    s.n() * s.outH() * s.outW(),
                    size,
                    (b, x) -> {
                        Buffer both = b.allocate(DType.FLOAT32, size);
                        Buffer dw = both.slice(0, weights(s));
                        Buffer db = both.slice(weights(s), s.outChannels());
                        b.conv2dGrad(x[0], dw, x[1], null, null, dw, db, s);
                        return both;
                    },
                    numbers(inputs(s)),
                    numbers(s.outputSize()));
        }
    }

    @Test
    void itIsOffUnlessAllowed() {
        assertTrue(other.backend.isTf32());
        assertFalse(gpu.allowTf32(false));
        assertFalse(other.backend.isTf32());
        assertTrue(gpu.allowTf32(true));
    }

    private static int inputs(Conv2dSpec s) {
        return s.n() * s.inChannels() * s.h() * s.w();
    }

    private static int weights(Conv2dSpec s) {
        return s.outChannels() * (s.inChannels() / s.groups()) * s.kernelH() * s.kernelW();
    }
}
