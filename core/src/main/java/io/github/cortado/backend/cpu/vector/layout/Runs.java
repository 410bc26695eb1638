package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.REVERSED;

import io.github.cortado.backend.cpu.HostBuffer.Longs;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * Numbers of lines, cut where they do not go on one by one, up or down: what flips, rolls, pads or
 * windows pick lies in a few pieces, which are copied as such.
 *
 * @param starts where each run begins in the index, and where the last one ends
 * @param firsts the number that each begins with
 * @param steps 1 or -1, from one number of a run to the next
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
record Runs(int[] starts, int[] firsts, int[] steps) {
    /** Numbers of a run, on average, from which on runs are faster than numbers. */
    private static final int WORTH = 4;

    /** Numbers at the beginning that may be in shorter ones. */
    private static final int START = 64;

    /**
     * The runs of an index, if they are long.
     *
     * @param most numbers of a run
     */
    static @Nullable Runs of(Longs index, int most) {
        long[] numbers = index.array();
        int from = index.offset();
        int end = from + index.length();
        int count = 0;
        for (int k = from; k < end; count++) {
            k = end(numbers, k, end, most);
            // An index that begins with short runs is not read to its end.
            if ((count + 1) * WORTH > Math.min(k - from + START, index.length())) {
                return null;
            }
        }
        Runs runs = new Runs(new int[count + 1], new int[count], new int[count]);
        int k = from;
        for (int r = 0; r < count; r++) {
            runs.starts[r] = k - from;
            runs.firsts[r] = (int) numbers[k];
            runs.steps[r] = k + 1 < end && numbers[k + 1] < numbers[k] ? -1 : 1;
            k = end(numbers, k, end, most);
        }
        runs.starts[count] = index.length();
        return runs;
    }

    /** Each number of an index by itself. */
    static Runs single(Longs index) {
        int n = index.length();
        Runs runs = new Runs(new int[n + 1], new int[n], new int[n]);
        for (int k = 0; k < n; k++) {
            runs.starts[k] = k;
            runs.firsts[k] = (int) index.getLong(k);
            runs.steps[k] = 1;
        }
        runs.starts[n] = n;
        return runs;
    }

    /** Where the run ends that begins at place k. */
    private static int end(long[] numbers, int k, int end, int most) {
        int last = k + 1;
        if (last == end) {
            return last;
        }
        long step = numbers[last] - numbers[k];
        if (step != 1 && step != -1) {
            return last;
        }
        int limit = (int) Math.min(end, (long) k + most);
        while (last < limit && numbers[last] - numbers[last - 1] == step) {
            last++;
        }
        return last;
    }

    /**
     * Picks all numbers from each of some lines, of {@code wide} elements, that begin at p. Loops
     * run down the lines: along one they would be as short as the runs.
     */
    void pick(float[] x, int p, int wide, float[] y, int q, int lines) {
        int size = starts[firsts.length];
        for (int r = 0; r < firsts.length; r++) {
            int n = length(r);
            int from = p + firsts[r];
            int to = q + starts[r];
            int step = steps[r];
            if (n < VL) {
                for (int k = 0; k < n; k++) {
                    numbers(x, from + step * k, wide, y, to + k, size, lines);
                }
                continue;
            }
            // The last vector may go over numbers that are there.
            for (int k = 0; k < n; k += VL) {
                int at = Math.min(k, n - VL);
                if (step > 0) {
                    vectors(x, from + at, wide, y, to + at, size, lines);
                } else {
                    reversed(x, from - at - (VL - 1), wide, y, to + at, size, lines);
                }
            }
        }
    }

    /**
     * Adds, to the elements of some lines of {@code wide} that begin at q, all numbers of lines
     * that begin at p, in the order of the index.
     */
    void add(float[] x, int p, float[] y, int q, int wide, int lines) {
        int size = starts[firsts.length];
        for (int r = 0; r < firsts.length; r++) {
            int n = length(r);
            int from = p + starts[r];
            int to = q + firsts[r];
            int step = steps[r];
            int k = 0;
            for (; k <= n - VL; k += VL) {
                if (step > 0) {
                    addVectors(x, from + k, size, y, to + k, wide, lines);
                } else {
                    addReversed(x, from + k, size, y, to - k - (VL - 1), wide, lines);
                }
            }
            for (; k < n; k++) {
                addNumbers(x, from + k, size, y, to + step * k, wide, lines);
            }
        }
    }

    private static void addNumbers(
            float[] x, int p, int size, float[] y, int q, int wide, int lines) {
        for (int l = 0; l < lines; l++) {
            y[q + l * wide] += x[p + l * size];
        }
    }

    private static void addVectors(
            float[] x, int p, int size, float[] y, int q, int wide, int lines) {
        for (int l = 0; l < lines; l++) {
            FloatVector.fromArray(SPECIES, y, q + l * wide)
                    .add(FloatVector.fromArray(SPECIES, x, p + l * size))
                    .intoArray(y, q + l * wide);
        }
    }

    private static void addReversed(
            float[] x, int p, int size, float[] y, int q, int wide, int lines) {
        for (int l = 0; l < lines; l++) {
            FloatVector term = FloatVector.fromArray(SPECIES, x, p + l * size).rearrange(REVERSED);
            FloatVector.fromArray(SPECIES, y, q + l * wide).add(term).intoArray(y, q + l * wide);
        }
    }

    private static void numbers(float[] x, int p, int wide, float[] y, int q, int size, int lines) {
        for (int l = 0; l < lines; l++) {
            y[q + l * size] = x[p + l * wide];
        }
    }

    private static void vectors(float[] x, int p, int wide, float[] y, int q, int size, int lines) {
        for (int l = 0; l < lines; l++) {
            FloatVector.fromArray(SPECIES, x, p + l * wide).intoArray(y, q + l * size);
        }
    }

    private static void reversed(
            float[] x, int p, int wide, float[] y, int q, int size, int lines) {
        for (int l = 0; l < lines; l++) {
            FloatVector.fromArray(SPECIES, x, p + l * wide)
                    .rearrange(REVERSED)
                    .intoArray(y, q + l * size);
        }
    }

    int count() {
        return firsts.length;
    }

    int length(int r) {
        return starts[r + 1] - starts[r];
    }
}
