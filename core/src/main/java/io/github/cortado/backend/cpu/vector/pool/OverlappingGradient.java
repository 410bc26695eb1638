package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The gradient of {@link OverlappingMaximum} from the places of the maxima. Nothing is scattered:
 * {@link Maximum} spends most of its time on adding to elements that the window before has just
 * added to.
 *
 * <p>A place is kept as a float, twice, once for each of the two columns that a window begins with,
 * so that an element's windows lie beside it; each of its four or fewer windows gives it dy where
 * the place is the element's. Works on strips of rows that stay in the second-level cache. Floats
 * throughout: between types JDK 17 loses the class of a vector, and then boxes it, once other code
 * has made its profile ambiguous.
 */
final class OverlappingGradient implements Pooling.GradientByIndex {
    /** No window's place, and what is kept where there is no window. */
    private static final float NEVER = -1f;

    private static final float NOTHING = -2f;

    private static final VectorOperators.Comparison EQ = VectorOperators.EQ;

    /** Floats of the places of a strip, and of the gradients. */
    private static final int STRIP = 1 << 14;

    private final Pool2dSpec s;

    /** Floats of a row: a window's twins, and no place at the end. */
    private final int stride;

    private final int stripRows;

    /** Where in the scratch the places and the gradients begin, with a row of the strip above. */
    private final int places;

    private final int gradients;
    private final int length;

    /** The places that give to lanes, for each row of a window, to its left and to its right. */
    private final float[] wanted = new float[6 * VL];

    OverlappingGradient(Pool2dSpec s) {
        this.s = s;
        stride = (s.w() + 3) / 2 * 2;
        stripRows = Math.max(1, Math.min(s.outH(), STRIP / stride));
        // Whole vectors may reach beyond the last row, and begin before the first one.
        places = VL;
        gradients = places + (stripRows + 2) * stride + 2 * VL;
        length = gradients + (stripRows + 2) * stride + 2 * VL;
        for (int row = 0; row < 3; row++) {
            for (int l = 0; l < VL; l++) {
                boolean even = (l + s.padW()) % 2 == 0;
                wanted[2 * row * VL + l] = 3 * row + (even ? 2 : 1);
                // Odd columns are in one window only.
                wanted[(2 * row + 1) * VL + l] = even ? 3 * row : NEVER;
            }
        }
    }

    /** dx = the sum of dy of the windows whose index lies there. */
    @Override
    public void run(HostBuffer.Floats dy, HostBuffer.Bytes index, HostBuffer.Floats dx) {
        int size = s.h() * s.w();
        int outputs = s.outH() * s.outW();
        EachPlane.run(s, plane -> plane(dy, index, plane * outputs, dx, plane * size));
    }

    /** A plane, whose windows begin at {@code from} and its elements at {@code to}. */
    private void plane(
            HostBuffer.Floats dy, HostBuffer.Bytes index, int from, HostBuffer.Floats dx, int to) {
        float[] scratch = Scratch.PLANES.floats(length);
        Arrays.fill(scratch, 0, places + stride, NOTHING);
        Arrays.fill(scratch, gradients, gradients + stride, 0f);
        for (int first = 0; first < s.outH(); first += stripRows) {
            int rows = Math.min(stripRows, s.outH() - first);
            boolean last = first + rows == s.outH();
            int top = 2 * first - s.padH();
            windows(dy, index, from + first * s.outW(), scratch, rows);
            if (last) {
                int end = places + (rows + 1) * stride;
                Arrays.fill(scratch, end, end + stride, NOTHING);
            }
            int endRow = last ? s.h() : top + 2 * rows;
            gradientRows(scratch, Math.max(0, -top), endRow - top, dx, to + top * s.w());
            // The next strip's first row has windows of this one.
            int kept = rows * stride;
            System.arraycopy(scratch, places + kept, scratch, places, stride);
            System.arraycopy(scratch, gradients + kept, scratch, gradients, stride);
        }
    }

    /** The place of each window and its dy, twice; nothing between the rows. */
    private void windows(
            HostBuffer.Floats dy, HostBuffer.Bytes index, int from, float[] scratch, int rows) {
        int n = s.outW();
        int at = index.offset() + from;
        int g = dy.offset() + from;
        for (int row = 0; row < rows; row++) {
            int to = (row + 1) * stride;
            twice(index.array(), at + row * n, scratch, places + to, n);
            twice(dy.array(), g + row * n, scratch, gradients + to, n);
            Arrays.fill(scratch, places + to + 2 * n, places + to + stride, NOTHING);
        }
    }

    private static void twice(byte[] index, int from, float[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            float place = index[from + j] & 0xff;
            to[at + 2 * j] = place;
            to[at + 2 * j + 1] = place;
        }
    }

    private static void twice(float[] dy, int from, float[] to, int at, int n) {
        for (int j = 0; j < n; j++) {
            float v = dy[from + j];
            to[at + 2 * j] = v;
            to[at + 2 * j + 1] = v;
        }
    }

    /** Rows begin to end - 1 of dx, counted from the strip's first windows, which begin at to. */
    private void gradientRows(float[] scratch, int begin, int end, HostBuffer.Floats dx, int to) {
        int w = s.w();
        // Vectors must not write beyond a plane, so rows of other lengths are copied.
        boolean direct = w % VL == 0;
        float[] target = direct ? dx.array() : Scratch.VALUES.floats(w + VL);
        for (int i = begin; i < end; i++) {
            int row = dx.offset() + to + i * w;
            int at = direct ? row : 0;
            // Columns and the windows before theirs; row 0 has the windows above the strip.
            int from = (i + 1) / 2 * stride + s.padW() - 1;
            if (i % 2 == 0) {
                twoWindows(scratch, from, target, at);
            } else {
                oneWindow(scratch, from, target, at);
            }
            if (!direct) {
                System.arraycopy(target, 0, dx.array(), row, w);
            }
        }
    }

    /** A row between the first rows of windows. */
    private void oneWindow(float[] scratch, int from, float[] to, int at) {
        FloatVector left = FloatVector.fromArray(SPECIES, wanted, 2 * VL);
        FloatVector right = FloatVector.fromArray(SPECIES, wanted, 3 * VL);
        FloatVector zero = FloatVector.zero(SPECIES);
        int w = s.w();
        int place = places + from;
        int g = gradients + from;
        for (int c = 0; c < w; c += VL) {
            FloatVector p1 = FloatVector.fromArray(SPECIES, scratch, place + c);
            FloatVector p2 = FloatVector.fromArray(SPECIES, scratch, place + c + 1);
            FloatVector dy1 = FloatVector.fromArray(SPECIES, scratch, g + c);
            FloatVector dy2 = FloatVector.fromArray(SPECIES, scratch, g + c + 1);
            zero.blend(dy1, p1.compare(EQ, left))
                    .add(zero.blend(dy2, p2.compare(EQ, right)))
                    .intoArray(to, at + c);
        }
    }

    /** A row where one row of windows ends and the next begins. */
    private void twoWindows(float[] scratch, int from, float[] to, int at) {
        FloatVector upperLeft = FloatVector.fromArray(SPECIES, wanted, 4 * VL);
        FloatVector upperRight = FloatVector.fromArray(SPECIES, wanted, 5 * VL);
        FloatVector lowerLeft = FloatVector.fromArray(SPECIES, wanted, 0);
        FloatVector lowerRight = FloatVector.fromArray(SPECIES, wanted, VL);
        FloatVector zero = FloatVector.zero(SPECIES);
        int w = s.w();
        int upperPlace = places + from;
        int upper = gradients + from;
        int lowerPlace = upperPlace + stride;
        int lower = upper + stride;
        for (int c = 0; c < w; c += VL) {
            FloatVector p1 = FloatVector.fromArray(SPECIES, scratch, upperPlace + c);
            FloatVector p2 = FloatVector.fromArray(SPECIES, scratch, upperPlace + c + 1);
            FloatVector p3 = FloatVector.fromArray(SPECIES, scratch, lowerPlace + c);
            FloatVector p4 = FloatVector.fromArray(SPECIES, scratch, lowerPlace + c + 1);
            FloatVector dy1 = FloatVector.fromArray(SPECIES, scratch, upper + c);
            FloatVector dy2 = FloatVector.fromArray(SPECIES, scratch, upper + c + 1);
            FloatVector dy3 = FloatVector.fromArray(SPECIES, scratch, lower + c);
            FloatVector dy4 = FloatVector.fromArray(SPECIES, scratch, lower + c + 1);
            zero.blend(dy1, p1.compare(EQ, upperLeft))
                    .add(zero.blend(dy2, p2.compare(EQ, upperRight)))
                    .add(zero.blend(dy3, p3.compare(EQ, lowerLeft)))
                    .add(zero.blend(dy4, p4.compare(EQ, lowerRight)))
                    .intoArray(to, at + c);
        }
    }
}
