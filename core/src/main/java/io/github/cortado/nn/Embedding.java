package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;

/**
 * A table of vectors by number: from an index (int64) [...] to [..., width]. The first values are
 * normally distributed.
 */
public final class Embedding extends Layer {
    private static final int NONE = -1;

    private final int rows;
    private final int width;
    private int padding = NONE;
    private Tensor weight;

    /**
     * A table of so many vectors.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Embedding(int numEmbeddings, int embeddingDim) {
        if (numEmbeddings < 1 || embeddingDim < 1) {
            throw new IllegalArgumentException(
                    "Embedding: sizes must be at least 1, got "
                            + numEmbeddings
                            + ", "
                            + embeddingDim);
        }
        rows = numEmbeddings;
        width = embeddingDim;
        Tensor table = Tensor.zeros(rows, width);
        weight = parameter("weight", Init.normal(table, 0, 1, Seed.nextParameter()));
    }

    /**
     * Number of the row that stands for nothing: it is 0 from now on, and never trained.
     *
     * @throws IllegalArgumentException if there is no such row
     */
    public Embedding paddingIndex(int row) {
        if (row < 0 || row >= rows) {
            throw new IllegalArgumentException(
                    "Embedding: expected a padding index from 0 to " + (rows - 1) + ", got " + row);
        }
        padding = row;
        weight.detach().narrow(0, row, 1).fill(0);
        return this;
    }

    @Override
    public Tensor forward(Tensor index) {
        return Functional.embedding(index, weight, padding);
    }

    /** The table [rows, width]. */
    public Tensor weight() {
        return weight;
    }

    /**
     * Uses another table [rows, width] from now on, which may be another layer's.
     *
     * @throws io.github.cortado.ShapeException if it has another shape
     */
    public Embedding weight(Tensor other) {
        weight = assign("weight", other);
        return this;
    }

    @Override
    protected String details() {
        String numbers = String.format(Locale.ROOT, "%d, %d", rows, width);
        return padding == NONE ? numbers : numbers + ", padding_idx=" + padding;
    }
}
