package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.ops.Attention;
import io.github.cortado.ops.Lengths;
import io.github.cortado.random.Seed;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attention in several heads (Vaswani et al., arXiv 1706.03762). As in PyTorch sequences are [t, n,
 * width], or [n, t, width] after {@link #batchFirst}.
 */
public final class MultiheadAttention extends Block {
    private final int width;
    private final int heads;
    private final Tensor weight;
    private final Tensor bias;
    private final Linear out;
    private boolean batchFirst;
    private double dropout;
    private @Nullable Draws draws;

    /**
     * So many heads, which share the width.
     *
     * @throws IllegalArgumentException if the width cannot be divided by their number
     */
    public MultiheadAttention(int embedDim, int numHeads) {
        if (embedDim < 1 || numHeads < 1 || embedDim % numHeads != 0) {
            throw new IllegalArgumentException(
                    "MultiheadAttention: expected a width that its heads can share, got "
                            + embedDim
                            + " and "
                            + numHeads
                            + " heads");
        }
        width = embedDim;
        heads = numHeads;
        Tensor zeros = Tensor.zeros(3 * width, width);
        weight = parameter("in_proj_weight", Init.xavierUniform(zeros, Seed.nextParameter()));
        bias = parameter("in_proj_bias", Tensor.zeros(3 * width));
        out = add("out_proj", new Linear(width, width));
        out.bias().ifPresent(b -> b.fill(0));
    }

    /** Sequences are [n, t, width]. */
    public MultiheadAttention batchFirst() {
        batchFirst = true;
        return this;
    }

    /**
     * Dropout of the weights in training.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public MultiheadAttention dropout(double p) {
        dropout = Dropout.probability("MultiheadAttention: dropout", p);
        if (draws == null && p > 0) {
            draws = draws();
        }
        return this;
    }

    /** Attention of a sequence to itself. */
    public Tensor forward(Tensor x) {
        return forward(x, x, x);
    }

    /** Attention of queries to keys, which have values. */
    public Tensor forward(Tensor query, Tensor key, Tensor value) {
        return attend(query, key, value, null);
    }

    /**
     * As {@link #forward(Tensor, Tensor, Tensor)}, with numbers added to the scores: 0 where a
     * place may be seen, -infinity where not.
     *
     * @param mask stretches to [n, heads, t, s]: [t, s] is one for all, [n, 1, 1, s] says which
     *     places of each sequence are there
     */
    public Tensor forward(Tensor query, Tensor key, Tensor value, Tensor mask) {
        return attend(query, key, value, mask);
    }

    /** 0 up to place t itself, -infinity behind it, [t, t], for sequences on x's device. */
    public static Tensor causalMask(Tensor x, int t) {
        return Attention.causalMask(x, t, t);
    }

    /**
     * Which places of sequences of different lengths are there: [n, 1, 1, t], 0 below a length,
     * -infinity from there on, for sequences of x's type. PyTorch's key padding mask; added to
     * another, such as {@link #causalMask}, it is a mask for both.
     *
     * @param lengths (int64) [n]
     */
    public static Tensor lengthMask(Tensor x, Tensor lengths, int t) {
        return Lengths.attentionMask(lengths, t, x.dtype());
    }

    Tensor attend(Tensor query, Tensor key, Tensor value, @Nullable Tensor mask) {
        check(query);
        check(key);
        check(value);
        List<Tensor> parts =
                query == key && key == value
                        ? List.of(Functional.linear(query, weight, bias))
                        : List.of(projected(query, 0), projected(key, 1), projected(value, 2));
        return out.call(Attention.ofHeads(parts, heads, batchFirst, mask, false, dropped()));
    }

    private void check(Tensor x) {
        if (x.shape().rank() != 3 || x.dim(2) != width) {
            throw new ShapeException(
                    "MultiheadAttention: expected "
                            + (batchFirst ? "[n, t, " : "[t, n, ")
                            + width
                            + "], got "
                            + x.shape());
        }
    }

    private Tensor projected(Tensor x, int part) {
        Tensor w = weight.narrow(0, part * width, width);
        return Functional.linear(x, w, bias.narrow(0, part * width, width));
    }

    private @Nullable UnaryOperator<Tensor> dropped() {
        Draws own = draws;
        return own != null && dropout > 0 && isTraining()
                ? weights -> Functional.dropout(weights, dropout, own)
                : null;
    }
}
