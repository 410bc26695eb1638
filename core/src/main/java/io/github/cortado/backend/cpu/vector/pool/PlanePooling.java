package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.layout.Side;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Pooling with any window, stride and padding, on the planes that convolutions use ({@link
 * Planes}): every place of a window is then a constant distance, and lanes run over windows.
 *
 * <p>Borders are negative infinity for the maximum and 0 for the mean. A place in a window is kept
 * as a float, for JDK 17 has no fast way from one kind of vector to another. Gradients are added
 * window by window, in ascending order.
 */
public final class PlanePooling {
    /** The place where a window holds nothing above negative infinity. */
    private static final float NO_PLACE = -1f;

    /** Elements of input per chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    /** Takes a row of windows: their values and places are at {@code from}. */
    @FunctionalInterface
    private interface Sink {
        void take(float[] values, float[] places, int from, int plane, int row);
    }

    private final Pool2dSpec s;
    private final Planes planes;
    private final int[] distance;

    /** How far a place of a window is from its first one, in the picture. */
    private final int[] step;

    private PlanePooling(Pool2dSpec s) {
        this.s = s;
        planes =
                Planes.of(
                        s.n() * s.channels(),
                        1,
                        1,
                        new Side(s.h(), s.strideH(), s.kernelH(), s.padH(), s.outH()),
                        new Side(s.w(), s.strideW(), s.kernelW(), s.padW(), s.outW()));
        distance = new int[s.kernelH() * s.kernelW()];
        step = new int[distance.length];
        for (int q = 0; q < distance.length; q++) {
            distance[q] = planes.tap(q / s.kernelW(), q % s.kernelW());
            step[q] = q / s.kernelW() * s.w() + q % s.kernelW();
        }
    }

    /** y = largest of each window; NaN wins. */
    public static void max(float[] x, int xo, float[] y, int yo, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        pooling.forStrips(
                x,
                xo,
                Float.NEGATIVE_INFINITY,
                (laidOut, positions, values, places) -> pooling.largest(laidOut, positions, values),
                (values, places, from, plane, row) -> {
                    int out = yo + (plane * s.outH() + row) * s.outW();
                    System.arraycopy(values, from, y, out, s.outW());
                });
    }

    /** dx = the sum of dy of the windows whose first largest element lies there. */
    public static void maxGrad(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        Arrays.fill(dx, to, to + s.n() * s.channels() * s.h() * s.w(), 0f);
        pooling.forStripsInOrder(
                x,
                xo,
                Float.NEGATIVE_INFINITY,
                pooling::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int g = go + (plane * s.outH() + row) * s.outW();
                    int corner = to + pooling.corner(plane, row);
                    for (int j = 0; j < s.outW(); j++) {
                        int place = (int) places[from + j];
                        if (place < 0) {
                            place = pooling.firstInside(row, j);
                        }
                        dx[corner + j * s.strideW() + pooling.step[place]] += dy[g + j];
                    }
                });
    }

    /** y = largest of each window, NaN wins; index = which it is, the first of equals. */
    public static void maxWithIndex(
            float[] x, int xo, float[] y, int yo, byte[] index, int io, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        pooling.forStrips(
                x,
                xo,
                Float.NEGATIVE_INFINITY,
                pooling::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int out = (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        int place = (int) places[from + j];
                        y[yo + out + j] = values[from + j];
                        index[io + out + j] =
                                (byte) (place < 0 ? pooling.firstInside(row, j) : place);
                    }
                });
    }

    /** y = largest of 0 and each window; index = which it is, NOWHERE for 0 and NaN. */
    public static void reluMax(
            float[] x, int xo, float[] y, int yo, byte[] index, int io, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        pooling.forStrips(
                x,
                xo,
                Float.NEGATIVE_INFINITY,
                pooling::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int out = (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        float max = values[from + j];
                        int place = max > 0f ? (int) places[from + j] : Pool2dSpec.NOWHERE;
                        y[yo + out + j] = Math.max(max, 0f);
                        index[io + out + j] = (byte) place;
                    }
                });
    }

    /** dx = the sum of dy of the windows whose index lies there. */
    public static void reluMaxGrad(
            float[] dy, int go, byte[] index, int io, float[] dx, int to, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        pooling.forPlanes(
                plane -> {
                    int first = to + plane * s.h() * s.w();
                    Arrays.fill(dx, first, first + s.h() * s.w(), 0f);
                    for (int row = 0; row < s.outH(); row++) {
                        int out = (plane * s.outH() + row) * s.outW();
                        int corner = to + pooling.corner(plane, row);
                        for (int j = 0; j < s.outW(); j++) {
                            int place = index[io + out + j] & 0xff;
                            if (place != Pool2dSpec.NOWHERE) {
                                dx[corner + j * s.strideW() + pooling.step[place]] +=
                                        dy[go + out + j];
                            }
                        }
                    }
                });
    }

    /** y = mean of each window. */
    public static void mean(float[] x, int xo, float[] y, int yo, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        float[] down = counts(s.outH(), s.strideH(), s.padH(), s.kernelH(), s.h(), s);
        float[] across = counts(s.outW(), s.strideW(), s.padW(), s.kernelW(), s.w(), s);
        pooling.forStrips(
                x,
                xo,
                0f,
                (laidOut, positions, values, places) -> pooling.sums(laidOut, positions, values),
                (values, places, from, plane, row) -> {
                    int out = yo + (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        y[out + j] = values[from + j] / (down[row] * across[j]);
                    }
                });
    }

    /** dx = the sum of dy / divisor of the windows that an element belongs to. */
    public static void meanGrad(float[] dy, int go, float[] dx, int to, Pool2dSpec s) {
        PlanePooling pooling = new PlanePooling(s);
        float[] down = counts(s.outH(), s.strideH(), s.padH(), s.kernelH(), s.h(), s);
        float[] across = counts(s.outW(), s.strideW(), s.padW(), s.kernelW(), s.w(), s);
        pooling.forPlanes(
                plane -> {
                    int first = to + plane * s.h() * s.w();
                    Arrays.fill(dx, first, first + s.h() * s.w(), 0f);
                    for (int row = 0; row < s.outH(); row++) {
                        int g = go + (plane * s.outH() + row) * s.outW();
                        for (int j = 0; j < s.outW(); j++) {
                            float share = dy[g + j] / (down[row] * across[j]);
                            pooling.addToWindow(dx, first, row, j, share);
                        }
                    }
                });
    }

    private void addToWindow(float[] dx, int first, int row, int column, float share) {
        int top = row * s.strideH() - s.padH();
        int left = column * s.strideW() - s.padW();
        int bottom = Math.min(top + s.kernelH(), s.h());
        int right = Math.min(left + s.kernelW(), s.w());
        for (int i = Math.max(top, 0); i < bottom; i++) {
            int at = first + i * s.w();
            for (int j = Math.max(left, 0); j < right; j++) {
                dx[at + j] += share;
            }
        }
    }

    /** The rows, or columns, that count in each window's divisor. */
    private static float[] counts(
            int windows, int stride, int pad, int kernel, int size, Pool2dSpec s) {
        float[] counts = new float[windows];
        for (int i = 0; i < windows; i++) {
            int begin = i * stride - pad;
            int end = Math.min(begin + kernel, size + pad);
            counts[i] =
                    s.countIncludePad() ? end - begin : Math.min(end, size) - Math.max(begin, 0);
        }
        return counts;
    }

    /** Where the first place of a row's first window lies in x; it may be outside. */
    private int corner(int plane, int row) {
        return (plane * s.h() + row * s.strideH() - s.padH()) * s.w() - s.padW();
    }

    /** The first place of a window that is in the picture. */
    private int firstInside(int row, int column) {
        int down = Math.max(0, s.padH() - row * s.strideH());
        int right = Math.max(0, s.padW() - column * s.strideW());
        return down * s.kernelW() + right;
    }

    private void largest(float[] x, int positions, float[] values) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            for (int d : distance) {
                max = FloatVector.fromArray(SPECIES, x, p + d).max(max);
            }
            max.intoArray(values, p);
        }
    }

    private void largestWithPlaces(float[] x, int positions, float[] values, float[] places) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            FloatVector place = FloatVector.broadcast(SPECIES, NO_PLACE);
            for (int q = 0; q < distance.length; q++) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + distance[q]);
                // Larger, or NaN, and nothing displaces NaN.
                VectorMask<Float> wins =
                        v.compare(VectorOperators.LE, max)
                                .not()
                                .and(max.compare(VectorOperators.EQ, max));
                max = max.blend(v, wins);
                place = place.blend(FloatVector.broadcast(SPECIES, q), wins);
            }
            max.intoArray(values, p);
            place.intoArray(places, p);
        }
    }

    private void sums(float[] x, int positions, float[] values) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector sum = FloatVector.zero(SPECIES);
            for (int d : distance) {
                sum = FloatVector.fromArray(SPECIES, x, p + d).add(sum);
            }
            sum.intoArray(values, p);
        }
    }

    /** Computes the windows at all positions of a strip. */
    @FunctionalInterface
    private interface Windows {
        void compute(float[] laidOut, int positions, float[] values, float[] places);
    }

    /** Computes and takes all strips, at the same time. */
    private void forStrips(float[] x, int xo, float border, Windows windows, Sink sink) {
        forItems(
                planes.units(s.n() * s.channels()),
                planes.strips(),
                unit -> strip(unit, x, xo, border, windows, sink));
    }

    /** As {@link #forStrips}, but those of a plane in ascending order. */
    private void forStripsInOrder(float[] x, int xo, float border, Windows windows, Sink sink) {
        forItems(
                planes.units(s.n() * s.channels()) / planes.strips(),
                1,
                group -> {
                    for (int i = 0; i < planes.strips(); i++) {
                        strip(group * planes.strips() + i, x, xo, border, windows, sink);
                    }
                });
    }

    private void forItems(int items, int perGroup, Parallel.Body body) {
        int size = planes.pictures() * s.h() * s.w() / perGroup;
        Parallel.forItems(items, size, CHUNK, body);
    }

    private void strip(int unit, float[] x, int xo, float border, Windows windows, Sink sink) {
        int size = s.h() * s.w();
        Planes.Strip strip = planes.strip(unit, s.n() * s.channels());
        float[] laidOut = Scratch.PLANES.floats(planes.length(1));
        planes.fill(x, xo, size, strip, 1, border, laidOut, 0);
        int positions = planes.positions(strip.rows());
        float[] values = Scratch.OUTPUTS.floats(positions + VL);
        float[] places = Scratch.VALUES.floats(positions + VL);
        windows.compute(laidOut, positions, values, places);
        for (int row = 0; row < strip.rows(); row++) {
            for (int k = 0; k < strip.count(); k++) {
                int from = row * planes.rowStride() + k * planes.width();
                sink.take(values, places, from, strip.picture() + k, strip.firstRow() + row);
            }
        }
    }

    private void forPlanes(Parallel.Body plane) {
        Parallel.forItems(s.n() * s.channels(), s.h() * s.w(), CHUNK, plane);
    }
}
