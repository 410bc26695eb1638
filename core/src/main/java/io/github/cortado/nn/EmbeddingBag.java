package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;

/**
 * One vector for each bag of numbers: the mean of a table's rows, their sum, or the largest of each
 * column; 0 for an empty bag. The first values are normally distributed.
 */
public final class EmbeddingBag extends Layer {
    private static final int NONE = -1;

    private final int rows;
    private final int width;
    private final Tensor weight;
    private String mode = "mean";
    private int padding = NONE;

    /**
     * A table of so many vectors.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public EmbeddingBag(int numEmbeddings, int embeddingDim) {
        if (numEmbeddings < 1 || embeddingDim < 1) {
            throw new IllegalArgumentException(
                    "EmbeddingBag: sizes must be at least 1, got "
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
     * What becomes of a bag's rows.
     *
     * @param word {@code sum}, {@code mean} or {@code max}
     * @throws IllegalArgumentException if it is another word
     */
    public EmbeddingBag mode(String word) {
        Functional.bagMode(word);
        mode = word;
        return this;
    }

    /**
     * Number of the row that stands for nothing: bags are as if it were not in them. It is 0 from
     * now on, and never trained.
     *
     * @throws IllegalArgumentException if there is no such row
     */
    public EmbeddingBag paddingIndex(int row) {
        if (row < 0 || row >= rows) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "EmbeddingBag: expected a padding index from 0 to %d, got %d",
                            rows - 1,
                            row));
        }
        padding = row;
        weight.detach().narrow(0, row, 1).fill(0);
        return this;
    }

    /** Bags of one size: from numbers (int64) [bags, size] to [bags, width]. */
    @Override
    public Tensor forward(Tensor index) {
        return Functional.embeddingBag(index, weight, mode, padding);
    }

    /**
     * Bags one after the other: from numbers (int64) [all] to [bags, width].
     *
     * @param offsets where each bag begins (int64) [bags], the first at 0, none before the one
     *     before it
     */
    public Tensor forward(Tensor index, Tensor offsets) {
        return Functional.embeddingBag(index, weight, offsets, mode, padding);
    }

    /** The table [rows, width]. */
    public Tensor weight() {
        return weight;
    }

    @Override
    protected String details() {
        String numbers = String.format(Locale.ROOT, "%d, %d, mode='%s'", rows, width, mode);
        return padding == NONE ? numbers : numbers + ", padding_idx=" + padding;
    }
}
