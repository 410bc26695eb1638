package io.github.cortado.backend.cpu.vector.reduce;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * y[o,j] = sum over i of x[o,i,j]: {@value #BLOCK} rows at a time are added up in float, on
 * vectors, and what comes of them in double and in order. Where rows are short, several that follow
 * each other are seen as one.
 */
final class RowSums implements Reductions.Sum {
    /** Rows that are summed in float. */
    private static final int BLOCK = 64;

    /** Elements of a row that is long enough to be one. */
    private static final int LONG = 256;

    /** Elements of a row that are added up at a time, so that their sums stay in the cache. */
    private static final int WIDEST = 2048;

    private final int outer;
    private final int inner;

    /** Rows as x has them, and how many of these are seen as one. */
    private final int n;

    private final int together;

    /** Rows as they are seen, and their length; what is left over is added one by one. */
    private final int rows;

    private final int width;
    private final int blocks;

    RowSums(Axis axis) {
        outer = axis.outer();
        inner = axis.inner();
        n = axis.n();
        together = Math.max(1, Math.min(LONG / Math.max(1, inner), n / 4));
        rows = n / together;
        width = together * inner;
        blocks = Math.max(1, IntMath.ceilDiv(rows, BLOCK));
    }

    @Override
    public void run(Floats x, Floats y) {
        if (outer * inner == 0) {
            return;
        }
        if (blocks == 1 && width <= WIDEST) {
            Parallel.forItems(
                    outer,
                    n * inner,
                    Parallel.RANGE,
                    o -> {
                        float[] sums = Scratch.PARTIALS.floats(width);
                        add(x, o, 0, 0, width, sums, 0);
                        finish(x, y, o, sums, 0, 0, inner);
                    });
            return;
        }
        float[] sums = new float[outer * blocks * width];
        int pieces = IntMath.ceilDiv(width, WIDEST);
        Parallel.forChunks(
                outer * blocks * pieces,
                chunk -> {
                    int from = chunk % pieces * WIDEST;
                    int length = Math.min(WIDEST, width - from);
                    int block = chunk / pieces;
                    add(
                            x,
                            block / blocks,
                            block % blocks,
                            from,
                            length,
                            sums,
                            block * width + from);
                });
        int slices = IntMath.ceilDiv(inner, LONG);
        Parallel.forChunks(
                outer * slices,
                chunk -> {
                    int o = chunk / slices;
                    int from = chunk % slices * LONG;
                    finish(x, y, o, sums, o * blocks * width, from, Math.min(inner, from + LONG));
                });
    }

    /** Adds up the {@code length} elements from {@code from} on of a block's rows. */
    private void add(Floats x, int o, int block, int from, int length, float[] sums, int to) {
        int first = block * BLOCK;
        int end = Math.min(rows, first + BLOCK);
        int start = x.offset() + o * n * inner + from;
        Arrays.fill(sums, to, to + length, 0f);
        int row = first;
        for (; row <= end - 4; row += 4) {
            addFour(x.array(), start + row * width, width, sums, to, length);
        }
        for (; row < end; row++) {
            add(x.array(), start + row * width, sums, to, length);
        }
    }

    private static void addFour(float[] x, int p, int apart, float[] sums, int to, int n) {
        int q = p + 2 * apart;
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector a = FloatVector.fromArray(SPECIES, x, p + j);
            FloatVector b = FloatVector.fromArray(SPECIES, x, p + apart + j);
            FloatVector c = FloatVector.fromArray(SPECIES, x, q + j);
            FloatVector d = FloatVector.fromArray(SPECIES, x, q + apart + j);
            FloatVector four = a.add(b).add(c.add(d));
            four.add(FloatVector.fromArray(SPECIES, sums, to + j)).intoArray(sums, to + j);
        }
        for (; j < n; j++) {
            sums[to + j] += x[p + j] + x[p + apart + j] + (x[q + j] + x[q + apart + j]);
        }
    }

    private static void add(float[] x, int p, float[] sums, int to, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector s = FloatVector.fromArray(SPECIES, sums, to + j);
            s.add(FloatVector.fromArray(SPECIES, x, p + j)).intoArray(sums, to + j);
        }
        for (; j < n; j++) {
            sums[to + j] += x[p + j];
        }
    }

    /** y from the sums of all blocks of o, which begin at element {@code at}. */
    private void finish(Floats x, Floats y, int o, float[] sums, int at, int first, int end) {
        float[] in = x.array();
        int start = x.offset() + o * n * inner;
        for (int j = first; j < end; j++) {
            double sum = 0;
            for (int block = 0; block < blocks; block++) {
                for (int t = 0; t < together; t++) {
                    sum += sums[at + block * width + t * inner + j];
                }
            }
            for (int i = rows * together; i < n; i++) {
                sum += in[start + i * inner + j];
            }
            if (!Double.isFinite(sum)) {
                sum = inDouble(in, start + j);
            }
            y.array()[y.offset() + o * inner + j] = (float) sum;
        }
    }

    /** One by one, where floats overflow. */
    private double inDouble(float[] x, int p) {
        double sum = 0;
        for (int i = 0; i < n; i++) {
            sum += x[p + i * inner];
        }
        return sum;
    }
}
