package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;

/**
 * y[o,j] = sum over i of x[o,i,j]: rows of inner elements are added. Blocks of rows are added up at
 * the same time, and their sums afterwards; in a block no chain of additions is longer than {@value
 * #CHAIN} / 4. Of short rows, several make a long one.
 */
public final class RowSums implements Reductions.Sum {
    /** Columns that are worth a loop. */
    private static final int WIDE = 256;

    private static final int MOST_BLOCKS = 64;
    private static final int CHAIN = 256;

    private final Axis axis;

    /** Rows that make a long one. */
    private final int together;

    /** Elements of a long row, how many there are, and how many are added up as a block. */
    private final int width;

    private final int rows;
    private final int block;
    private final int blocks;

    /** Sums of rows; there may be none, and they may be empty. */
    public RowSums(Axis axis) {
        this.axis = axis;
        int inner = Math.max(1, axis.inner());
        together = Math.max(1, Math.min(axis.n(), IntMath.ceilDiv(WIDE, inner)));
        width = together * axis.inner();
        rows = axis.n() / together;
        block =
                Math.max(
                        Math.max(1, Parallel.RANGE / Math.max(1, width)),
                        IntMath.ceilDiv(rows, MOST_BLOCKS));
        blocks = Math.max(1, IntMath.ceilDiv(rows, block));
    }

    @Override
    public void run(Floats x, Floats y) {
        float[] from = x.array();
        float[] to = y.array();
        int size = axis.n() * axis.inner();
        boolean direct = blocks == 1 && together == 1;
        float[] sums = direct ? to : Scratch.PARTIALS.floats(axis.outer() * blocks * width);
        int first = direct ? y.offset() : 0;
        Parallel.forItems(
                axis.outer() * blocks,
                Math.min(block, rows) * width,
                Parallel.RANGE,
                item -> {
                    int start = x.offset() + item / blocks * size;
                    addBlock(from, start, item % blocks, sums, first + item * width);
                });
        if (!direct) {
            Parallel.forItems(
                    axis.outer(),
                    blocks * width,
                    Parallel.RANGE,
                    o -> fold(sums, o * blocks * width, to, y.offset() + o * axis.inner()));
        }
    }

    /** The sum of a block, and in the last one that of the rows that make no long one. */
    private void addBlock(float[] x, int start, int number, float[] sums, int at) {
        int begin = number * block;
        int end = Math.min(rows, begin + block);
        if (end - begin <= CHAIN) {
            Sums.ofRows(x, start + begin * width, end - begin, width, sums, at);
        } else {
            float[] part = Scratch.VALUES.floats(width);
            Arrays.fill(sums, at, at + width, 0f);
            for (int row = begin; row < end; row += CHAIN) {
                Sums.ofRows(x, start + row * width, Math.min(CHAIN, end - row), width, part, 0);
                Sums.add(part, 0, sums, at, width);
            }
        }
        if (number == blocks - 1) {
            int done = rows * width;
            Sums.add(x, start + done, sums, at, axis.n() * axis.inner() - done);
        }
    }

    private void fold(float[] sums, int from, float[] y, int at) {
        if (together == 1) {
            Sums.ofRows(sums, from, blocks, width, y, at);
        } else {
            float[] row = Scratch.ROW.floats(width);
            Sums.ofRows(sums, from, blocks, width, row, 0);
            Sums.ofRows(row, 0, together, axis.inner(), y, at);
        }
    }
}
