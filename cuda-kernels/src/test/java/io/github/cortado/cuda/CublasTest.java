package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.CompiledStep;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Matrix products by cuBLAS: run with 12, and with a binding re-targeted to 13. */
@Tag("cublas")
class CublasTest {
    private final CudaBackend backend = (CudaBackend) Emulation.backend();
    private final ScalarBackend oracle = new ScalarBackend();

    @BeforeEach
    void forgetCalls() {
        EmulatedLibraries.calls();
    }

    @Test
    void theVersionThatIsThereIsUsed() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
        String major = System.getProperty(Emulation.LIBRARIES).startsWith("cublas13") ? "13" : "12";
        String line = backend.choices().libraries().describe(Library.CUBLAS);
        assertTrue(line.startsWith("cuBLAS " + major + ".1.1, /"), line);
        assertTrue(line.endsWith("/libcublas.so." + major), line);
    }

    @ParameterizedTest
    @CsvSource({"1,1,1", "3,5,7", "33,1,64", "1,47,19", "70,65,130"})
    void productsAreRowMajorWithEveryTransposition(int m, int n, int k) {
        for (int t = 0; t < 4; t++) {
            MatmulSpec s = MatmulSpec.single(m, n, k, (t & 1) != 0, (t & 2) != 0);
            compare(s, m * k, k * n);
        }
        EmulatedLibraries.assertCalls(4, "cublasGemmEx");
    }

    @Test
    void batchesAreOneCallWithAnyRegularOffsets() {
        int[][][] offsets = {
            {{0, 35, 70}, {0, 28, 56}},
            {{35, 35, 35}, {28, 28, 28}},
            {{0, 35, 70}, {56, 56, 56}},
            {{5, 45, 85}, {1, 30, 59}},
        };
        for (int[][] of : offsets) {
            compare(new MatmulSpec(5, 4, 7, false, true, of[0], of[1]), 130, 90);
            compare(new MatmulSpec(5, 4, 7, true, false, of[0], of[1]), 130, 90);
        }
        EmulatedLibraries.assertCalls(8, "cublasGemmStridedBatchedEx");
    }

    @Test
    void whatCublasDoesNotTakeOurKernelsDo() {
        compare(new MatmulSpec(2, 3, 4, false, false, new int[] {8, 0}, new int[] {0, 0}), 16, 12);
        compare(MatmulSpec.single(2, 3, 0, false, false), 0, 0);
        assertTrue(EmulatedLibraries.calls().isEmpty());
        // One product at a time, each of which it can do.
        compare(
                new MatmulSpec(2, 3, 4, false, false, new int[] {0, 8, 0}, new int[] {0, 0, 12}),
                16,
                24);
        EmulatedLibraries.assertCalls(3, "cublasGemmEx");
    }

    private void compare(MatmulSpec s, int aLength, int bLength) {
        float[] a = Floats.random(1, aLength);
        float[] b = Floats.random(2, bLength);
        int length = s.batch() * s.m() * s.n();
        Buffer right = Floats.rubbish(oracle, length);
        oracle.matmul(Floats.on(oracle, a), Floats.on(oracle, b), right, s);
        Buffer found = Floats.rubbish(backend, length);
        backend.matmul(Floats.on(backend, a), Floats.on(backend, b), found, s);
        Floats.assertClose(
                Floats.read(oracle, right), Floats.read(backend, found), s.k(), s.toString());
    }

    @ParameterizedTest
    @CsvSource({"3,5,7", "64,10,33", "1,1,1"})
    void biasAndReluFollow(int m, int n, int k) {
        for (boolean relu : new boolean[] {false, true}) {
            for (boolean bias : new boolean[] {false, true}) {
                Floats.assertClose(
                        linear(oracle, m, n, k, bias, relu),
                        linear(backend, m, n, k, bias, relu),
                        k,
                        m + " " + n + " " + k);
            }
        }
        EmulatedLibraries.assertCalls(4, "cublasGemmEx");
    }

    private static float[] linear(Backend b, int m, int n, int k, boolean bias, boolean relu) {
        Buffer x = Floats.random(b, 3, m * k);
        Buffer w = Floats.random(b, 4, n * k);
        Buffer c = bias ? Floats.random(b, 5, n) : null;
        Buffer y = Floats.rubbish(b, m * n);
        b.linear(x, w, c, y, new LinearSpec(m, n, k, relu));
        return Floats.read(b, y);
    }

    @Test
    void reluKeepsNan() {
        Buffer y = Floats.rubbish(backend, 2);
        Buffer x = Floats.on(backend, Float.NaN, -1);
        LinearSpec s = new LinearSpec(2, 1, 1).withRelu();
        backend.linear(x, Floats.on(backend, 1), Floats.on(backend, 0.5f), y, s);
        assertArrayEquals(new float[] {Float.NaN, 0}, Floats.read(backend, y));
    }

    @Test
    void replaysOfARecordedProductReadTheirOperandsAnew() {
        Buffer x = Floats.random(backend, 6, 12);
        Buffer w = Floats.random(backend, 7, 20);
        Buffer y = Floats.rubbish(backend, 15);
        try (CompiledStep<Buffer> step =
                backend.compile(
                        () -> {
                            backend.linear(x, w, null, y, new LinearSpec(3, 5, 4));
                            return y;
                        })) {
            for (int i = 0; i < 3; i++) {
                step.run();
            }
            EmulatedLibraries.calls();
            float[] before = Floats.read(backend, y);
            backend.upload(Floats.random(8, 12), x);
            float[] replayed = Floats.read(backend, step.run());
            EmulatedLibraries.assertCalls(0, "cublasGemmEx");
            assertFalse(before[0] == replayed[0]);
            step.runEagerly();
            assertArrayEquals(Floats.read(backend, y), replayed);
        }
    }
}
