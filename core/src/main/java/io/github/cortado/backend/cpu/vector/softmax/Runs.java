package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.pointwise.Declines;
import io.github.cortado.backend.cpu.vector.softmax.Step.Work;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/**
 * Steps over lines of neighbours, each a row: lanes are put together at its end, in a fixed order.
 * Sums are as exact as those of {@link Columns}.
 */
final class Runs {
    private static final VectorShuffle<Float> HALVES = turned(2);
    private static final VectorShuffle<Float> QUARTERS = turned(4);
    private static final VectorShuffle<Float> EIGHTHS = turned(8);
    private static final VectorShuffle<Float> SIXTEENTHS = turned(16);

    private Runs() {}

    /** Neighbouring parts change places, of so many that a vector has. */
    private static VectorShuffle<Float> turned(int parts) {
        return VectorShuffle.fromOp(SPECIES, l -> l ^ VL / parts);
    }

    /** max = the largest of each row. */
    static void max(Work w) {
        for (int i = 0; i < w.rows; i++) {
            w.max[i] = max(w.x.array(), w.x.row(i), w.width);
        }
    }

    private static float max(float[] x, int p, int n) {
        FloatVector a = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = 0;
        for (; i <= n - 4 * VL; i += 4 * VL) {
            a = a.max(FloatVector.fromArray(SPECIES, x, p + i));
            b = b.max(FloatVector.fromArray(SPECIES, x, p + i + VL));
            c = c.max(FloatVector.fromArray(SPECIES, x, p + i + 2 * VL));
            d = d.max(FloatVector.fromArray(SPECIES, x, p + i + 3 * VL));
        }
        float max = largest(TYPE.cast(a).max(b).max(TYPE.cast(c).max(d)));
        for (; i < n; i++) {
            max = Math.max(max, x[p + i]);
        }
        return max;
    }

    /** Of integers, which are in the order of floats if the bits of negative ones are turned. */
    private static float largest(FloatVector v) {
        IntVector bits = v.reinterpretAsInts();
        IntVector turned = bits.lanewise(VectorOperators.ASHR, 31).and(Integer.MAX_VALUE);
        int max = bits.lanewise(VectorOperators.XOR, turned).reduceLanes(VectorOperators.MAX);
        return Float.intBitsToFloat(max ^ (max >> 31 & Integer.MAX_VALUE));
    }

    /** y = e^(x - max). */
    static void exp(Work w) {
        for (int i = 0; i < w.rows; i++) {
            Declines.run(w.x.array(), w.x.row(i), w.max[i], w.y.array(), w.y.row(i), w.width);
        }
    }

    /** y = e^x, of logarithms of probabilities. */
    static void expOfX(Work w) {
        int n = w.rows * w.width;
        Declines.run(w.x.array(), w.x.offset(), 0f, w.y.array(), w.y.offset(), n);
    }

    /** sums = the sums of y. */
    static void sumY(Work w) {
        sum(w, w.y);
    }

    /** sums = the sums of g. */
    static void sumG(Work w) {
        sum(w, w.g);
    }

    private static void sum(Work w, Panel x) {
        for (int i = 0; i < w.rows; i++) {
            set(w, i, sum(x.array(), x.row(i), w.width, w.lanes));
        }
    }

    /** The sum of n numbers from the p-th on, exact to double, but infinite where floats are. */
    static double sum(float[] x, int p, int n) {
        return sum(x, p, n, Scratch.LANE_SUMS.floats(VL));
    }

    private static double sum(float[] x, int p, int n, float[] lanes) {
        FloatVector s = FloatVector.zero(SPECIES);
        FloatVector low = s;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector t = s.add(v);
            FloatVector part = t.sub(s);
            low = s.sub(t.sub(part)).add(v.sub(part)).add(low);
            s = t;
        }
        TYPE.cast(s).intoArray(lanes, 0);
        double rest = 0;
        for (; i < n; i++) {
            rest += x[p + i];
        }
        float took = lanes(TYPE.cast(low));
        // Of a sum that is infinite nothing is lost that could be added to it.
        return sum(lanes, rest) + (Float.isNaN(took) ? 0 : took);
    }

    /** A vector's lanes and the rest, in double. */
    private static double sum(float[] lanes, double rest) {
        double a = rest;
        double b = 0;
        double c = 0;
        double d = 0;
        for (int l = 0; l < VL; l += 4) {
            a += lanes[l];
            b += lanes[l + 1];
            c += lanes[l + 2];
            d += lanes[l + 3];
        }
        return a + b + (c + d);
    }

    /** A vector's lanes, where float is good enough: halves added up, and their halves. */
    private static float lanes(FloatVector v) {
        FloatVector sum = v.add(v.rearrange(HALVES));
        sum = sum.add(sum.rearrange(QUARTERS));
        if (VL >= 8) {
            sum = sum.add(sum.rearrange(EIGHTHS));
        }
        if (VL >= 16) {
            sum = sum.add(sum.rearrange(SIXTEENTHS));
        }
        return sum.lane(0);
    }

    private static void set(Work w, int i, double sum) {
        float high = (float) sum;
        w.sums[i] = high;
        w.lost[i] = Float.isInfinite(high) ? 0f : (float) (sum - high);
    }

    /** sums = the sums of x g. */
    static void sumProducts(Work w) {
        for (int i = 0; i < w.rows; i++) {
            float[] g = w.g.array();
            set(w, i, product(w.x.array(), w.x.row(i), g, w.g.row(i), w.width));
        }
    }

    private static float product(float[] x, int p, float[] y, int q, int n) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        int i = 0;
        for (; i <= n - 2 * VL; i += 2 * VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, p + i);
            a = u.fma(FloatVector.fromArray(SPECIES, y, q + i), a);
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i + VL);
            b = v.fma(FloatVector.fromArray(SPECIES, y, q + i + VL), b);
        }
        float sum = lanes(TYPE.cast(a).add(b));
        for (; i < n; i++) {
            sum = Math.fma(x[p + i], y[q + i], sum);
        }
        return sum;
    }

    /** y = y factors. */
    static void scale(Work w) {
        for (int i = 0; i < w.rows; i++) {
            scale(w.y.array(), w.y.row(i), w.factors[i], w.width);
        }
    }

    private static void scale(float[] y, int q, float factor, int n) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, y, q + i).mul(f).intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] *= factor;
        }
    }

    /** y = x - max - factors. */
    static void minusLog(Work w) {
        for (int i = 0; i < w.rows; i++) {
            minusLog(w, i, w.x.row(i), w.y.row(i));
        }
    }

    private static void minusLog(Work w, int row, int p, int q) {
        float[] x = w.x.array();
        float[] y = w.y.array();
        int n = w.width;
        float max = w.max[row];
        float log = w.factors[row];
        FloatVector m = FloatVector.broadcast(SPECIES, max);
        FloatVector l = FloatVector.broadcast(SPECIES, log);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).sub(m).sub(l).intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] = x[p + i] - max - log;
        }
    }

    /** y = x (g - sums). */
    static void ofSoftmax(Work w) {
        for (int i = 0; i < w.rows; i++) {
            ofSoftmax(w, i, w.x.row(i), w.g.row(i), w.y.row(i));
        }
    }

    private static void ofSoftmax(Work w, int row, int p, int q, int to) {
        float[] x = w.x.array();
        float[] g = w.g.array();
        float[] y = w.y.array();
        int n = w.width;
        float sum = w.sums[row];
        float low = w.lost[row];
        FloatVector s = FloatVector.broadcast(SPECIES, sum);
        FloatVector l = FloatVector.broadcast(SPECIES, low);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector rest = FloatVector.fromArray(SPECIES, g, q + i).sub(s).sub(l);
            FloatVector.fromArray(SPECIES, x, p + i).mul(rest).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = x[p + i] * (g[q + i] - sum - low);
        }
    }

    /** y = g - y sums. */
    static void ofLogSoftmax(Work w) {
        for (int i = 0; i < w.rows; i++) {
            float less = -w.sums[i];
            ofLogSoftmax(w.g.array(), w.g.row(i), less, w.y.array(), w.y.row(i), w.width);
        }
    }

    private static void ofLogSoftmax(float[] g, int q, float less, float[] y, int to, int n) {
        FloatVector s = FloatVector.broadcast(SPECIES, less);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector e = FloatVector.fromArray(SPECIES, y, to + i);
            e.fma(s, FloatVector.fromArray(SPECIES, g, q + i)).intoArray(y, to + i);
        }
        for (; i < n; i++) {
            y[to + i] = Math.fma(y[to + i], less, g[q + i]);
        }
    }

    /** y = (x - less) factor. */
    static void lessTimes(float[] x, int p, double less, float factor, float[] y, int q, int n) {
        float high = (float) less;
        float low = (float) (less - high);
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        FloatVector a = FloatVector.broadcast(SPECIES, high);
        FloatVector b = FloatVector.broadcast(SPECIES, low);
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, p + i).sub(a).sub(b).mul(f).intoArray(y, q + i);
        }
        for (; i < n; i++) {
            y[q + i] = (x[p + i] - high - low) * factor;
        }
    }
}
