package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.product.Products.Linear;
import io.github.cortado.backend.cpu.vector.product.Products.Matmul;
import io.github.cortado.backend.cpu.vector.product.Products.MatmulProblem;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which way products go, and each way beside the reference. */
@Tag("vector-only")
class ProductsTest {
    private static final MatmulProblem[] MATMULS = {
        new MatmulProblem(0, 3, 4, 5, false, false),
        new MatmulProblem(1, 3, 4, 5, false, true),
        new MatmulProblem(1, 70, 80, 90, true, false),
        new MatmulProblem(3, 3, 4, 5, true, true),
        new MatmulProblem(3, 70, 80, 90, false, true),
        new MatmulProblem(4, 70, 80, 90, false, false),
        new MatmulProblem(11, 20, 20, 20, true, true),
        new MatmulProblem(5, 3, 4, 0, false, false),
        new MatmulProblem(1, 1, 5 * VL + 3, 61, false, false),
        new MatmulProblem(1, 2, 1_100, 200, false, false),
        new MatmulProblem(1, 2, 2, 7, false, false),
        new MatmulProblem(1, 2, 0, 7, false, false),
        new MatmulProblem(1, 3, 30, 20, false, false),
        new MatmulProblem(1, 1, 30, 0, false, false),
        new MatmulProblem(1, 1, 30, 20, true, false),
    };

    private static final LinearSpec[] LINEARS = {
        new LinearSpec(8, 30, VL, false),
        new LinearSpec(8, 30, VL - 1, true),
        new LinearSpec(9, 30, VL, true),
        new LinearSpec(1, 7, 3 * VL + 1, true),
        new LinearSpec(3, 1000, 100, false),
        new LinearSpec(0, 3, 64, false),
        new LinearSpec(3, 0, 64, true),
        new LinearSpec(100, 80, 90, true),
    };

    private final Products products = new Products();
    private final Backend reference = new ScalarBackend();
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void eachProductGoesTheFirstWayThatFits() {
        String[] expected = {
            "blocked",
            "blocked",
            "blocked",
            "blocked, side by side",
            "blocked",
            "blocked, side by side",
            "blocked, side by side",
            "blocked, side by side",
            "few rows",
            "few rows",
            "few rows",
            "few rows",
            "blocked",
            "blocked",
            "blocked"
        };
        for (int i = 0; i < MATMULS.length; i++) {
            assertEquals(expected[i], products.matmul.wayOf(MATMULS[i]), MATMULS[i].toString());
        }
    }

    @Test
    void aLinearLayerOfFewRowsReadsItsWeightWhereItLies() {
        String[] expected = {
            "few rows",
            "blocked",
            "blocked",
            "few rows",
            "few rows",
            "few rows",
            "few rows",
            "blocked"
        };
        for (int i = 0; i < LINEARS.length; i++) {
            assertEquals(expected[i], products.linear.wayOf(LINEARS[i]), LINEARS[i].toString());
        }
    }

    @Test
    void eachWayOfAMatmulIsTheReferenceForAnyNumberOfThreads() {
        Set<String> taken = new TreeSet<>();
        for (MatmulProblem p : MATMULS) {
            // Each a is used twice, and the b come backwards.
            int[] aOffsets = new int[p.batch()];
            int[] bOffsets = new int[p.batch()];
            Arrays.setAll(aOffsets, i -> i / 2 * p.m() * p.k());
            Arrays.setAll(bOffsets, i -> (p.batch() - 1 - i) * p.k() * p.n());
            HostBuffer.Floats a = random(p.batch() * p.m() * p.k(), 1);
            HostBuffer.Floats b = random(p.batch() * p.k() * p.n(), 2);
            HostBuffer.Floats expected = result(p.batch() * p.m() * p.n());
            reference.matmul(
                    a,
                    b,
                    expected,
                    new MatmulSpec(
                            p.m(), p.n(), p.k(), p.transA(), p.transB(), aOffsets, bOffsets));
            for (Way<MatmulProblem, Matmul> way : products.matmul.all()) {
                if (way.obstacle().of(p) == null) {
                    taken.add(way.name());
                    for (int count : new int[] {1, 2, 7}) {
                        Parallel.setThreads(count);
                        HostBuffer.Floats y = result(expected.length());
                        way.plan().apply(p).run(a, aOffsets, b, bOffsets, y);
                        check(expected, y, p.k(), way.name() + " of " + p);
                    }
                }
            }
        }
        assertEquals(Set.of("few rows", "blocked", "blocked, side by side"), taken);
    }

    @Test
    void eachWayOfALinearLayerIsTheReferenceForAnyNumberOfThreads() {
        Set<String> taken = new TreeSet<>();
        for (LinearSpec p : LINEARS) {
            HostBuffer.Floats x = random(p.m() * p.k(), 1);
            HostBuffer.Floats w = random(p.n() * p.k(), 2);
            for (boolean biased : new boolean[] {false, true}) {
                HostBuffer.Floats b = biased ? random(p.n(), 3) : null;
                HostBuffer.Floats expected = result(p.m() * p.n());
                reference.linear(x, w, b, expected, p);
                for (Way<LinearSpec, Linear> way : products.linear.all()) {
                    if (way.obstacle().of(p) == null) {
                        taken.add(way.name());
                        for (int count : new int[] {1, 2, 7}) {
                            Parallel.setThreads(count);
                            HostBuffer.Floats y = result(expected.length());
                            way.plan().apply(p).run(x, w, b, y);
                            check(expected, y, p.k(), way.name() + " of " + p);
                        }
                    }
                }
            }
        }
        assertEquals(Set.of("blocked", "few rows"), taken);
    }

    @Test
    void aBatchHasTheBitsOfItsProducts() {
        MatmulProblem p = new MatmulProblem(11, 20, 30, 270, false, true);
        int[] aOffsets = new int[p.batch()];
        int[] bOffsets = new int[p.batch()];
        Arrays.setAll(aOffsets, i -> i * p.m() * p.k());
        Arrays.setAll(bOffsets, i -> i * p.k() * p.n());
        HostBuffer.Floats a = random(p.batch() * p.m() * p.k(), 1);
        HostBuffer.Floats b = random(p.batch() * p.k() * p.n(), 2);
        HostBuffer.Floats one = result(p.batch() * p.m() * p.n());
        HostBuffer.Floats other = result(one.length());
        new BlockedMatmul(p).run(a, aOffsets, b, bOffsets, one);
        new SideBySide(p).run(a, aOffsets, b, bOffsets, other);
        assertArrayEquals(one.array(), other.array());
    }

    /** A part of an array, so that it does not begin with the array. */
    private static HostBuffer.Floats random(int length, long seed) {
        return new HostBuffer.Floats(RandomValues.random(length + 5, seed)).slice(5, length);
    }

    private static HostBuffer.Floats result(int length) {
        float[] values = new float[length + 6];
        Arrays.fill(values, Float.NaN);
        return new HostBuffer.Floats(values).slice(3, length);
    }

    private static void check(
            HostBuffer.Floats expected, HostBuffer.Floats actual, int terms, String what) {
        assertArrayEquals(
                expected.array(), actual.array(), 3e-7f * (2 + (float) Math.sqrt(terms)), what);
    }
}
