package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Which tasks go to cuDNN, which do not, and what they may do while a step is being recorded. */
@Tag("libraries")
class LibrariesTest {
    private static final Conv2dSpec PLAIN =
            new Conv2dSpec(2, 3, 6, 5, 4, 3, 3, 1, 1, 1, 1, 1, 1, 1);

    private static final Conv2dSpec[] TRANSFORMED = {
        PLAIN, new Conv2dSpec(1, 64, 12, 12, 8, 3, 3, 1, 1, 1, 1, 1, 1, 1)
    };

    private final CudaBackend backend = (CudaBackend) Emulation.backend();
    private final ScalarBackend oracle = new ScalarBackend();

    @BeforeEach
    void forgetCalls() {
        EmulatedLibraries.calls();
    }

    private static Task task(Conv2dSpec s, boolean bias, boolean relu) {
        return new Task(Op.CONV, s, bias, relu, false);
    }

    private static int x(Conv2dSpec s) {
        return s.n() * s.inChannels() * s.h() * s.w();
    }

    private static int w(Conv2dSpec s) {
        return s.outChannels() * (s.inChannels() / s.groups()) * s.kernelH() * s.kernelW();
    }

    private static int y(Conv2dSpec s) {
        return s.n() * s.outChannels() * s.outH() * s.outW();
    }

    private static float[] conv(Backend b, Conv2dSpec s) {
        Buffer y = Floats.rubbish(b, y(s));
        b.conv2d(Floats.random(b, 1, x(s)), Floats.random(b, 2, w(s)), null, y, null, s);
        return Floats.read(b, y);
    }

    @Test
    void theLibrariesSayWhatTheyAreAndWhere() {
        String line = backend.choices().libraries().describe(Library.CUDNN);
        assertTrue(line.startsWith("cuDNN 9.") && line.endsWith("/libcudnn.so.9"), line);
    }

    @Test
    void addressesThatAreNotAlignedGoToOurKernels() {
        Buffer x = Floats.random(backend, 1, x(PLAIN) + 1);
        Buffer w = Floats.random(backend, 2, w(PLAIN));
        Buffer y = Floats.rubbish(backend, y(PLAIN));
        backend.conv2d(x.slice(1, x(PLAIN)), w, null, y, null, PLAIN);
        Pointwise.relu(backend, y.slice(1, 7), y.slice(8, 7));
        backend.synchronize();
        assertTrue(EmulatedLibraries.calls().isEmpty());
        backend.conv2d(x.slice(0, x(PLAIN)), w, null, y, null, PLAIN);
        Pointwise.relu(backend, y.slice(4, 4), y.slice(8, 4));
        backend.synchronize();
        EmulatedLibraries.assertCalls(1, "cudnnConvolutionForward");
    }

    /** The emulated cuDNN finds out only when it is called that it has no code for this. */
    @Test
    void whatIsRefusedGoesToOurKernelsFromThenOn() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        Conv2dSpec s = new Conv2dSpec(1, 2, 13, 5, 3, 11, 3, 1, 1, 0, 1, 1, 1, 1);
        float[] right = conv(oracle, s);
        Floats.assertClose(right, conv(backend, s), 66, "refused");
        EmulatedLibraries.assertCalls(1, "cudnnConvolutionForward");
        assertEquals(Optional.of(Way.OWN), backend.choices().made(task(s, false, false)));
        Floats.assertClose(right, conv(backend, s), 66, "the second time");
        EmulatedLibraries.assertCalls(0, "cudnnConvolutionForward");
    }

    @Test
    void whatCannotBeDescribedGoesToOurKernels() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        Pool2dSpec s = new Pool2dSpec(1, 2, 13, 5, 11, 3, 1, 1, 0, 0, true);
        Buffer x = Floats.random(backend, 1, 130);
        Buffer y = Floats.rubbish(backend, 2 * 3 * 3);
        backend.maxPool2d(x, y, null, s);
        Buffer right = Floats.rubbish(oracle, 2 * 3 * 3);
        oracle.maxPool2d(Floats.random(oracle, 1, 130), right, null, s);
        assertArrayEquals(Floats.read(oracle, right), read(y));
        assertEquals(Optional.of(Way.OWN), backend.choices().made(Task.of(Op.MAX_POOL, s)));
        assertTrue(EmulatedLibraries.calls().isEmpty());
    }

    @Test
    void aBiasIsFusedWhereTheAlgorithmCanAndNeverWithARelu() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        // Winograd is the emulated cuDNN's favourite for this, and for the other the one that
        // fuses.
        Conv2dSpec other = new Conv2dSpec(2, 3, 6, 5, 4, 3, 3, 2, 1, 1, 1, 1, 1, 1);
        for (Conv2dSpec s : new Conv2dSpec[] {PLAIN, other}) {
            Buffer x = Floats.random(backend, 1, x(s));
            Buffer w = Floats.random(backend, 2, w(s));
            Buffer b = Floats.random(backend, 3, s.outChannels());
            Buffer y = Floats.rubbish(backend, y(s));
            backend.conv2d(x, w, b, y, null, s);
            long fused = s.equals(other) ? 1 : 0;
            var calls = EmulatedLibraries.calls();
            assertEquals(fused, calls.getOrDefault("cudnnConvolutionBiasActivationForward", 0L));
            assertEquals(1 - fused, calls.getOrDefault("cudnnConvolutionForward", 0L));
            backend.conv2d(x, w, b, y, null, s.rectified(Double.POSITIVE_INFINITY));
            EmulatedLibraries.assertCalls(1, "cudnnConvolutionForward");
        }
    }

    @Test
    void nanComesThroughConvolutionReluAndPooling() {
        Conv2dSpec s = new Conv2dSpec(1, 1, 2, 2, 1, 1, 1, 1, 1, 0, 0, 1, 1, 1);
        Buffer x = Floats.on(backend, Float.NaN, -1, 2, 3);
        Buffer y = Floats.rubbish(backend, 4);
        backend.choices().taken();
        backend.conv2d(
                x,
                Floats.on(backend, 1),
                Floats.on(backend, 0.5f),
                y,
                null,
                s.rectified(Double.POSITIVE_INFINITY));
        float[] convolved = Floats.read(backend, y);
        if (Arithmetic.of(backend.choices().taken()) == Arithmetic.SUMS) {
            assertArrayEquals(new float[] {Float.NaN, 0, 2.5f, 3.5f}, convolved);
        } else {
            // A transform takes it to its neighbours, too.
            assertTrue(Float.isNaN(convolved[0]));
        }
        Pointwise.relu(backend, x, y);
        assertArrayEquals(new float[] {Float.NaN, 0, 2, 3}, Floats.read(backend, y));
        Buffer max = Floats.rubbish(backend, 1);
        backend.maxPool2d(x, max, null, new Pool2dSpec(1, 1, 2, 2, 2, 2, 2, 2, 0, 0, true));
        assertArrayEquals(new float[] {Float.NaN}, Floats.read(backend, max));
        EmulatedLibraries.assertCalls(1, "cudnnActivationForward");
    }

    /** That the limits of algorithms that are less exact still find what is wrong. */
    @Test
    void whatIsWrongIsFoundWithinTheLimitsOfTransformsToo() {
        for (Conv2dSpec s : TRANSFORMED) {
            int terms = s.inChannels() * 9;
            float[] right = conv(oracle, s);
            backend.choices().taken();
            float[] found = conv(backend, s);
            Arithmetic by = Arithmetic.of(backend.choices().taken());
            Floats.assertClose(right, found, terms, by, "cuDNN");
            if (!Emulation.isOnGpu()) {
                assertEquals(Arithmetic.WINOGRAD, by);
            }
            if (!Emulation.isOnGpu() && s.equals(PLAIN)) {
                assertThrows(
                        AssertionError.class,
                        () -> Floats.assertClose(right, found, terms, "as exact as sums"));
            }
            float[] w = Floats.random(2, w(s));
            w[w.length / 2] = 0;
            assertFound(right, convolved(s, Floats.random(1, x(s)), w), terms, "a weight left out");
            float[] rounded =
                    convolved(s, tf32(Floats.random(1, x(s))), tf32(Floats.random(2, w(s))));
            assertFound(right, rounded, terms, "TF32");
        }
    }

    private static void assertFound(float[] right, float[] wrong, int terms, String what) {
        assertThrows(
                AssertionError.class,
                () -> Floats.assertClose(right, wrong, terms, Arithmetic.WINOGRAD, what),
                what);
    }

    private float[] convolved(Conv2dSpec s, float[] x, float[] w) {
        Buffer y = Floats.rubbish(oracle, y(s));
        oracle.conv2d(Floats.on(oracle, x), Floats.on(oracle, w), null, y, null, s);
        return Floats.read(oracle, y);
    }

    private static float[] tf32(float[] v) {
        float[] r = new float[v.length];
        for (int i = 0; i < v.length; i++) {
            r[i] = Float.intBitsToFloat(Float.floatToRawIntBits(v[i]) + 0x1000 & ~0x1fff);
        }
        return r;
    }

    /** Everything of a small network's step, on other numbers at every replay. */
    @Test
    void replaysDoWhatTheCallsDo() {
        Pool2dSpec pool = new Pool2dSpec(2, 4, 6, 5, 2, 2, 2, 2, 0, 0, true);
        int pooled = 2 * 4 * pool.outH() * pool.outW();
        Buffer x = Floats.random(backend, 1, x(PLAIN));
        Buffer w = Floats.random(backend, 2, w(PLAIN));
        Buffer b = Floats.random(backend, 3, 4);
        Buffer dw = Floats.rubbish(backend, w(PLAIN));
        Buffer db = Floats.rubbish(backend, 4);
        Buffer dx = Floats.rubbish(backend, x(PLAIN));
        Runnable code =
                () -> {
                    Buffer y = backend.empty(x.dtype(), y(PLAIN));
                    backend.conv2d(x, w, b, y, null, PLAIN);
                    Pointwise.relu(backend, y, y);
                    Buffer z = backend.empty(x.dtype(), pooled);
                    backend.maxPool2d(y, z, null, pool);
                    Buffer dy = backend.empty(x.dtype(), y(PLAIN));
                    backend.maxPool2dGrad(y, null, z, dy, pool);
                    Pointwise.reluGrad(backend, y, dy, dy);
                    backend.conv2dGrad(x, w, dy, null, dx, dw, db, PLAIN);
                };
        try (CompiledStep<String> step =
                backend.compile(
                        () -> {
                            code.run();
                            return "";
                        })) {
            for (int i = 0; i < 5; i++) {
                backend.upload(Floats.random(10 + i, x(PLAIN)), x);
                step.run();
                float[][] recorded = {read(dx), read(dw), read(db)};
                for (Buffer result : new Buffer[] {dx, dw, db}) {
                    backend.fill(result, Double.NaN);
                }
                code.run();
                assertArrayEquals(read(dx), recorded[0], "dx of run " + i);
                assertArrayEquals(read(dw), recorded[1], "dw of run " + i);
                assertArrayEquals(read(db), recorded[2], "db of run " + i);
            }
            assertTrue(step.description().startsWith("a CUDA graph of "), step.description());
        }
    }

    private float[] read(Buffer b) {
        return Floats.read(backend, b);
    }

    @Test
    void aSizeThatIsFirstMetInARecordingIsRefused() {
        int[] runs = {0};
        try (CompiledStep<String> step =
                backend.compile(
                        () -> {
                            // Two runs of the code come before the recording.
                            int n = runs[0]++ < 2 ? 3 : 7;
                            Conv2dSpec s = new Conv2dSpec(n, 1, 4, 4, 1, 2, 2, 1, 1, 0, 0, 1, 1, 1);
                            Buffer y = backend.allocate(DType.FLOAT32, y(s));
                            Buffer x = backend.allocate(y.dtype(), x(s));
                            backend.conv2d(x, x.slice(0, 4), null, y, null, s);
                            return "";
                        })) {
            Executable threeRuns =
                    () -> {
                        for (int i = 0; i < 3; i++) {
                            step.run();
                        }
                    };
            var e = assertThrows(IllegalStateException.class, threeRuns);
            assertTrue(
                    e.getMessage().startsWith("making cuDNN's plan for conv2d fp32 Conv2dSpec[n=7"),
                    e.getMessage());
            assertTrue(e.getMessage().contains("LibrariesTest.java:"), e.getMessage());
        }
        // The stream and the memory are as before.
        backend.choices().taken();
        float[] found = conv(backend, PLAIN);
        Arithmetic by = Arithmetic.of(backend.choices().taken());
        Floats.assertClose(conv(oracle, PLAIN), found, 27, by, "after it");
    }

    @Test
    void cudnnsDropoutIsAFunctionOfTheSameNumbersAsOurs() {
        int n = 4000;
        Task task = Task.of(Op.DROPOUT, new Task.Elements(n));
        Cudnn cudnn = backend.choices().cudnn();
        Buffer x = Floats.on(backend, Floats.random(1, n));
        Buffer ones = backend.allocate(x.dtype(), n);
        backend.fill(ones, 1);
        Buffer y = Floats.rubbish(backend, n);
        RandomStream s = new RandomStream(7, 2, 5_000_000_000L);
        cudnn.dropout(ones, y, 0.25f, s, task);
        float[] mask = read(y);
        int kept = 0;
        for (float m : mask) {
            assertTrue(m == 0 || m == 1 / 0.75f, () -> "a factor of " + m);
            kept += m == 0 ? 0 : 1;
        }
        assertEquals(0.75, (double) kept / n, 0.03);
        cudnn.dropout(x, y, 0.25f, s, task);
        float[] masked = read(y);
        float[] from = read(x);
        for (int i = 0; i < n; i++) {
            assertEquals(from[i] * mask[i], masked[i], 1e-6);
        }
        for (RandomStream other :
                new RandomStream[] {
                    new RandomStream(8, 2, 5_000_000_000L),
                    new RandomStream(7, 3, 5_000_000_000L),
                    new RandomStream(7, 2, 5_000_000_001L)
                }) {
            cudnn.dropout(ones, y, 0.25f, other, task);
            int same = 0;
            float[] found = read(y);
            for (int i = 0; i < n; i++) {
                same += found[i] == mask[i] ? 1 : 0;
            }
            // 0.75^2 + 0.25^2 of independent masks.
            assertEquals(0.625, (double) same / n, 0.04, other.toString());
        }
    }

    @Test
    void cudnnsDropoutIsNotRecorded() {
        Task task = Task.of(Op.DROPOUT, new Task.Elements(8));
        Buffer x = Floats.random(backend, 1, 8);
        RandomStream s = new RandomStream(1, 0, 0);
        try (CompiledStep<Buffer> step =
                backend.compile(
                        () -> {
                            backend.choices().cudnn().dropout(x, x, 0.5f, s, task);
                            return x;
                        })) {
            step.run();
            step.run();
            var e = assertThrows(IllegalStateException.class, step::run);
            assertTrue(
                    e.getMessage().startsWith("cuDNN's dropout, which cortado.cuda.dropout asks"),
                    e.getMessage());
        }
    }

    @Test
    void tf32IsAllowedOnlyWhereTheGpuHasIt() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        assertEquals(75, backend.gpu().properties().capability());
        assertEquals(false, backend.allowTf32(true));
        assertEquals(false, backend.isTf32());
    }

    @Test
    void tf32RoundsFactorsOfConvolutionsAndProductsAndCanBeTakenBack() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        Conv2dSpec s = PLAIN;
        float[] right = conv(backend, s);
        float[] product = linear(backend);
        EmulatorKnob.turn(backend.gpu(), "capability", 80);
        try (OtherBackend other = new OtherBackend()) {
            CudaBackend b = other.backend;
            assertArrayEquals(right, conv(b, s));
            assertEquals(true, b.allowTf32(true));
            EmulatedLibraries.calls();
            float[] rounded = conv(b, s);
            float[] roundedProduct = linear(b);
            EmulatedLibraries.assertCalls(2, "tf32");
            assertRounded(right, rounded);
            assertRounded(product, roundedProduct);
            assertEquals(false, b.allowTf32(false));
            assertArrayEquals(right, conv(b, s));
            assertArrayEquals(product, linear(b));
            EmulatedLibraries.assertCalls(2, "fp32");
        } finally {
            EmulatorKnob.turn(backend.gpu(), "capability", 75);
        }
    }

    private static float[] linear(Backend b) {
        Buffer y = Floats.rubbish(b, 12);
        b.linear(
                Floats.random(b, 1, 3 * 20),
                Floats.random(b, 2, 4 * 20),
                null,
                y,
                new LinearSpec(3, 4, 20));
        return Floats.read(b, y);
    }

    /** Differs, but by no more than factors of 2^-11. */
    private static void assertRounded(float[] right, float[] found) {
        double most = 0;
        for (int i = 0; i < right.length; i++) {
            most = Math.max(most, Math.abs(right[i] - found[i]));
        }
        assertNotEquals(0, most);
        assertTrue(most < 27 * 0x1p-10, "differs by " + most);
    }
}
