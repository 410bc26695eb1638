package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Parallel;

/** Where truths are, found by Java: each thread counts, and then writes, those of some rows. */
final class Places {
    /** Truths of a row that are looked at together. */
    private static final int PIECE = 1 << 12;

    private Places() {}

    /** Indices [found, rank] of those that are 1, row by row; others are 0. */
    static Tensor of(byte[] truths, Shape shape) {
        int rank = shape.rank();
        int columns = rank == 0 ? 1 : shape.dim(rank - 1);
        int perRow = (columns + PIECE - 1) / PIECE;
        int pieces = columns == 0 ? 0 : truths.length / columns * perRow;
        int size = Math.min(columns, PIECE);
        int[] starts = new int[pieces + 1];
        Parallel.forItems(
                pieces,
                size,
                Parallel.RANGE,
                i -> {
                    int first = i / perRow * columns + i % perRow * PIECE;
                    int n = Math.min(PIECE, columns - i % perRow * PIECE);
                    starts[i + 1] = count(truths, first, n);
                });
        for (int i = 0; i < pieces; i++) {
            starts[i + 1] += starts[i];
        }
        int found = starts[pieces];
        long[] indices = new long[Checks.size("nonzero", (long) found * rank)];
        if (rank > 0) {
            Parallel.forItems(
                    pieces,
                    size,
                    Parallel.RANGE,
                    i -> {
                        int first = i / perRow * columns + i % perRow * PIECE;
                        int from = starts[i] * rank;
                        int end = starts[i + 1] * rank;
                        columns(truths, first, i % perRow * PIECE, indices, from, end, rank);
                        rows(i / perRow, shape, indices, from, end);
                    });
        }
        return Tensor.of(indices, found, rank);
    }

    private static int count(byte[] truths, int first, int n) {
        int sum = 0;
        for (int i = first; i < first + n; i++) {
            sum += truths[i];
        }
        return sum;
    }

    /** In which columns truths are, without a branch. */
    private static void columns(
            byte[] truths, int first, int column, long[] indices, int from, int end, int rank) {
        int at = from + rank - 1;
        for (int j = 0; at < end; j++) {
            // Written over until one is there.
            indices[at] = column + j;
            at += rank * truths[first + j];
        }
    }

    /** In which row, by all dimensions but the last. */
    private static void rows(int row, Shape shape, long[] indices, int from, int end) {
        int rank = shape.rank();
        int rest = row;
        for (int d = rank - 2; d >= 0; d--) {
            long i = rest % shape.dim(d);
            rest /= shape.dim(d);
            for (int at = from + d; at < end; at += rank) {
                indices[at] = i;
            }
        }
    }
}
