package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Pool2dSpec;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * The gradient of {@link OverlapPooling} from the places of the maxima. Nothing is scattered:
 * {@link PlanePooling} spends most of its time on adding to elements that the window before has
 * just added to.
 *
 * <p>A place is kept as one bit of an int, once for each of the two columns that a window begins
 * with, so that an element's windows lie beside it; each of its four or fewer windows gives it dy
 * under a mask that a shift makes of that bit. Works on strips of rows that stay in the
 * second-level cache.
 */
final class OverlapPoolGradient {
    private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** The bit of each place, and none for windows whose gradient goes nowhere. */
    private static final int[] BIT_OF_PLACE = new int[256];

    static {
        for (int place = 0; place < 9; place++) {
            BIT_OF_PLACE[place] = 1 << (8 - place);
        }
    }

    /** Ints of the bits of a strip, and of the gradients. */
    private static final int STRIP = 1 << 14;

    private final Pool2dSpec s;
    private final float[] dy;
    private final float[] dx;

    /** Ints of a row: a window's twins, and 0 at the end. */
    private final int stride;

    private final int stripRows;

    /** Where in the scratch the bits and the gradients begin, with a row of the strip above. */
    private final int bits;

    private final int gradients;
    private final int length;

    /** Shifts that move the bit of a row and a column of the window to the sign. */
    private final int[] shifts = new int[6 * LANES];

    private OverlapPoolGradient(Pool2dSpec s, float[] dy, float[] dx) {
        this.s = s;
        this.dy = dy;
        this.dx = dx;
        stride = (s.w() + 3) / 2 * 2;
        stripRows = Math.max(1, Math.min(s.outH(), STRIP / stride));
        // Whole vectors may reach beyond the last row, and begin before the first one.
        bits = LANES;
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

    /** dx = the sum of dy of the windows whose index lies there; shapes that fit the maximum. */
    static void run(float[] dy, int go, byte[] index, int io, float[] dx, int to, Pool2dSpec s) {
        OverlapPoolGradient gradient = new OverlapPoolGradient(s, dy, dx);
        int size = s.h() * s.w();
        int outputs = s.outH() * s.outW();
        VectorElementWise.forItems(
                s.n() * s.channels(),
                size,
                OverlapPooling.CHUNK,
                plane ->
                        gradient.plane(
                                go + plane * outputs,
                                index,
                                io + plane * outputs,
                                to + plane * size));
    }

    private void plane(int g, byte[] index, int at, int d) {
        int[] scratch = Parallel.intScratch(length);
        Arrays.fill(scratch, 0, bits + stride, 0);
        for (int first = 0; first < s.outH(); first += stripRows) {
            int rows = Math.min(stripRows, s.outH() - first);
            boolean last = first + rows == s.outH();
            int top = 2 * first - s.padH();
            windows(index, at + first * s.outW(), g + first * s.outW(), scratch, rows);
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
    }

    /** The bit of each window's place and the bits of its dy, twice; 0 between the rows. */
    private void windows(byte[] index, int at, int g, int[] scratch, int rows) {
        int n = s.outW();
        for (int row = 0; row < rows; row++) {
            int to = (row + 1) * stride;
            twice(index, at + row * n, scratch, bits + to, n);
            twice(dy, g + row * n, scratch, gradients + to, n);
            Arrays.fill(scratch, bits + to + 2 * n, bits + to + stride, 0);
        }
    }

    private static void twice(byte[] index, int from, int[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            int bit = BIT_OF_PLACE[index[from + j] & 0xff];
            to[at + 2 * j] = bit;
            to[at + 2 * j + 1] = bit;
        }
    }

    private static void twice(float[] dy, int from, int[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            int v = Float.floatToRawIntBits(dy[from + j]);
            to[at + 2 * j] = v;
            to[at + 2 * j + 1] = v;
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
