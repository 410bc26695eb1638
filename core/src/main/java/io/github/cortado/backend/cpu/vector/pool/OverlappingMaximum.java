package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * The maximum of 3 x 3 windows at a distance of 2, padded by 1 or not, and its place: the first
 * pooling of many networks. {@link OverlappingGradient} has its gradient.
 *
 * <p>Floats become ints in the same order, whose maximum takes one instruction. Three neighbours in
 * a row come first, at every column, then three of these in a column; a place is displaced by a
 * larger value only. Works on strips of rows that stay in the second-level cache.
 *
 * <p>NaN, whose order as an int is another, leaves its plane to {@link Maximum}. A maximum of -0
 * becomes 0.
 */
final class OverlappingMaximum {
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final VectorOperators.Comparison GT = VectorOperators.GT;
    private static final int INFINITY = 0x7f800000;

    /** Less than any key of a number. */
    private static final int BORDER = Integer.MIN_VALUE;

    /** Ints of the keys of a strip; with the rest, four times as many are in use. */
    private static final int STRIP = 1 << 14;

    private final Pool2dSpec s;

    /** For a plane with NaN. */
    private final Maximum ofOnePlane;

    /** Ints of a row of keys, and of what begins at each of them. */
    private final int stride;

    private final int stripRows;

    /** Where in the scratch the keys of odd rows begin, counted from those of even rows. */
    private final int odd;

    /** Where in the scratch the maxima of rows begin, and their places. */
    private final int bests;

    private final int columns;

    /** Where the maxima of windows begin, and their places. */
    private final int windows;

    private final int places;
    private final int length;

    /**
     * A part of a strip's work. They are called from one place, and so compiled one by one: after
     * some forty vector operations C2 of JDK 17 gives up on a method, and boxes.
     */
    @FunctionalInterface
    private interface Part {
        void run(int[] scratch, int rows);
    }

    private final Part[] parts;

    OverlappingMaximum(Pool2dSpec s) {
        this.s = s;
        ofOnePlane =
                new Maximum(
                        new Pool2dSpec(
                                1,
                                1,
                                s.h(),
                                s.w(),
                                3,
                                3,
                                2,
                                2,
                                s.padH(),
                                s.padW(),
                                s.countIncludePad()));
        stride = (s.w() + 3) / 2 * 2;
        stripRows = Math.max(1, Math.min(s.outH(), STRIP / (2 * stride)));
        // Whole vectors may reach beyond the last row.
        odd = (stripRows + 1) * stride + 2 * VL;
        bests = odd + stripRows * stride + 2 * VL;
        columns = 2 * bests;
        windows = 3 * bests;
        places = windows + stripRows * stride + VL;
        length = places + stripRows * stride + VL;
        parts =
                new Part[] {
                    (scratch, rows) -> rowMaxima(scratch, 0, (rows + 1) * stride),
                    (scratch, rows) -> rowMaxima(scratch, odd, rows * stride),
                    (scratch, rows) -> windowMaxima(scratch, rows * stride),
                };
    }

    static @Nullable String obstacle(Pool2dSpec s) {
        if (s.kernelH() != 3 || s.kernelW() != 3) {
            return "windows are not 3 x 3";
        }
        if (s.strideH() != 2 || s.strideW() != 2) {
            return "windows are not at a distance of 2";
        }
        return s.padH() <= 1 && s.padW() <= 1 ? null : "padding is more than 1";
    }

    /** y = largest of each window; NaN wins. */
    void max(HostBuffer.Floats x, HostBuffer.Floats y) {
        run(x, y, null);
    }

    /** y = largest of each window, NaN wins; index = which it is, the first of equals. */
    void maxWithIndex(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.Bytes index) {
        run(x, y, index);
    }

    private void run(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.@Nullable Bytes index) {
        int size = s.h() * s.w();
        int outputs = s.outH() * s.outW();
        EachPlane.run(
                s,
                plane -> {
                    int p = plane * size;
                    int to = plane * outputs;
                    if (plane(x, p, y, to, index)) {
                        return;
                    }
                    if (index == null) {
                        ofOnePlane.max(x.slice(p, size), y.slice(to, outputs));
                    } else {
                        ofOnePlane.maxWithIndex(
                                x.slice(p, size), y.slice(to, outputs), index.slice(to, outputs));
                    }
                });
    }

    /** Does the plane from x's element p on, or returns false if there is NaN about. */
    private boolean plane(
            HostBuffer.Floats x,
            int p,
            HostBuffer.Floats y,
            int to,
            HostBuffer.@Nullable Bytes index) {
        int[] scratch = Scratch.PLACES.ints(length);
        for (int first = 0; first < s.outH(); first += stripRows) {
            int rows = Math.min(stripRows, s.outH() - first);
            int top = 2 * first - s.padH();
            if (!keys(x.array(), x.offset() + p, scratch, top, 2 * rows + 1)) {
                return false;
            }
            for (Part part : parts) {
                part.run(scratch, rows);
            }
            for (int row = 0; row < rows; row++) {
                int from = row * stride;
                int out = to + (first + row) * s.outW();
                values(scratch, windows + from, y.array(), y.offset() + out, s.outW());
                if (index != null) {
                    places(scratch, places + from, index.array(), index.offset() + out, s.outW());
                }
            }
        }
        return true;
    }

    private static void values(int[] scratch, int from, float[] y, int to, int n) {
        for (int j = 0; j < n; j++) {
            int key = scratch[from + 2 * j];
            y[to + j] = Float.intBitsToFloat(key < 0 ? BORDER - key : key);
        }
    }

    private static void places(int[] scratch, int from, byte[] index, int to, int n) {
        for (int j = 0; j < n; j++) {
            index[to + j] = (byte) scratch[from + 2 * j];
        }
    }

    /** Rows of ints in the order of the floats, -0 being 0; false if there is NaN about. */
    private boolean keys(float[] x, int p, int[] scratch, int top, int rows) {
        for (int row = 0; row < rows; row++) {
            int begin = row / 2 * stride + row % 2 * odd;
            if (top + row < 0 || top + row >= s.h()) {
                Arrays.fill(scratch, begin, begin + stride, BORDER);
                continue;
            }
            int to = begin + s.padW();
            if (!keyRow(x, p + (top + row) * s.w(), scratch, to, s.w())) {
                return false;
            }
            if (s.padW() > 0) {
                scratch[begin] = BORDER;
            }
            scratch[to + s.w()] = BORDER;
        }
        return true;
    }

    /** JDK 17 boxes a vector that lives through an outer loop, so each row looks for NaN. */
    private static boolean keyRow(float[] x, int from, int[] keys, int to, int n) {
        IntVector largest = IntVector.zero(BITS);
        int whole = from + n + VL <= x.length ? n : n / VL * VL;
        for (int c = 0; c < whole; c += VL) {
            IntVector v = FloatVector.fromArray(SPECIES, x, from + c).reinterpretAsInts();
            IntVector size = v.and(Integer.MAX_VALUE);
            IntVector sign = v.lanewise(VectorOperators.ASHR, 31);
            largest = size.max(largest);
            size.lanewise(VectorOperators.XOR, sign).sub(sign).intoArray(keys, to + c);
        }
        boolean anyNaN = IntVector.zero(BITS).max(largest).compare(GT, INFINITY).anyTrue();
        for (int c = whole; c < n; c++) {
            int v = Float.floatToRawIntBits(x[from + c]);
            int size = v & Integer.MAX_VALUE;
            anyNaN |= size > INFINITY;
            keys[to + c] = v < 0 ? -size : size;
        }
        return !anyNaN;
    }

    /** The largest of three neighbours in n places: its key, and its column. */
    private void rowMaxima(int[] scratch, int from, int n) {
        IntVector one = IntVector.broadcast(BITS, 1);
        IntVector two = IntVector.broadcast(BITS, 2);
        for (int c = 0; c < n; c += VL) {
            IntVector a = IntVector.fromArray(BITS, scratch, from + c);
            IntVector b = IntVector.fromArray(BITS, scratch, from + c + 1);
            IntVector d = IntVector.fromArray(BITS, scratch, from + c + 2);
            IntVector ab = a.max(b);
            IntVector.zero(BITS)
                    .blend(one, b.compare(GT, a))
                    .blend(two, d.compare(GT, ab))
                    .intoArray(scratch, columns + from + c);
            d.max(ab).intoArray(scratch, bests + from + c);
        }
    }

    /** The largest of three rows: its key, and its place in the window. */
    private void windowMaxima(int[] scratch, int n) {
        int middle = odd;
        int below = stride;
        IntVector three = IntVector.broadcast(BITS, 3);
        IntVector six = IntVector.broadcast(BITS, 6);
        for (int c = 0; c < n; c += VL) {
            IntVector a = IntVector.fromArray(BITS, scratch, bests + c);
            IntVector b = IntVector.fromArray(BITS, scratch, bests + middle + c);
            IntVector d = IntVector.fromArray(BITS, scratch, bests + below + c);
            IntVector ab = a.max(b);
            IntVector.fromArray(BITS, scratch, columns + c)
                    .blend(
                            IntVector.fromArray(BITS, scratch, columns + middle + c).add(three),
                            b.compare(GT, a))
                    .blend(
                            IntVector.fromArray(BITS, scratch, columns + below + c).add(six),
                            d.compare(GT, ab))
                    .intoArray(scratch, places + c);
            d.max(ab).intoArray(scratch, windows + c);
        }
    }
}
