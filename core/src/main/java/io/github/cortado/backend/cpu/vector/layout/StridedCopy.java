package io.github.cortado.backend.cpu.vector.layout;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;

/**
 * Copies between a strided region and an array that has its elements one after the other.
 *
 * <p>Neighbouring dimensions that lie as one become one. What is left goes by its last dimension:
 * runs of neighbours are copied whole, and repeated elements filled in. Where another dimension has
 * the neighbours it is a transposition, and goes in tiles of {@value #TILE} x {@value #TILE}, of
 * which both sides stay in the first-level cache.
 */
final class StridedCopy {
    /** Two cache lines of floats. */
    private static final int TILE = 32;

    /** Neighbours from which on a copy as a block is faster than a loop. */
    private static final int BLOCK = 16;

    /** Sizes, and how far apart neighbours are in the region and in the dense array. */
    private final int[] shape;

    private final int[] strides;
    private final int[] dense;
    private final int offset;

    /** The dimension whose elements are neighbours in the region; the last, unless transposed. */
    private final int near;

    StridedCopy(Strided region) {
        int[] sizes = region.shape().clone();
        int[] steps = region.strides().clone();
        int rank = 0;
        for (int d = 0; d < sizes.length; d++) {
            if (sizes[d] == 1) {
                continue;
            }
            if (rank > 0 && steps[rank - 1] == steps[d] * sizes[d]) {
                sizes[rank - 1] *= sizes[d];
                steps[rank - 1] = steps[d];
            } else {
                sizes[rank] = sizes[d];
                steps[rank] = steps[d];
                rank++;
            }
        }
        if (rank == 0) {
            sizes = new int[] {1};
            steps = new int[] {1};
            rank = 1;
        }
        shape = Arrays.copyOf(sizes, rank);
        strides = Arrays.copyOf(steps, rank);
        dense = new int[rank];
        int step = 1;
        for (int d = rank - 1; d >= 0; d--) {
            dense[d] = step;
            step *= shape[d];
        }
        offset = region.offset();
        near = strides[rank - 1] == 0 ? rank - 1 : near(strides);
    }

    private static int near(int[] strides) {
        int last = strides.length - 1;
        for (int d = last; d >= 0; d--) {
            if (strides[d] == 1) {
                return d;
            }
        }
        return last;
    }

    /** y = the region of x. */
    void gather(HostBuffer x, HostBuffer y) {
        Elements elements = Elements.of(x, y);
        int p = x.offset() + offset;
        if (isTransposed()) {
            forTiles(
                    p,
                    y.offset(),
                    (from, to, rows, columns) -> {
                        int stride = strides[strides.length - 1];
                        turn(elements, from, stride, to, dense[near], columns, rows);
                    });
        } else {
            forRows(p, y.offset(), (from, to, n) -> gatherRow(elements, from, to, n));
        }
    }

    /** The region of y = x. */
    void scatter(HostBuffer x, HostBuffer y) {
        Elements elements = Elements.of(x, y);
        int p = y.offset() + offset;
        if (isTransposed()) {
            forTiles(
                    p,
                    x.offset(),
                    (to, from, rows, columns) -> {
                        int stride = strides[strides.length - 1];
                        turn(elements, from, dense[near], to, stride, rows, columns);
                    });
        } else {
            forRows(p, x.offset(), (to, from, n) -> scatterRow(elements, from, to, n));
        }
    }

    /** Lines of n neighbours, {@code apart} from each other, become rows, {@code step} apart. */
    private static void turn(
            Elements elements, int p, int apart, int q, int step, int lines, int n) {
        int line = 0;
        for (; line <= lines - 8; line += 8) {
            elements.turn(p + line * apart, apart, q + line, step, n);
        }
        for (; line < lines; line++) {
            elements.copy(p + line * apart, 1, q + line, step, n);
        }
    }

    private boolean isTransposed() {
        return near < shape.length - 1;
    }

    // Rows of the last dimension

    /** Copies n elements between place p of the region and q of the dense array. */
    @FunctionalInterface
    private interface Row {
        void copy(int p, int q, int n);
    }

    private void forRows(int p, int q, Row row) {
        int last = shape.length - 1;
        int n = shape[last];
        int rows = IntMath.product(shape, 0, last);
        int perChunk = Math.max(1, Parallel.RANGE / Math.max(1, n));
        Parallel.forChunks(
                IntMath.ceilDiv(rows, perChunk),
                chunk -> {
                    int first = chunk * perChunk;
                    int end = Math.min(rows, first + perChunk);
                    Walk walk = new Walk(last, first);
                    for (int i = first; i < end; i++) {
                        row.copy(p + walk.place, q + i * n, n);
                        walk.next();
                    }
                });
    }

    private void gatherRow(Elements elements, int p, int q, int n) {
        int stride = strides[strides.length - 1];
        if (stride == 1 && n >= BLOCK) {
            elements.copy(p, q, n);
        } else if (stride == 0) {
            elements.repeat(p, q, n);
        } else {
            elements.copy(p, stride, q, 1, n);
        }
    }

    private void scatterRow(Elements elements, int p, int q, int n) {
        int stride = strides[strides.length - 1];
        if (stride == 1 && n >= BLOCK) {
            elements.copy(p, q, n);
        } else {
            elements.copy(p, 1, q, stride, n);
        }
    }

    // Tiles of the dimension that has the neighbours by the last one

    /** Copies a tile: {@code rows} of the near dimension, {@code columns} of the last. */
    @FunctionalInterface
    private interface Tile {
        void copy(int p, int q, int rows, int columns);
    }

    private void forTiles(int p, int q, Tile tile) {
        int last = shape.length - 1;
        int strips = IntMath.ceilDiv(shape[near], TILE);
        int others = IntMath.product(shape, 0, near) * IntMath.product(shape, near + 1, last);
        int size = Math.min(TILE, shape[near]) * shape[last];
        Parallel.forItems(
                others * strips,
                size,
                Parallel.RANGE,
                item -> {
                    int row = item % strips * TILE;
                    int rows = Math.min(TILE, shape[near] - row);
                    int from = p + row;
                    int to = q + row * dense[near];
                    int rest = item / strips;
                    for (int d = last - 1; d >= 0; d--) {
                        if (d != near) {
                            from += rest % shape[d] * strides[d];
                            to += rest % shape[d] * dense[d];
                            rest /= shape[d];
                        }
                    }
                    for (int column = 0; column < shape[last]; column += TILE) {
                        tile.copy(
                                from + column * strides[last],
                                to + column,
                                rows,
                                Math.min(TILE, shape[last] - column));
                    }
                });
    }

    /** Where one row after the other begins in the region. */
    private final class Walk {
        private final int[] index;
        private int place;

        /** Begins with row number {@code row} of the first {@code rank} dimensions. */
        Walk(int rank, int row) {
            index = new int[rank];
            int rest = row;
            for (int d = rank - 1; d >= 0; d--) {
                index[d] = rest % shape[d];
                rest /= shape[d];
                place += index[d] * strides[d];
            }
        }

        void next() {
            for (int d = index.length - 1; d >= 0; d--) {
                place += strides[d];
                if (++index[d] < shape[d]) {
                    return;
                }
                place -= strides[d] * index[d];
                index[d] = 0;
            }
        }
    }
}
