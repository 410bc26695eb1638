package io.github.cortado.backend.cpu.vector.attention;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.pointwise.Declines;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * Loops over the rows of a {@link Tile}, each in a method that has no other vectors. Sums are those
 * of lanes, which are added up in double in their order.
 */
final class Passes {
    private Passes() {}

    private static int whole(int seen) {
        return IntMath.roundUp(seen, VL);
    }

    /** scores = scores scale + mask. */
    static void scale(Tile t, int from, int to) {
        float scale = (float) t.s.scale();
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            if (t.maskColumn() == 0) {
                scale(t.scores, at, scale, t.maskOfAll(i), whole(n));
            } else {
                scale(t.scores, at, scale, t.mask(), t.maskAt(i), n);
            }
        }
    }

    private static void scale(float[] s, int at, float scale, float more, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, s, at + j).mul(scale).add(more);
            v.intoArray(s, at + j);
        }
    }

    private static void scale(float[] s, int at, float scale, float[] mask, int first, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, s, at + j).mul(scale);
            v.add(FloatVector.fromArray(SPECIES, mask, first + j)).intoArray(s, at + j);
        }
        for (; j < n; j++) {
            s[at + j] = s[at + j] * scale + mask[first + j];
        }
    }

    /** max = the largest scores; what stands for no key is as large. */
    static void max(Tile t, int from, int to) {
        float[] lanes = Scratch.LANE_SUMS.floats(VL);
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            Arrays.fill(t.scores, at + n, at + whole(n), Float.NEGATIVE_INFINITY);
            max(t.scores, at, whole(n), lanes);
            float max = lanes[0];
            for (int l = 1; l < VL; l++) {
                max = Math.max(max, lanes[l]);
            }
            t.max[i] = max;
            Arrays.fill(t.scores, at + n, at + whole(n), max);
        }
    }

    private static void max(float[] s, int at, int n, float[] lanes) {
        FloatVector max = FloatVector.fromArray(SPECIES, s, at);
        for (int j = VL; j < n; j += VL) {
            max = max.max(FloatVector.fromArray(SPECIES, s, at + j));
        }
        TYPE.cast(max).intoArray(lanes, 0);
    }

    /** weights = e^(scores - max), 0 for no key. */
    static void weights(Tile t, int from, int to) {
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            Declines.run(t.scores, at, t.max[i], t.weights, at, whole(n));
            Arrays.fill(t.weights, at + n, at + t.ld, 0f);
        }
    }

    /** sums = the sums of weights. */
    static void sum(Tile t, int from, int to) {
        float[] lanes = Scratch.LANE_SUMS.floats(VL);
        for (int i = from; i < to; i++) {
            sum(t.weights, i * t.ld, t.ld, lanes);
            t.sums[i] = (float) added(lanes);
        }
    }

    private static void sum(float[] x, int at, int n, float[] lanes) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        int j = 0;
        for (; j <= n - 2 * VL; j += 2 * VL) {
            a = a.add(FloatVector.fromArray(SPECIES, x, at + j));
            b = b.add(FloatVector.fromArray(SPECIES, x, at + j + VL));
        }
        if (j < n) {
            a = a.add(FloatVector.fromArray(SPECIES, x, at + j));
        }
        TYPE.cast(a).add(b).intoArray(lanes, 0);
    }

    private static double added(float[] lanes) {
        double sum = 0;
        for (int l = 0; l < VL; l++) {
            sum += lanes[l];
        }
        return sum;
    }

    /** y = y factor, of n neighbours. */
    static void multiply(float[] y, int at, int n, float factor) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector.fromArray(SPECIES, y, at + j).mul(factor).intoArray(y, at + j);
        }
        for (; j < n; j++) {
            y[at + j] *= factor;
        }
    }

    // Gradients

    /** scores = scores - max; what stands for no key is 0. */
    static void decline(Tile t, int from, int to) {
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            Arrays.fill(t.scores, at + n, at + whole(n), t.max[i]);
            decline(t.scores, at, whole(n), t.max[i]);
        }
    }

    private static void decline(float[] s, int at, int n, float max) {
        for (int j = 0; j < n; j += VL) {
            FloatVector.fromArray(SPECIES, s, at + j).sub(max).intoArray(s, at + j);
        }
    }

    /** weights = e^(scores - logs), 0 for no key: {@link #decline} came before. */
    static void probabilities(Tile t, int from, int to) {
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            Declines.run(t.scores, at, t.logs[i], t.weights, at, whole(n));
            Arrays.fill(t.weights, at + n, at + t.ld, 0f);
        }
    }

    /** sums = the sums of weights gradients. */
    static void mean(Tile t, int from, int to) {
        float[] lanes = Scratch.LANE_SUMS.floats(VL);
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            Arrays.fill(t.gradients, at + n, at + whole(n), 0f);
            products(t.weights, t.gradients, at, whole(n), lanes);
            t.sums[i] = (float) added(lanes);
        }
    }

    private static void products(float[] x, float[] y, int at, int n, float[] lanes) {
        FloatVector sum = FloatVector.zero(SPECIES);
        for (int j = 0; j < n; j += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, at + j);
            sum = u.fma(FloatVector.fromArray(SPECIES, y, at + j), sum);
        }
        TYPE.cast(sum).intoArray(lanes, 0);
    }

    /** gradients = scale weights (gradients - sums), 0 for no key. */
    static void ofSoftmax(Tile t, int from, int to) {
        float scale = (float) t.s.scale();
        for (int i = from; i < to; i++) {
            int n = t.seen(i);
            int at = i * t.ld;
            ofSoftmax(t.weights, t.gradients, at, whole(n), t.sums[i], scale);
            Arrays.fill(t.gradients, at + n, at + t.ld, 0f);
        }
    }

    private static void ofSoftmax(float[] p, float[] g, int at, int n, float sum, float scale) {
        for (int j = 0; j < n; j += VL) {
            FloatVector less = FloatVector.fromArray(SPECIES, g, at + j).sub(sum);
            FloatVector.fromArray(SPECIES, p, at + j).mul(less).mul(scale).intoArray(g, at + j);
        }
    }
}
