package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.conv.ConvolutionTest.from;
import static io.github.cortado.backend.cpu.vector.conv.ConvolutionTest.square;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.cpu.vector.VectorBackend;
import io.github.cortado.backend.cpu.vector.conv.Convolution.PooledForward;
import io.github.cortado.backend.cpu.vector.conv.Convolution.PooledGradient;
import io.github.cortado.backend.cpu.vector.conv.Convolution.PooledGradientProblem;
import io.github.cortado.backend.cpu.vector.conv.Convolution.PooledProblem;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Convolution with ReLU and pooling behind it. */
@Tag("vector-only")
class PooledConvolutionTest {
    private final Convolution convolution = new Convolution(new Unfused(new VectorBackend()));

    @Test
    void everyWayAgreesWithTheScalarBackend() {
        Set<String> reached = new HashSet<>();
        for (Conv2dSpec conv :
                new Conv2dSpec[] {
                    square(3, 16, 12, 6, 3, 1, 1),
                    square(2, 16, 11, 9, 5, 1, 2),
                    square(5, 3, 8, 5, 3, 1, 1),
                    square(2, 64, 20, 8, 3, 2, 1),
                    new Conv2dSpec(2, 4, 12, 9, 6, 3, 3, 1, 1, 2, 2, 2, 2, 2),
                }) {
            for (int window : new int[] {2, 3}) {
                new PooledCase(conv, window).check(convolution, reached);
            }
        }
        assertEquals(
                Set.of(
                        "tiles",
                        "unfused",
                        "gradient sparse",
                        "gradient unfused",
                        "gradient sparse with dx",
                        "gradient unfused with dx"),
                reached);
    }

    @Test
    void problemsGoTheWaysThatTheirSizesSuggest() {
        Conv2dSpec first = square(100, 3, 32, 16, 3, 1, 1);
        assertEquals("tiles", convolution.pooledForward.wayOf(pooled(first, 2)));
        assertEquals("unfused", convolution.pooledForward.wayOf(pooled(first, 3)));
        Conv2dSpec oddStrips = square(2, 64, 20, 8, 3, 2, 1);
        assertEquals("unfused", convolution.pooledForward.wayOf(pooled(oddStrips, 2)));
        // Rows of 3 x 3 taps are of no whole vectors, those of 16 x 3 are.
        assertEquals("unfused", gradientWay(pooled(first, 2), true));
        assertEquals("sparse", gradientWay(pooled(first, 2), false));
        assertEquals("sparse", gradientWay(pooled(square(3, 16, 12, 6, 3, 1, 1), 2), true));
        assertEquals("unfused", gradientWay(pooled(first, 3), false));
        // LeNet's third is not yet one of many channels, VGG-11's second is.
        PooledProblem few = pooled(square(100, 32, 8, 64, 3, 1, 1), 2);
        assertEquals("tiles", convolution.pooledForward.wayOf(few));
        assertEquals("sparse", gradientWay(few, true));
        PooledProblem many = pooled(square(32, 64, 16, 128, 3, 1, 1), 2);
        assertEquals("unfused", convolution.pooledForward.wayOf(many));
        assertEquals("unfused", gradientWay(many, true));
    }

    private String gradientWay(PooledProblem spec, boolean wantsDx) {
        return convolution.pooledGradient.wayOf(new PooledGradientProblem(spec, wantsDx));
    }

    private static PooledProblem pooled(Conv2dSpec s, int window) {
        return new PooledProblem(
                s,
                new Pool2dSpec(
                                s.n(),
                                s.outChannels(),
                                s.outH(),
                                s.outW(),
                                window,
                                window,
                                window,
                                window,
                                0,
                                0,
                                false)
                        .withRelu());
    }

    /** A convolution with ReLU and pooling: whole buffers, as the scalar backend computes them. */
    private static final class PooledCase {
        final PooledProblem spec;
        final HostBuffer.Floats x;
        final HostBuffer.Floats w;
        final HostBuffer.Floats b;
        final HostBuffer.Floats dy;

        PooledCase(Conv2dSpec conv, int window) {
            spec = pooled(conv, window);
            Pool2dSpec pool = spec.pool();
            int inputs = conv.n() * conv.inChannels() * conv.h() * conv.w();
            int terms = conv.inChannels() / conv.groups() * conv.kernelH() * conv.kernelW();
            x = random(inputs, 1);
            w = random(conv.outChannels() * terms, 2);
            b = random(conv.outChannels(), 3);
            dy = random(conv.n() * pool.channels() * pool.outH() * pool.outW(), 4);
        }

        static HostBuffer.Floats random(int length, int seed) {
            return from(1, RandomValues.random(length + 1, seed));
        }

        static HostBuffer.Floats empty(HostBuffer.Floats like) {
            float[] values = new float[like.length() + 1];
            Arrays.fill(values, Float.NaN);
            return from(1, values);
        }

        /** One of a larger array, before which nobody writes. */
        static HostBuffer.Bytes bytes(int length) {
            return new HostBuffer.Bytes(new byte[length + 1]).slice(1, length);
        }

        void check(Convolution convolution, Set<String> reached) {
            Unfused reference = new Unfused(new ScalarBackend());
            HostBuffer.Floats y = empty(dy);
            HostBuffer.Bytes index = bytes(y.length());
            Conv2dSpec pass = spec.conv().pooled(spec.pool());
            reference.conv2d(x, w, b, y, index, pass);
            HostBuffer.Floats dx = empty(x);
            HostBuffer.Floats dw = empty(w);
            HostBuffer.Floats db = empty(b);
            reference.conv2dGrad(x, w, dy, index, dx, dw, db, pass);
            for (var way : convolution.pooledForwardWays()) {
                if (way.obstacle().of(spec) == null) {
                    reached.add(way.name());
                    PooledForward plan = way.plan().apply(spec);
                    HostBuffer.Floats actual = empty(y);
                    HostBuffer.Bytes places = bytes(y.length());
                    plan.run(x, w, b, actual, places);
                    compareNearly(way.name(), y, actual);
                    assertArrayEquals(index.array(), places.array(), way.name() + spec);
                    HostBuffer.Floats withoutPlaces = empty(y);
                    plan.run(x, w, b, withoutPlaces, null);
                    assertArrayEquals(actual.array(), withoutPlaces.array(), way.name() + spec);
                }
            }
            for (var way : convolution.pooledGradientWays()) {
                for (boolean wantsDx : new boolean[] {true, false}) {
                    PooledGradientProblem problem = new PooledGradientProblem(spec, wantsDx);
                    if (way.obstacle().of(problem) == null) {
                        reached.add("gradient " + way.name() + (wantsDx ? " with dx" : ""));
                        PooledGradient plan = way.plan().apply(problem);
                        HostBuffer.Floats toX = wantsDx ? empty(x) : null;
                        HostBuffer.Floats toW = empty(w);
                        HostBuffer.Floats toB = empty(b);
                        plan.run(x, w, dy, index, toX, toW, toB);
                        if (toX != null) {
                            compareNearly(way.name(), dx, toX);
                            HostBuffer.Floats alone = empty(x);
                            plan.run(x, w, dy, index, alone, null, null);
                            assertArrayEquals(toX.array(), alone.array(), way.name() + spec);
                        }
                        compareNearly(way.name(), dw, toW);
                        compareNearly(way.name(), db, toB);
                    }
                }
            }
        }

        private void compareNearly(
                String way, HostBuffer.Floats expected, HostBuffer.Floats actual) {
            for (int i = 0; i < expected.length(); i++) {
                double e = expected.get(i);
                int at = i;
                assertEquals(
                        e,
                        actual.get(i),
                        1e-4 * (1 + Math.abs(e)),
                        () -> way + " of " + spec + " at " + at);
            }
        }
    }
}
