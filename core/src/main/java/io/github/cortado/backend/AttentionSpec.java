package io.github.cortado.backend;

import org.jspecify.annotations.Nullable;

/**
 * Sizes of an attention, and where its rows lie. A line is one head of one sequence.
 *
 * @param mask numbers that are added to the scores, [queries, keys] of each line; null for none
 * @param causal whether query i sees the keys up to number i alone
 * @param scale factor of the scores
 */
public record AttentionSpec(
        Sizes sizes,
        Places q,
        Places k,
        Places v,
        Places y,
        @Nullable Places mask,
        boolean causal,
        double scale) {
    /** The most that backends take as a width, that of values too. */
    public static final int MOST_WIDTH = 128;

    /**
     * How much there is of everything, at least one of each.
     *
     * @param width of a query and of a key
     * @param valueWidth of a value and of a result
     */
    public record Sizes(int batch, int heads, int queries, int keys, int width, int valueWidth) {
        /** Heads of all sequences. */
        public int lines() {
            return batch * heads;
        }

        /** Queries of all lines. */
        public int rows() {
            return lines() * queries;
        }
    }

    /**
     * Element j of row i of a head of a sequence lies at {@code first + sequence batch + head head
     * + i row + j column}, which count elements. A distance of 0 repeats. Columns are neighbours,
     * but those of a mask may be one.
     */
    public record Places(int first, int batch, int head, int row, int column) {
        /** Rows of neighbours. */
        public static Places of(int first, int batch, int head, int row) {
            return new Places(first, batch, head, row, 1);
        }

        /** Matrices of so many rows and columns, one after the other. */
        public static Places packed(int heads, int rows, int columns) {
            return of(0, heads * rows * columns, rows * columns, columns);
        }

        /** Where a line begins. */
        public int of(int line, Sizes s) {
            return first + line / s.heads() * batch + line % s.heads() * head;
        }
    }

    /** How many keys query i may see, the first ones. */
    public int seen(int query) {
        return causal ? Math.min(sizes.keys(), query + 1) : sizes.keys();
    }
}
