package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.Parallel;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Max pooling over float arrays, a plane at a time, planes in parallel. Windows of 2 x 2 at a
 * distance of 2 without padding, those of most small networks, have loops of their own. In the
 * gradient which element of a window was largest is a coin toss to the branch predictor (12 ms for
 * LeNet's three layers, batch 100), so there comparisons make masks and nothing branches.
 */
public final class VectorPooling {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();
    private static final VectorOperators.Comparison EQ = VectorOperators.EQ;

    /** Exchanges the two columns of a window. */
    private static final VectorShuffle<Float> TWIN = VectorShuffle.fromOp(SPECIES, l -> l ^ 1);

    /** The right columns of windows. */
    private static final VectorMask<Float> ODD =
            VectorMask.fromLong(SPECIES, 0xAAAA_AAAA_AAAA_AAAAL);

    /** Lane l belongs to window l / 2. */
    private static final int[] HALVES = new int[LANES];

    static {
        Arrays.setAll(HALVES, l -> l / 2);
    }

    /** Elements of input per chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    private VectorPooling() {}

    /** y = largest of each 2 x 2 window; NaN wins. */
    public static void maxTwoByTwo(float[] x, int xo, float[] y, int yo, Pool2dSpec s) {
        forPlanes(
                s,
                plane ->
                        maxPlane(
                                x,
                                xo + plane * s.h() * s.w(),
                                y,
                                yo + plane * s.outH() * s.outW(),
                                s.w(),
                                s.outH(),
                                s.outW()));
    }

    private static void maxPlane(float[] x, int p, float[] y, int to, int w, int outH, int outW) {
        for (int row = 0; row < outH; row++) {
            int top = p + 2 * row * w;
            int out = to + row * outW;
            for (int col = 0; col < outW; col++) {
                int i = top + 2 * col;
                y[out + col] = Math.max(Math.max(x[i], x[i + 1]), Math.max(x[i + w], x[i + w + 1]));
            }
        }
    }

    /** dx = dy at the first maximum of each 2 x 2 window, else 0. */
    public static void maxTwoByTwoGrad(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, Pool2dSpec s) {
        boolean wide = s.w() % LANES == 0;
        boolean narrow = LANES % (2 * s.w()) == 0 && s.h() * s.w() % LANES == 0;
        Windows windows = narrow ? new Windows(s.w()) : null;
        forPlanes(
                s,
                plane -> {
                    int p = xo + plane * s.h() * s.w();
                    int g = go + plane * s.outH() * s.outW();
                    int d = to + plane * s.h() * s.w();
                    if (wide) {
                        wideGradPlane(x, p, dy, g, dx, d, s);
                    } else if (narrow) {
                        windows.gradPlane(x, p, dy, g, dx, d, s.h() * s.w());
                    } else {
                        gradPlane(x, p, dy, g, dx, d, s);
                    }
                });
    }

    /**
     * Rows of whole vectors: a window is two neighbouring lanes of an upper and a lower vector.
     * Each lane learns its window's maximum, and takes the gradient if it has that maximum and no
     * lane before it in the window does.
     */
    private static void wideGradPlane(
            float[] x, int p, float[] dy, int g, float[] dx, int to, Pool2dSpec s) {
        int w = s.w();
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int row = 0; row < s.outH(); row++) {
            for (int col = 0; col < w; col += LANES) {
                int i = 2 * row * w + col;
                FloatVector upper = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector lower = FloatVector.fromArray(SPECIES, x, p + i + w);
                FloatVector upperTwin = upper.rearrange(TWIN);
                FloatVector lowerTwin = lower.rearrange(TWIN);
                FloatVector max = upper.max(upperTwin).max(lower.max(lowerTwin));
                VectorMask<Float> up = upper.compare(EQ, max);
                VectorMask<Float> upTwin = upperTwin.compare(EQ, max);
                VectorMask<Float> low = lower.compare(EQ, max);
                VectorMask<Float> lowTwin = lowerTwin.compare(EQ, max);
                FloatVector gradient =
                        FloatVector.fromArray(SPECIES, dy, g + row * s.outW() + col / 2, HALVES, 0);
                zero.blend(gradient, up.andNot(upTwin.and(ODD))).intoArray(dx, to + i);
                zero.blend(gradient, low.andNot(lowTwin.and(ODD)).andNot(up.or(upTwin)))
                        .intoArray(dx, to + i + w);
                if (max.test(VectorOperators.IS_NAN).anyTrue()) {
                    gradRow(x, p + i, dy, g + row * s.outW() + col / 2, dx, to + i, w, LANES / 2);
                }
            }
        }
        if (s.h() % 2 == 1) {
            Arrays.fill(dx, to + (s.h() - 1) * w, to + s.h() * w, 0f);
        }
    }

    /**
     * Rows of which several fit a vector: the lanes of a window are l, l ^ 1, l ^ w and l ^ w ^ 1.
     */
    private static final class Windows {
        private final int w;
        private final VectorShuffle<Float> below;
        private final VectorMask<Float> lowerRow;
        private final int[] window = new int[LANES];

        Windows(int w) {
            this.w = w;
            this.below = VectorShuffle.fromOp(SPECIES, l -> l ^ w);
            boolean[] lower = new boolean[LANES];
            for (int l = 0; l < LANES; l++) {
                lower[l] = (l & w) != 0;
                window[l] = l / (2 * w) * (w / 2) + l % w / 2;
            }
            this.lowerRow = VectorMask.fromArray(SPECIES, lower, 0);
        }

        void gradPlane(float[] x, int p, float[] dy, int g, float[] dx, int to, int size) {
            FloatVector zero = FloatVector.zero(SPECIES);
            for (int i = 0; i < size; i += LANES) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector twin = v.rearrange(TWIN);
                FloatVector other = v.rearrange(below);
                FloatVector otherTwin = other.rearrange(TWIN);
                FloatVector max = v.max(twin).max(other.max(otherTwin));
                VectorMask<Float> earlier =
                        twin.compare(EQ, max)
                                .and(ODD)
                                .or(
                                        other.compare(EQ, max)
                                                .or(otherTwin.compare(EQ, max))
                                                .and(lowerRow));
                FloatVector gradient = FloatVector.fromArray(SPECIES, dy, g + i / 4, window, 0);
                zero.blend(gradient, v.compare(EQ, max).andNot(earlier)).intoArray(dx, to + i);
                if (max.test(VectorOperators.IS_NAN).anyTrue()) {
                    for (int row = 0; row < LANES / (2 * w); row++) {
                        int at = i + 2 * row * w;
                        gradRow(x, p + at, dy, g + at / 4, dx, to + at, w, w / 2);
                    }
                }
            }
        }
    }

    private static void gradPlane(
            float[] x, int p, float[] dy, int g, float[] dx, int to, Pool2dSpec s) {
        int w = s.w();
        Arrays.fill(dx, to, to + s.h() * w, 0f);
        for (int row = 0; row < s.outH(); row++) {
            int top = 2 * row * w;
            gradRow(x, p + top, dy, g + row * s.outW(), dx, to + top, w, s.outW());
        }
    }

    /** A row of windows whose upper left corner is at x[p] and dx[to]. */
    private static void gradRow(
            float[] x, int p, float[] dy, int g, float[] dx, int to, int w, int windows) {
        for (int col = 0; col < windows; col++) {
            int i = 2 * col;
            int at = i;
            at = wins(x[p + i + 1], x[p + at]) ? i + 1 : at;
            at = wins(x[p + i + w], x[p + at]) ? i + w : at;
            at = wins(x[p + i + w + 1], x[p + at]) ? i + w + 1 : at;
            dx[to + i] = 0f;
            dx[to + i + 1] = 0f;
            dx[to + i + w] = 0f;
            dx[to + i + w + 1] = 0f;
            dx[to + at] = dy[g + col];
        }
    }

    /** Whether a later value displaces the best so far: it is larger, or the first NaN. */
    private static boolean wins(float later, float best) {
        return later > best || (Float.isNaN(later) && !Float.isNaN(best));
    }

    private static void forPlanes(Pool2dSpec s, Parallel.Body plane) {
        Parallel.forItems(s.n() * s.channels(), s.h() * s.w(), CHUNK, plane);
    }
}
