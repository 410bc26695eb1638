package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/** Sums of elements that lie together, and of rows, on one thread. */
public final class Sums {
    /**
     * Elements of a line that are summed in float before their sum is added in double: 64 of each
     * lane, however many lanes there are.
     */
    public static final int BLOCK = 256 * VL;

    /** Columns whose sums stay in the first-level cache while rows are added. */
    private static final int STRIP = 1 << 11;

    private Sums() {}

    /** The sum of n elements from {@code from} on. */
    public static double ofLine(float[] x, int from, int n) {
        return ofLine(0, x, from, n);
    }

    /** The same of a line of which {@code before} has been added up, whole {@link #BLOCK}s. */
    public static double ofLine(double before, float[] x, int from, int n) {
        int whole = n - n % VL;
        double sum = whole == 0 ? before : ofVectors(before, x, from, whole);
        for (int i = whole; i < n; i++) {
            sum += x[from + i];
        }
        return sum;
    }

    private static double ofVectors(double before, float[] x, int from, int n) {
        float[] lanes = Scratch.LANE_SUMS.floats(VL);
        double sum = before;
        for (int i = 0; i < n; i += BLOCK) {
            addLanes(x, from + i, Math.min(BLOCK, n - i), lanes);
            sum += ofLanes(lanes);
        }
        return sum;
    }

    private static void addLanes(float[] x, int from, int n, float[] lanes) {
        FloatVector a = FloatVector.zero(SPECIES);
        FloatVector b = a;
        FloatVector c = a;
        FloatVector d = a;
        int i = from;
        int end = from + n;
        for (; i <= end - 4 * VL; i += 4 * VL) {
            a = a.add(FloatVector.fromArray(SPECIES, x, i));
            b = b.add(FloatVector.fromArray(SPECIES, x, i + VL));
            c = c.add(FloatVector.fromArray(SPECIES, x, i + 2 * VL));
            d = d.add(FloatVector.fromArray(SPECIES, x, i + 3 * VL));
        }
        for (; i < end; i += VL) {
            a = a.add(FloatVector.fromArray(SPECIES, x, i));
        }
        a.add(b).add(c.add(d)).intoArray(lanes, 0);
    }

    /** The sum of VL lanes, every fourth first, so that additions do not wait for each other. */
    public static float ofLanes(float[] lanes) {
        float a = 0f;
        float b = 0f;
        float c = 0f;
        float d = 0f;
        for (int i = 0; i < VL; i += 4) {
            a += lanes[i];
            b += lanes[i + 1];
            c += lanes[i + 2];
            d += lanes[i + 3];
        }
        return (a + b) + (c + d);
    }

    /** y_j = sum over i of x_ij, for {@code rows} rows of {@code width}, four at a time. */
    public static void ofRows(float[] x, int from, int rows, int width, float[] y, int at) {
        Arrays.fill(y, at, at + width, 0f);
        for (int column = 0; column < width; column += STRIP) {
            int n = Math.min(STRIP, width - column);
            int start = from + column;
            int row = 0;
            for (; row <= rows - 4; row += 4) {
                addFour(x, start + row * width, width, y, at + column, n);
            }
            for (; row < rows; row++) {
                add(x, start + row * width, y, at + column, n);
            }
        }
    }

    private static void addFour(float[] x, int from, int width, float[] y, int at, int n) {
        int second = from + width;
        int third = second + width;
        int fourth = third + width;
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector left =
                    FloatVector.fromArray(SPECIES, x, from + j)
                            .add(FloatVector.fromArray(SPECIES, x, second + j));
            FloatVector right =
                    FloatVector.fromArray(SPECIES, x, third + j)
                            .add(FloatVector.fromArray(SPECIES, x, fourth + j));
            FloatVector.fromArray(SPECIES, y, at + j).add(left.add(right)).intoArray(y, at + j);
        }
        for (; j < n; j++) {
            y[at + j] += (x[from + j] + x[second + j]) + (x[third + j] + x[fourth + j]);
        }
    }

    /** y += x, of n elements. */
    static void add(float[] x, int from, float[] y, int at, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector.fromArray(SPECIES, y, at + j)
                    .add(FloatVector.fromArray(SPECIES, x, from + j))
                    .intoArray(y, at + j);
        }
        for (; j < n; j++) {
            y[at + j] += x[from + j];
        }
    }
}
