package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Attention by scaled products (Vaswani et al., arXiv 1706.03762). It is one operation of the
 * backend where {@link FusedAttention} takes it; where weights are dropped, a gradient of the mask
 * is asked for, heads are wider than {@link io.github.cortado.backend.AttentionSpec#MOST_WIDTH}, or
 * batches are stretched, it is composed of products, a softmax, and what is between them.
 */
public final class Attention {
    static final String OP = "scaledDotProductAttention";

    private Attention() {}

    /**
     * y = dropout(softmax(q k^T / sqrt(d) + mask)) v, over the last two dimensions; a line whose
     * mask is all -infinity is 0.
     *
     * @param q [..., t, d]
     * @param k [..., s, d]
     * @param v [..., s, e]
     * @param mask of a shape that stretches to [..., t, s], or null
     * @param dropout of the weights, or null for none
     * @return [..., t, e]
     */
    public static Tensor apply(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            @Nullable UnaryOperator<Tensor> dropout) {
        return apply(separate(q, k, v), mask, false, dropout);
    }

    /** As above, with {@link #causalMask}. */
    public static Tensor causal(
            Tensor q, Tensor k, Tensor v, @Nullable UnaryOperator<Tensor> dropout) {
        return apply(separate(q, k, v), null, true, dropout);
    }

    /**
     * The same of heads that lie side by side at each place of sequences [n, t, width], or [t, n,
     * width] unless {@code batchFirst}; so do the results.
     *
     * @param qkv queries, keys and values; or one tensor where the three are side by side, [n, t, 3
     *     width]
     * @param mask of a shape that stretches to [n, heads, t, s], or null
     * @return [n, t, width], or [t, n, width]
     */
    public static Tensor ofHeads(
            List<Tensor> qkv,
            int heads,
            boolean batchFirst,
            @Nullable Tensor mask,
            boolean causal,
            @Nullable UnaryOperator<Tensor> dropout) {
        Tensor q = qkv.get(0);
        Checks.compatible(OP, q, qkv.toArray(Tensor[]::new));
        int parts = qkv.size() == 1 ? 3 : 1;
        for (Tensor x : qkv) {
            Checks.require(
                    x.shape().rank() == 3 && heads > 0 && x.dim(2) % (parts * heads) == 0,
                    "%s: %d heads expect [n, t, width] with a width that they can share, %s, got %s",
                    OP,
                    heads,
                    parts == 1 ? "each of three" : "three times",
                    x.shape());
        }
        if (parts == 1) {
            int t = batchFirst ? 1 : 0;
            Tensor k = qkv.get(1);
            Tensor v = qkv.get(2);
            checkMeet(q, k, v, q.dim(2) == k.dim(2) && k.dim(2) == v.dim(2), k.dim(t) == v.dim(t));
        }
        return apply(new AttentionForm.SideBySide(qkv, heads, batchFirst), mask, causal, dropout);
    }

    private static AttentionForm separate(Tensor q, Tensor k, Tensor v) {
        Checks.compatible(OP, q, k, v);
        Checks.require(
                q.shape().rank() >= 2 && k.shape().rank() >= 2 && v.shape().rank() >= 2,
                "%s: expects [..., t, d], got %s, %s and %s",
                OP,
                q.shape(),
                k.shape(),
                v.shape());
        checkMeet(q, k, v, q.dim(-1) == k.dim(-1), k.dim(-2) == v.dim(-2));
        return new AttentionForm.Separate(q, k, v);
    }

    private static void checkMeet(
            Tensor q, Tensor k, Tensor v, boolean areAsWide, boolean areAsMany) {
        Checks.require(
                areAsWide && areAsMany,
                "%s: queries %s, keys %s and values %s: expected keys as wide as queries, and as"
                        + " many as values",
                OP,
                q.shape(),
                k.shape(),
                v.shape());
    }

    private static Tensor apply(
            AttentionForm form,
            @Nullable Tensor mask,
            boolean causal,
            @Nullable UnaryOperator<Tensor> dropout) {
        if (mask != null) {
            Checks.compatible(OP, form.inputs().get(0), mask);
        }
        if (dropout == null && FusedAttention.takes(form, mask)) {
            if (mask != null) {
                checkStretches(mask, form.scores());
            }
            return new FusedAttention(form, mask, causal).result();
        }
        Tensor[] x = form.split();
        Tensor weights = weights(x[0], x[1], mask, causal);
        return form.joined((dropout == null ? weights : dropout.apply(weights)).matmul(x[2]));
    }

    private static void checkStretches(Tensor mask, Shape scores) {
        Checks.require(
                Shape.broadcast(OP, scores, mask.shape()).equals(scores),
                "%s: mask %s does not stretch to scores %s",
                OP,
                mask.shape(),
                scores);
    }

    /** What products of queries and keys as wide as that are multiplied by. */
    static double scale(int width) {
        return 1 / Math.sqrt(width);
    }

    /** softmax(q k^T / sqrt(d) + mask), 0 where the mask hides all. */
    static Tensor weights(Tensor q, Tensor k, @Nullable Tensor mask, boolean causal) {
        assert mask == null || !causal;
        Tensor scores = q.matmul(k.transpose(-2, -1)).mul(scale(q.dim(-1)));
        if (causal) {
            // No line of it hides all.
            return scores.add(keptMask(q, q.dim(-2), k.dim(-2))).softmax(-1);
        }
        if (mask == null) {
            return scores.softmax(-1);
        }
        checkStretches(mask, scores.shape());
        // Where nothing is left to attend to, all is weighted equally at first, and then with 0.
        Tensor some = someLeft(mask);
        Tensor open = Arrange.where(some, mask, zero(mask));
        return Arrange.where(some, scores.add(open).softmax(-1), zero(mask));
    }

    private static Tensor someLeft(Tensor mask) {
        try (var pause = Autograd.noGrad()) {
            Tensor most =
                    mask.shape().rank() == 0 ? mask.detach() : mask.detach().max(-1, true).values();
            return Pointwise.run(
                    Formulas.IS_NOT_MASKED, List.of(most), most.shape(), List.of(), List.of());
        }
    }

    private static Tensor zero(Tensor like) {
        return like.sibling(Shape.of());
    }

    /** 0 where place s is not behind place t, else -infinity: [t, s], like x. */
    public static Tensor causalMask(Tensor x, int t, int s) {
        // The caller may write to its own.
        return keptMask(x, t, s).copy();
    }

    private static Tensor keptMask(Tensor x, int t, int s) {
        return Constants.of(
                x.device(),
                x.dtype(),
                List.of("causal", t, s),
                () -> Arrange.triangle(t, s, 0, 0, Float.NEGATIVE_INFINITY));
    }
}
