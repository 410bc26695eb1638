package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Pool2dSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of the maximum of 3 x 3 windows at a distance of 2, padded by 1 or not: the first
 * pooling of many networks. Nothing is scattered: {@link PlanePooling} spends most of its time on
 * adding to elements that the window before has just added to (13 ms for [8, 64, 112, 112] on one
 * thread, where this takes 5 ms).
 *
 * <p>Floats become ints in the same order, and a pair of neighbouring columns is a long: shifted or
 * masked, either column is its upper half, and the lower half says where in the window it is, the
 * first place being the largest. A maximum of nine longs is then the value and its first place. A
 * place is kept as one bit of an int, once for each of the two columns that a window begins with,
 * so that an element's windows lie beside it; each of its four or fewer windows gives it dy under a
 * mask that a shift makes of that bit. Works on strips of rows that stay in the second-level cache.
 *
 * <p>NaN, whose order as an int is another, leaves its plane to {@link PlanePooling}.
 */
final class OverlapPooling {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Windows of a vector. */
    private static final int HALF = LANES / 2;

    private static final VectorShuffle<Integer> LOWER = VectorShuffle.fromOp(BITS, l -> l & -2);
    private static final VectorShuffle<Float> TWICE = VectorShuffle.fromOp(SPECIES, l -> l / 2);

    private static final VectorOperators.Comparison GT = VectorOperators.GT;
    private static final int INFINITY = 0x7f800000;

    /** Less than any key of a number. */
    private static final int BORDER = Integer.MIN_VALUE;

    private static final long UPPER_HALF = 0xffff_ffff_0000_0000L;

    /** Ints of the keys of a strip; with the rest, four times as many are in use. */
    private static final int STRIP = 1 << 14;

    /** Elements of input per chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    private final Pool2dSpec s;
    private final float[] x;
    private final float[] dy;
    private final float[] dx;

    /** Ints of a row, in everything that is kept: a window's twins, and 0 or a border. */
    private final int stride;

    private final int stripRows;

    /** Where in the scratch the keys of odd rows begin, counted from those of even rows. */
    private final int odd;

    /** Where in the scratch the maxima of rows, the bits and the gradients begin. */
    private final int bests;

    private final int bits;
    private final int gradients;
    private final int length;

    /** Shifts that move the bit of a row and a column of the window to the sign. */
    private final int[] shifts = new int[6 * LANES];

    private OverlapPooling(Pool2dSpec s, float[] x, float[] dy, float[] dx) {
        this.s = s;
        this.x = x;
        this.dy = dy;
        this.dx = dx;
        stride = (s.w() + 3) / 2 * 2;
        stripRows = Math.max(1, Math.min(s.outH(), STRIP / (2 * stride)));
        // Whole vectors may reach beyond the last row, and begin before the first one.
        odd = (stripRows + 1) * stride + 2 * LANES;
        bests = odd + stripRows * stride + 2 * LANES;
        bits = 2 * bests + LANES;
        gradients = bits + (stripRows + 2) * stride + 2 * LANES;
        length = gradients + (stripRows + 2) * stride + 2 * LANES;
        for (int row = 0; row < 3; row++) {
            for (int l = 0; l < LANES; l++) {
                boolean even = (l + s.padW()) % 2 == 0;
                shifts[2 * row * LANES + l] = 31 - bit(row, even ? 2 : 1);
                // No shift: odd columns are in one window only, and the sign is not in use.
                shifts[(2 * row + 1) * LANES + l] = even ? 31 - bit(row, 0) : 0;
            }
        }
    }

    private static int bit(int row, int column) {
        return 8 - 3 * row - column;
    }

    static boolean fits(Pool2dSpec s) {
        return s.kernelH() == 3
                && s.kernelW() == 3
                && s.strideH() == 2
                && s.strideW() == 2
                && s.padH() <= 1
                && s.padW() <= 1;
    }

    /** dx = the sum of dy of the windows whose first largest element lies there. */
    static void maxGrad(float[] x, int xo, float[] dy, int go, float[] dx, int to, Pool2dSpec s) {
        OverlapPooling pooling = new OverlapPooling(s, x, dy, dx);
        Pool2dSpec one =
                new Pool2dSpec(
                        1, 1, s.h(), s.w(), 3, 3, 2, 2, s.padH(), s.padW(), s.countIncludePad());
        int size = s.h() * s.w();
        int outputs = s.outH() * s.outW();
        VectorElementWise.forItems(
                s.n() * s.channels(),
                size,
                CHUNK,
                plane -> {
                    int p = xo + plane * size;
                    int g = go + plane * outputs;
                    int d = to + plane * size;
                    if (!pooling.plane(p, g, d)) {
                        PlanePooling.maxGrad(x, p, dy, g, dx, d, one);
                    }
                });
    }

    /** Does a plane, or returns false if there is NaN about. */
    private boolean plane(int p, int g, int d) {
        int[] scratch = Parallel.intScratch(length);
        Arrays.fill(scratch, bits - LANES, bits + stride, 0);
        for (int first = 0; first < s.outH(); first += stripRows) {
            int rows = Math.min(stripRows, s.outH() - first);
            boolean last = first + rows == s.outH();
            int top = 2 * first - s.padH();
            if (!keys(scratch, p, top, 2 * rows + 1)) {
                return false;
            }
            rowMaxima(scratch, 0, (rows + 1) * stride);
            rowMaxima(scratch, odd, rows * stride);
            windows(scratch, rows);
            twice(scratch, g + first * s.outW(), rows);
            if (last) {
                int end = bits + (rows + 1) * stride;
                Arrays.fill(scratch, end, end + stride, 0);
            }
            int endRow = last ? s.h() : top + 2 * rows;
            gradientRows(scratch, Math.max(0, -top), endRow - top, d + top * s.w());
            // The next strip's first row has windows of this one.
            int kept = rows * stride;
            System.arraycopy(scratch, bits + kept, scratch, bits, stride);
            System.arraycopy(scratch, gradients + kept, scratch, gradients, stride);
        }
        return true;
    }

    /** Rows of ints in the order of the floats, -0 being 0; false if there is NaN about. */
    private boolean keys(int[] scratch, int p, int top, int rows) {
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
        int whole = from + n + LANES <= x.length ? n : n / LANES * LANES;
        for (int c = 0; c < whole; c += LANES) {
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

    /** The largest of three neighbours in n places: its key, and 2 less its column. */
    private void rowMaxima(int[] scratch, int from, int n) {
        int to = bests + from;
        for (int c = 0; c < n; c += LANES) {
            LongVector pair = IntVector.fromArray(BITS, scratch, from + c).reinterpretAsLongs();
            LongVector next = IntVector.fromArray(BITS, scratch, from + c + 2).reinterpretAsLongs();
            LongVector first = pair.lanewise(VectorOperators.LSHL, 32).or(2);
            LongVector second = pair.and(UPPER_HALF).or(1);
            LongVector third = next.lanewise(VectorOperators.LSHL, 32);
            first.max(second).max(third).reinterpretAsInts().intoArray(scratch, to + c);
        }
    }

    /** The bit of each window's first largest element, twice; 0 between the rows. */
    private void windows(int[] scratch, int rows) {
        IntVector one = IntVector.broadcast(BITS, 1);
        int from = bests;
        int middle = bests + odd;
        int below = bests + stride;
        int to = bits + stride;
        for (int c = 0; c < rows * stride; c += LANES) {
            LongVector first = IntVector.fromArray(BITS, scratch, from + c).reinterpretAsLongs();
            LongVector second = IntVector.fromArray(BITS, scratch, middle + c).reinterpretAsLongs();
            LongVector third = IntVector.fromArray(BITS, scratch, below + c).reinterpretAsLongs();
            IntVector best = first.add(6).max(second.add(3)).max(third).reinterpretAsInts();
            one.lanewise(VectorOperators.LSHL, best.rearrange(LOWER)).intoArray(scratch, to + c);
        }
        for (int row = 1; row <= rows; row++) {
            for (int c = 2 * s.outW(); c < stride; c++) {
                scratch[bits + row * stride + c] = 0;
            }
        }
    }

    /** The bits of dy, each element twice. */
    private void twice(int[] scratch, int g, int rows) {
        int n = s.outW();
        for (int row = 0; row < rows; row++) {
            int from = g + row * n;
            int to = gradients + (row + 1) * stride;
            // Each vector sees as many elements again as it needs.
            int room = dy.length - LANES - from;
            int whole = room >= n ? n : Math.max(0, room) / HALF * HALF;
            for (int j = 0; j < whole; j += HALF) {
                FloatVector.fromArray(SPECIES, dy, from + j)
                        .rearrange(TWICE)
                        .reinterpretAsInts()
                        .intoArray(scratch, to + 2 * j);
            }
            for (int j = whole; j < n; j++) {
                int v = Float.floatToRawIntBits(dy[from + j]);
                scratch[to + 2 * j] = v;
                scratch[to + 2 * j + 1] = v;
            }
        }
    }

    /** Rows begin to end - 1 of dx, counted from the strip's first windows, which begin at to. */
    private void gradientRows(int[] scratch, int begin, int end, int to) {
        int w = s.w();
        // Vectors must not write beyond a plane, so rows of other lengths are copied.
        boolean direct = w % LANES == 0;
        float[] target = direct ? dx : Parallel.scratch(VectorConv2d.SLOT_VALUES, 2 * (w + LANES));
        for (int i = begin; i < end; i++) {
            int row = to + i * w;
            int at = direct ? row : 0;
            int next = direct ? row + w : w + LANES;
            // Columns and the windows before theirs; row 0 has the windows above the strip.
            int from = (i + 1) / 2 * stride + s.padW() - 1;
            boolean both = i % 2 == 0 && i + 1 < end;
            if (both) {
                pair(scratch, from, target, at, next);
                i++;
            } else if (i % 2 == 0) {
                twoWindows(scratch, from, target, at);
            } else {
                oneWindow(scratch, from, target, at);
            }
            if (!direct) {
                System.arraycopy(target, 0, dx, row, w);
            }
            if (!direct && both) {
                System.arraycopy(target, next, dx, row + w, w);
            }
        }
    }

    /** A row between the first rows of windows. */
    private void oneWindow(int[] scratch, int from, float[] to, int at) {
        IntVector left = IntVector.fromArray(BITS, shifts, 2 * LANES);
        IntVector right = IntVector.fromArray(BITS, shifts, 3 * LANES);
        for (int c = 0; c < s.w(); c += LANES) {
            FloatVector a = share(scratch, from + c, left);
            FloatVector b = share(scratch, from + c + 1, right);
            a.add(b).intoArray(to, at + c);
        }
    }

    /** A row where one row of windows ends and the next begins. */
    private void twoWindows(int[] scratch, int from, float[] to, int at) {
        IntVector upperLeft = IntVector.fromArray(BITS, shifts, 4 * LANES);
        IntVector upperRight = IntVector.fromArray(BITS, shifts, 5 * LANES);
        IntVector lowerLeft = IntVector.fromArray(BITS, shifts, 0);
        IntVector lowerRight = IntVector.fromArray(BITS, shifts, LANES);
        for (int c = 0; c < s.w(); c += LANES) {
            int below = from + c + stride;
            FloatVector a = share(scratch, from + c, upperLeft);
            FloatVector b = share(scratch, from + c + 1, upperRight);
            FloatVector d = share(scratch, below, lowerLeft);
            FloatVector e = share(scratch, below + 1, lowerRight);
            a.add(b).add(d).add(e).intoArray(to, at + c);
        }
    }

    /**
     * Both of them, the one with two windows first. Loads serve both; spelt out, for JDK 17 did not
     * compile so many calls of {@link #share} into the loop, and then vectors are boxed.
     */
    private void pair(int[] scratch, int from, float[] to, int at, int next) {
        IntVector upperLeft = IntVector.fromArray(BITS, shifts, 4 * LANES);
        IntVector upperRight = IntVector.fromArray(BITS, shifts, 5 * LANES);
        IntVector lowerLeft = IntVector.fromArray(BITS, shifts, 0);
        IntVector lowerRight = IntVector.fromArray(BITS, shifts, LANES);
        IntVector left = IntVector.fromArray(BITS, shifts, 2 * LANES);
        IntVector right = IntVector.fromArray(BITS, shifts, 3 * LANES);
        int w = s.w();
        int upperBits = bits + from;
        int upper = gradients + from;
        int lowerBits = upperBits + stride;
        int lower = upper + stride;
        for (int c = 0; c < w; c += LANES) {
            IntVector first = IntVector.fromArray(BITS, scratch, lowerBits + c);
            IntVector second = IntVector.fromArray(BITS, scratch, lowerBits + c + 1);
            IntVector dy1 = IntVector.fromArray(BITS, scratch, lower + c);
            IntVector dy2 = IntVector.fromArray(BITS, scratch, lower + c + 1);
            FloatVector m1 =
                    first.lanewise(VectorOperators.LSHL, left)
                            .lanewise(VectorOperators.ASHR, 31)
                            .and(dy1)
                            .reinterpretAsFloats();
            second.lanewise(VectorOperators.LSHL, right)
                    .lanewise(VectorOperators.ASHR, 31)
                    .and(dy2)
                    .reinterpretAsFloats()
                    .add(m1)
                    .intoArray(to, next + c);
            FloatVector u1 =
                    IntVector.fromArray(BITS, scratch, upperBits + c)
                            .lanewise(VectorOperators.LSHL, upperLeft)
                            .lanewise(VectorOperators.ASHR, 31)
                            .and(IntVector.fromArray(BITS, scratch, upper + c))
                            .reinterpretAsFloats();
            FloatVector u2 =
                    IntVector.fromArray(BITS, scratch, upperBits + c + 1)
                            .lanewise(VectorOperators.LSHL, upperRight)
                            .lanewise(VectorOperators.ASHR, 31)
                            .and(IntVector.fromArray(BITS, scratch, upper + c + 1))
                            .reinterpretAsFloats();
            FloatVector l1 =
                    first.lanewise(VectorOperators.LSHL, lowerLeft)
                            .lanewise(VectorOperators.ASHR, 31)
                            .and(dy1)
                            .reinterpretAsFloats();
            second.lanewise(VectorOperators.LSHL, lowerRight)
                    .lanewise(VectorOperators.ASHR, 31)
                    .and(dy2)
                    .reinterpretAsFloats()
                    .add(u1.add(u2).add(l1))
                    .intoArray(to, at + c);
        }
    }

    /** dy of the windows whose bit the shift makes the sign, else 0. */
    private FloatVector share(int[] scratch, int at, IntVector shift) {
        return IntVector.fromArray(BITS, scratch, bits + at)
                .lanewise(VectorOperators.LSHL, shift)
                .lanewise(VectorOperators.ASHR, 31)
                .and(IntVector.fromArray(BITS, scratch, gradients + at))
                .reinterpretAsFloats();
    }
}
