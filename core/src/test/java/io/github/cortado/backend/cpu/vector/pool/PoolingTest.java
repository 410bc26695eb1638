package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.Arrays;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which way windows go, and each way beside the reference. */
@Tag("vector-only")
class PoolingTest {
    /** Sizes that are cut into strips, lie side by side, or overlap in odd ways. */
    private static final Pool2dSpec[] SPECS = {
        new Pool2dSpec(2, 3, 112, 112, 3, 3, 2, 2, 1, 1, true),
        new Pool2dSpec(1, 1, 300, 257, 3, 3, 2, 2, 1, 1, false),
        new Pool2dSpec(2, 2, 223, 128, 3, 3, 2, 2, 0, 0, false),
        new Pool2dSpec(1, 2, 310, 301, 3, 3, 2, 2, 0, 1, true),
        new Pool2dSpec(2, 3, 9, 6, 3, 3, 2, 2, 1, 0, true),
        new Pool2dSpec(5, 3, 3, 3, 3, 3, 2, 2, 0, 0, true),
        new Pool2dSpec(1, 2, 400, 400, 5, 5, 1, 1, 2, 2, true),
        new Pool2dSpec(40, 3, 7, 7, 3, 3, 1, 1, 1, 1, false),
        new Pool2dSpec(33, 2, 5, 9, 2, 3, 1, 2, 1, 0, true),
        new Pool2dSpec(4, 5, 12, 11, 3, 2, 3, 4, 0, 1, true),
        new Pool2dSpec(3, 5, 12, 15, 4, 3, 4, 3, 0, 0, true),
        new Pool2dSpec(3, 16, 7, 7, 7, 7, 7, 7, 0, 0, true),
        new Pool2dSpec(3, 4, 8, 8, 2, 2, 1, 1, 0, 0, true),
        new Pool2dSpec(2, 3, 1, 70, 1, 2, 1, 2, 0, 0, true),
        new Pool2dSpec(2, 3, 20, 100, 5, 4, 5, 4, 0, 0, true),
        new Pool2dSpec(2, 3, 4, 96, 2, 12, 2, 12, 0, 0, true),
        new Pool2dSpec(1, 2, 6, 6, 4, 4, 2, 2, 2, 2, false),
        new Pool2dSpec(5, 7, 9, 2 * VL, 2, 2, 2, 2, 0, 0, true),
        new Pool2dSpec(5, 7, 4, VL / 2, 2, 2, 2, 2, 0, 0, true),
        new Pool2dSpec(5, 7, VL, 2, 2, 2, 2, 2, 0, 0, true),
        new Pool2dSpec(5, 7, 7, 9, 2, 2, 2, 2, 0, 0, true),
    };

    private final Pooling pooling = new Pooling();
    private final Backend reference = new ScalarBackend();
    private final Set<String> taken = new TreeSet<>();
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void windowsThatTileThePictureInPairsAndThoseThatOverlapByARowHaveWaysOfTheirOwn() {
        Pool2dSpec wide = new Pool2dSpec(1, 1, 8, VL, 2, 2, 2, 2, 0, 0, true);
        Pool2dSpec narrow = new Pool2dSpec(1, 1, VL, VL / 2, 2, 2, 2, 2, 0, 0, true);
        Pool2dSpec odd = new Pool2dSpec(1, 1, 7, VL + 1, 2, 2, 2, 2, 0, 0, true);
        Pool2dSpec padded = new Pool2dSpec(1, 1, 8, 8, 2, 2, 2, 2, 1, 0, true);
        Pool2dSpec overlapping = new Pool2dSpec(1, 1, 9, 9, 3, 3, 2, 2, 0, 1, true);
        Pool2dSpec apart = new Pool2dSpec(1, 1, 9, 9, 3, 3, 3, 2, 0, 1, true);
        go("2 x 2", pooling.maxPool2d, wide, narrow, odd);
        go("3 x 3 at a distance of 2", pooling.maxPool2d, overlapping);
        Pool2dSpec pairs = new Pool2dSpec(2, 3, 1, 18, 1, 2, 1, 2, 0, 0, true);
        Pool2dSpec tiles = new Pool2dSpec(2, 3, 9, 12, 3, 4, 3, 4, 0, 0, true);
        go("side by side", pooling.maxPool2d, pairs, tiles);
        go("any windows", pooling.maxPool2d, padded, apart);
        go("3 x 3 at a distance of 2", pooling.maxPool2dWithIndex, overlapping);
        go("any windows", pooling.maxPool2dWithIndex, wide, padded, apart);
        go("2 x 2, rows of whole vectors", pooling.maxPool2dGrad, wide);
        go("2 x 2, vectors of whole rows", pooling.maxPool2dGrad, narrow);
        go("2 x 2", pooling.maxPool2dGrad, odd);
        go("any windows", pooling.maxPool2dGrad, padded, overlapping, apart);
        go("2 x 2", pooling.reluMaxPool2d, wide, narrow, odd);
        go("any windows", pooling.reluMaxPool2d, padded, overlapping, apart);
        go("2 x 2", pooling.maxPool2dGradByIndex, wide, narrow, odd);
        go("3 x 3 at a distance of 2", pooling.maxPool2dGradByIndex, overlapping);
        go("any windows", pooling.maxPool2dGradByIndex, padded, apart);
        go("side by side", pooling.avgPool2d, wide, narrow, pairs, tiles);
        go("any windows", pooling.avgPool2d, odd, padded, overlapping, apart);
        Pool2dSpec whole = new Pool2dSpec(2, 3, 7, 9, 7, 9, 1, 1, 0, 0, true);
        go("whole planes", pooling.avgPool2d, whole);
        go("whole planes", pooling.avgPool2dGrad, whole);
        go("side by side", pooling.avgPool2dGrad, wide);
        go("any windows", pooling.avgPool2dGrad, odd, padded, overlapping, apart);
    }

    private static void go(String way, Ways<Pool2dSpec, ?> ways, Pool2dSpec... problems) {
        for (Pool2dSpec problem : problems) {
            assertEquals(way, ways.wayOf(problem), problem.toString());
        }
    }

    @Test
    void anIndexIsKeptWhereItGainsSomething() {
        assertTrue(Pooling.keepsIndex(square(15, 17)));
        assertTrue(Pooling.keepsIndex(square(2, 1)));
        assertFalse(Pooling.keepsIndex(square(2, 2)));
        assertTrue(Pooling.keepsIndex(square(2, 2).withRelu()));
    }

    private static Pool2dSpec square(int kernel, int stride) {
        return new Pool2dSpec(1, 1, 40, 40, kernel, kernel, stride, stride, 0, 0, true);
    }

    @Test
    void eachWayOfAMaximumIsTheReference() {
        for (Pool2dSpec s : SPECS) {
            for (HostBuffer.Floats x : new HostBuffer.Floats[] {numbers(s), withNaN(s)}) {
                HostBuffer.Floats y = floats(outputs(s));
                HostBuffer.Bytes index = bytes(outputs(s));
                reference.maxPool2d(x, y, index, s);
                each(
                        pooling.maxPool2d,
                        s,
                        plan -> {
                            HostBuffer.Floats maxima = floats(outputs(s));
                            plan.run(x, maxima);
                            check(y, maxima);
                        });
                each(pooling.maxPool2dWithIndex, s, plan -> check(plan::run, x, y, index));
                reference.maxPool2d(x, y, index, s.withRelu());
                each(
                        pooling.reluMaxPool2d,
                        s,
                        plan -> {
                            check(plan::run, x, y, index);
                            HostBuffer.Floats maxima = floats(outputs(s));
                            plan.run(x, maxima, null);
                            check(y, maxima);
                        });
            }
        }
        assertEquals(
                Set.of(
                        "maxPool2d: 2 x 2",
                        "maxPool2d: 3 x 3 at a distance of 2",
                        "maxPool2d: side by side",
                        "maxPool2d: any windows",
                        "maxPool2d with index: 3 x 3 at a distance of 2",
                        "maxPool2d with index: any windows",
                        "maxPool2d with ReLU: 2 x 2",
                        "maxPool2d with ReLU: any windows"),
                taken);
    }

    private static void check(
            Pooling.ForwardWithIndex plan,
            HostBuffer.Floats x,
            HostBuffer.Floats y,
            HostBuffer.Bytes index) {
        HostBuffer.Floats maxima = floats(y.length());
        HostBuffer.Bytes places = bytes(y.length());
        plan.run(x, maxima, places);
        check(y, maxima);
        assertArrayEquals(index.array(), places.array());
    }

    @Test
    void eachWayOfAGradientOfAMaximumIsTheReference() {
        for (Pool2dSpec s : SPECS) {
            HostBuffer.Floats dy = random(outputs(s), 2);
            HostBuffer.Floats dx = floats(inputs(s));
            for (HostBuffer.Floats x : new HostBuffer.Floats[] {numbers(s), withNaN(s)}) {
                reference.maxPool2dGrad(x, null, dy, dx, s);
                each(
                        pooling.maxPool2dGrad,
                        s,
                        plan -> {
                            HostBuffer.Floats gradient = floats(dx.length());
                            plan.run(x, dy, gradient);
                            check(dx, gradient);
                        });
            }
            HostBuffer.Bytes index = bytes(outputs(s));
            reference.maxPool2d(withNaN(s), floats(outputs(s)), index, s.withRelu());
            reference.maxPool2dGrad(null, index, dy, dx, s);
            each(
                    pooling.maxPool2dGradByIndex,
                    s,
                    plan -> {
                        HostBuffer.Floats gradient = floats(dx.length());
                        plan.run(dy, index, gradient);
                        check(dx, gradient);
                    });
        }
        assertEquals(
                Set.of(
                        "maxPool2dGrad: 2 x 2, rows of whole vectors",
                        "maxPool2dGrad: 2 x 2, vectors of whole rows",
                        "maxPool2dGrad: 2 x 2",
                        "maxPool2dGrad: any windows",
                        "maxPool2dGrad by index: 2 x 2",
                        "maxPool2dGrad by index: 3 x 3 at a distance of 2",
                        "maxPool2dGrad by index: any windows"),
                taken);
    }

    @Test
    void aMeanAndItsGradientAreTheReferences() {
        for (Pool2dSpec s : SPECS) {
            HostBuffer.Floats x = random(inputs(s), 1);
            HostBuffer.Floats dy = random(outputs(s), 2);
            HostBuffer.Floats y = floats(outputs(s));
            HostBuffer.Floats dx = floats(inputs(s));
            reference.avgPool2d(x, y, s);
            reference.avgPool2dGrad(dy, dx, s);
            each(
                    pooling.avgPool2d,
                    s,
                    plan -> {
                        HostBuffer.Floats means = floats(y.length());
                        plan.run(x, means);
                        check(y, means);
                    });
            each(
                    pooling.avgPool2dGrad,
                    s,
                    plan -> {
                        HostBuffer.Floats gradient = floats(dx.length());
                        plan.run(dy, gradient);
                        check(dx, gradient);
                    });
        }
    }

    /** Checks the plans of all ways that take a problem, on some numbers of threads. */
    private <T> void each(Ways<Pool2dSpec, T> ways, Pool2dSpec s, Consumer<T> check) {
        for (Way<Pool2dSpec, T> way : ways.all()) {
            if (way.obstacle().of(s) == null) {
                taken.add(ways.what() + ": " + way.name());
                T plan = way.plan().apply(s);
                for (int count : new int[] {1, 2, 7}) {
                    Parallel.setThreads(count);
                    check.accept(plan);
                }
            }
        }
    }

    private static int inputs(Pool2dSpec s) {
        return s.n() * s.channels() * s.h() * s.w();
    }

    private static int outputs(Pool2dSpec s) {
        return s.n() * s.channels() * s.outH() * s.outW();
    }

    private static HostBuffer.Floats withNaN(Pool2dSpec s) {
        HostBuffer.Floats x = numbers(s);
        for (int i = 17; i < x.length(); i += 101) {
            x.set(i, Float.NaN);
        }
        return x;
    }

    /** With ties, zeros of both signs, and negative infinity. */
    private static HostBuffer.Floats numbers(Pool2dSpec s) {
        HostBuffer.Floats x = random(inputs(s), 1);
        for (int i = 0; i < x.length(); i++) {
            float rounded = Math.round(20 * x.get(i)) / 8f;
            x.set(i, i % 3 == 2 && rounded == 0f ? -0f : rounded);
        }
        for (int i = 0; i < Math.min(x.length(), 2 * s.w()); i++) {
            x.set(i, Float.NEGATIVE_INFINITY);
        }
        return x;
    }

    /** A part of an array, so that it does not begin with the array. */
    private static HostBuffer.Floats random(int length, long seed) {
        return new HostBuffer.Floats(RandomValues.random(length + 5, seed)).slice(5, length);
    }

    private static HostBuffer.Floats floats(int length) {
        float[] values = new float[length + 6];
        Arrays.fill(values, Float.NaN);
        return new HostBuffer.Floats(values).slice(3, length);
    }

    private static HostBuffer.Bytes bytes(int length) {
        return new HostBuffer.Bytes(new byte[length + 2]).slice(1, length);
    }

    private static void check(HostBuffer.Floats expected, HostBuffer.Floats actual) {
        assertArrayEquals(expected.array(), actual.array(), 2e-6f);
    }
}
