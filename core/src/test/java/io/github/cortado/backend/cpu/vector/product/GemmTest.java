package io.github.cortado.backend.cpu.vector.product;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.RandomValues;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class GemmTest {
    private static final int[] SIZES = {1, 3, 7, 16, 17, 31, 33, 64, 207};
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void agreesWithThreeLoopsForAwkwardSizesAndAllFlags() {
        int flags = 0;
        for (int m : SIZES) {
            for (int n : SIZES) {
                for (int k : SIZES) {
                    new Case(m, n, k, flags++ % 8).check();
                }
            }
        }
    }

    @Test
    void agreesWithThreeLoopsBeyondEveryBlockSize() {
        new Case(2100, 40, 300, 0).check();
        new Case(30, 4200, 270, 3).check();
        new Case(100, 500, 1024, 2 + 4).check();
        new Case(500, 1024, 100, 1).check();
    }

    @Test
    void aSumOfNoTermsIsZeroOrTheBias() {
        Matrix none = new Matrix(new float[0], 0, 0, false);
        float[] c = {1, 2, 3, 4, 5, 6};
        Matrix to = new Matrix(c, 0, 3, false);
        new Gemm(2, 3, 0, none, none, to, Epilogue.NONE).run(false);
        assertArrayEquals(new float[6], c);
        float[] bias = {1, -2, 3};
        new Gemm(2, 3, 0, none, none, to, new Epilogue(bias, 0, true)).run(false);
        assertArrayEquals(new float[] {1, 0, 3, 1, 0, 3}, c);
    }

    @Test
    void addsTheBiasOfEachColumnAndCutsNegativesOff() {
        int m = 9;
        int n = 70;
        Case plain = new Case(m, n, 300, 2);
        float[] bias = RandomValues.random(n + 1, 5);
        float[] expected = plain.run(Epilogue.NONE);
        float[] actual = plain.run(new Epilogue(bias, 1, true));
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                int at = plain.cOff + i * plain.ldc + j;
                assertEquals(Math.max(0f, expected[at] + bias[1 + j]), actual[at]);
            }
        }
    }

    @Test
    void theBitsDoNotDependOnTheNumberOfThreads() {
        Case large = new Case(207, 300, 531, 0);
        Parallel.setThreads(1);
        float[] one = large.run(Epilogue.NONE);
        for (int count : new int[] {2, 7}) {
            Parallel.setThreads(count);
            assertArrayEquals(one, large.run(Epilogue.NONE));
        }
    }

    /** One product; flags: A^T, B^T, leading dimensions wider than the rows. */
    private static final class Case {
        final int m;
        final int n;
        final int k;
        final boolean transA;
        final boolean transB;
        final int aOff = 2;
        final int bOff = 5;
        final int cOff = 3;
        final int lda;
        final int ldb;
        final int ldc;
        final float[] a;
        final float[] b;
        final float[] before;

        Case(int m, int n, int k, int flags) {
            this.m = m;
            this.n = n;
            this.k = k;
            transA = (flags & 1) != 0;
            transB = (flags & 2) != 0;
            int gap = (flags & 4) != 0 ? 3 : 0;
            lda = (transA ? m : k) + gap;
            ldb = (transB ? k : n) + gap;
            ldc = n + gap;
            a = RandomValues.random(aOff + (transA ? k : m) * lda, 1);
            b = RandomValues.random(bOff + (transB ? n : k) * ldb, 2);
            before = RandomValues.random(cOff + m * ldc, 3);
        }

        float[] run(Epilogue epilogue) {
            float[] c = before.clone();
            new Gemm(
                            m,
                            n,
                            k,
                            new Matrix(a, aOff, lda, transA),
                            new Matrix(b, bOff, ldb, transB),
                            new Matrix(c, cOff, ldc, false),
                            epilogue)
                    .run(true);
            return c;
        }

        void check() {
            float[] c = run(Epilogue.NONE);
            boolean[] written = new boolean[c.length];
            for (int i = 0; i < m; i++) {
                for (int j = 0; j < n; j++) {
                    int at = cOff + i * ldc + j;
                    written[at] = true;
                    double sum = 0;
                    double size = 0;
                    for (int p = 0; p < k; p++) {
                        double term =
                                (double) a[aOff + (transA ? p * lda + i : i * lda + p)]
                                        * b[bOff + (transB ? j * ldb + p : p * ldb + j)];
                        sum += term;
                        size += Math.abs(term);
                    }
                    assertEquals(sum, c[at], 6e-8 * (2 + Math.sqrt(k)) * size + 1e-30, this::name);
                }
            }
            for (int at = 0; at < c.length; at++) {
                assertTrue(written[at] || c[at] == before[at], this::name);
            }
        }

        String name() {
            return String.format(
                    Locale.ROOT,
                    "%d x %d x %d, A^T %b, B^T %b, lda %d",
                    m,
                    n,
                    k,
                    transA,
                    transB,
                    lda);
        }
    }
}
