package io.github.cortado.backend.cpu.vector.softmax;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.vector.layout.Strips.Panel;
import io.github.cortado.backend.cpu.vector.pointwise.Declines;
import io.github.cortado.backend.cpu.vector.softmax.Step.Work;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Steps over lines that lie side by side, a row of which is in whole vectors: each lane has a line
 * of its own.
 *
 * <p>Sums are kept in two floats, the second of which is what rounding took from the first (Knuth's
 * TwoSum): where a classifier is sure of itself all terms but one are tiny, and its loss is what
 * they add to 1.
 */
final class Columns {
    private Columns() {}

    /** max = the largest of x. */
    static void max(Work w) {
        Arrays.fill(w.max, 0, w.width, Float.NEGATIVE_INFINITY);
        int last = w.rows - 1;
        for (int i = 0; i <= last; i += 4) {
            // A row may come twice: its maximum is the same.
            int second = w.x.row(Math.min(i + 1, last));
            int third = w.x.row(Math.min(i + 2, last));
            int fourth = w.x.row(Math.min(i + 3, last));
            max(w.x.array(), w.x.row(i), second, third, fourth, w.max, w.width);
        }
    }

    private static void max(
            float[] x, int first, int second, int third, int fourth, float[] max, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector.fromArray(SPECIES, max, j)
                    .max(FloatVector.fromArray(SPECIES, x, first + j))
                    .max(FloatVector.fromArray(SPECIES, x, second + j))
                    .max(FloatVector.fromArray(SPECIES, x, third + j))
                    .max(FloatVector.fromArray(SPECIES, x, fourth + j))
                    .intoArray(max, j);
        }
    }

    /** y = e^(x - max). */
    static void exp(Work w) {
        for (int i = 0; i < w.rows; i++) {
            Declines.run(w.x.array(), w.x.row(i), w.max, w.y.array(), w.y.row(i), w.width);
        }
    }

    /** y = e^x, of logarithms of probabilities. */
    static void expOfX(Work w) {
        for (int i = 0; i < w.rows; i++) {
            Declines.run(w.x.array(), w.x.row(i), 0f, w.y.array(), w.y.row(i), w.width);
        }
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
        clear(w);
        int i = 0;
        for (; i < w.rows - 1; i += 2) {
            add(x.array(), x.row(i), x.row(i + 1), w.sums, w.lost, w.width);
        }
        if (i < w.rows) {
            add(x.array(), x.row(i), w.sums, w.lost, w.width);
        }
    }

    private static void clear(Work w) {
        Arrays.fill(w.sums, 0, w.width, 0f);
        Arrays.fill(w.lost, 0, w.width, 0f);
    }

    /** Two rows, so that sums are fetched and put down half as often. */
    private static void add(float[] x, int p, int q, float[] sums, float[] lost, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector u = FloatVector.fromArray(SPECIES, x, p + j);
            FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
            FloatVector t = s.add(u);
            FloatVector part = t.sub(s);
            FloatVector low = s.sub(t.sub(part)).add(u.sub(part));
            low = low.add(FloatVector.fromArray(SPECIES, lost, j));
            FloatVector v = FloatVector.fromArray(SPECIES, x, q + j);
            FloatVector sum = t.add(v);
            part = sum.sub(t);
            t.sub(sum.sub(part)).add(v.sub(part)).add(low).intoArray(lost, j);
            sum.intoArray(sums, j);
        }
    }

    private static void add(float[] x, int p, float[] sums, float[] lost, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + j);
            FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
            FloatVector t = s.add(v);
            FloatVector part = t.sub(s);
            FloatVector low = s.sub(t.sub(part)).add(v.sub(part));
            low.add(FloatVector.fromArray(SPECIES, lost, j)).intoArray(lost, j);
            t.intoArray(sums, j);
        }
    }

    /** sums = the sums of x g, in which products are not rounded. */
    static void sumProducts(Work w) {
        clear(w);
        for (int i = 0; i < w.rows; i++) {
            addProduct(w, w.x.row(i), w.g.row(i));
        }
    }

    private static void addProduct(Work w, int p, int q) {
        float[] x = w.x.array();
        float[] g = w.g.array();
        float[] sums = w.sums;
        float[] lost = w.lost;
        for (int j = 0; j < w.width; j += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + j);
            FloatVector b = FloatVector.fromArray(SPECIES, g, q + j);
            FloatVector v = a.mul(b);
            FloatVector s = FloatVector.fromArray(SPECIES, sums, j);
            FloatVector t = s.add(v);
            FloatVector part = t.sub(s);
            FloatVector low = s.sub(t.sub(part)).add(v.sub(part)).add(a.fma(b, v.neg()));
            low.add(FloatVector.fromArray(SPECIES, lost, j)).intoArray(lost, j);
            t.intoArray(sums, j);
        }
    }

    /** y = y factors. */
    static void scale(Work w) {
        for (int i = 0; i < w.rows; i++) {
            scale(w.y.array(), w.y.row(i), w.factors, w.width);
        }
    }

    private static void scale(float[] y, int q, float[] factors, int n) {
        for (int j = 0; j < n; j += VL) {
            FloatVector f = FloatVector.fromArray(SPECIES, factors, j);
            FloatVector.fromArray(SPECIES, y, q + j).mul(f).intoArray(y, q + j);
        }
    }

    /** y = x - max - factors. */
    static void minusLog(Work w) {
        for (int i = 0; i < w.rows; i++) {
            minusLog(w, w.x.row(i), w.y.row(i));
        }
    }

    private static void minusLog(Work w, int p, int q) {
        float[] x = w.x.array();
        float[] y = w.y.array();
        for (int j = 0; j < w.width; j += VL) {
            FloatVector m = FloatVector.fromArray(SPECIES, w.max, j);
            FloatVector log = FloatVector.fromArray(SPECIES, w.factors, j);
            FloatVector.fromArray(SPECIES, x, p + j).sub(m).sub(log).intoArray(y, q + j);
        }
    }

    /** y = x (g - sums). */
    static void ofSoftmax(Work w) {
        for (int i = 0; i < w.rows; i++) {
            ofSoftmax(w, w.x.row(i), w.g.row(i), w.y.row(i));
        }
    }

    private static void ofSoftmax(Work w, int p, int q, int to) {
        float[] x = w.x.array();
        float[] g = w.g.array();
        float[] y = w.y.array();
        for (int j = 0; j < w.width; j += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, w.sums, j);
            FloatVector low = FloatVector.fromArray(SPECIES, w.lost, j);
            FloatVector rest = FloatVector.fromArray(SPECIES, g, q + j).sub(s).sub(low);
            FloatVector.fromArray(SPECIES, x, p + j).mul(rest).intoArray(y, to + j);
        }
    }

    /** y = g - y sums. */
    static void ofLogSoftmax(Work w) {
        for (int i = 0; i < w.rows; i++) {
            ofLogSoftmax(w, w.g.row(i), w.y.row(i));
        }
    }

    private static void ofLogSoftmax(Work w, int q, int to) {
        float[] g = w.g.array();
        float[] y = w.y.array();
        for (int j = 0; j < w.width; j += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, w.sums, j);
            FloatVector less = s.add(FloatVector.fromArray(SPECIES, w.lost, j)).neg();
            FloatVector e = FloatVector.fromArray(SPECIES, y, to + j);
            e.fma(less, FloatVector.fromArray(SPECIES, g, q + j)).intoArray(y, to + j);
        }
    }

    /** y = (x - less) factor, or 0 where the second n of the factors are not above 0. */
    static void lessTimes(float[] x, int p, double less, float[] factors, float[] y, int q, int n) {
        float high = (float) less;
        FloatVector a = FloatVector.broadcast(SPECIES, high);
        FloatVector b = FloatVector.broadcast(SPECIES, (float) (less - high));
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int j = 0; j < n; j += VL) {
            FloatVector f = FloatVector.fromArray(SPECIES, factors, j);
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + j).sub(a).sub(b).mul(f);
            FloatVector counts = FloatVector.fromArray(SPECIES, factors, n + j);
            zero.blend(v, counts.compare(VectorOperators.GT, zero)).intoArray(y, q + j);
        }
    }
}
