package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Attention by scaled products (Vaswani et al., arXiv 1706.03762). */
public final class Attention {
    private Attention() {}

    /**
     * y = dropout(softmax(q k^T / sqrt(d) + mask)) v, over the last two dimensions; a line whose
     * mask is all -infinity is 0.
     *
     * @param q [..., t, d]
     * @param k [..., s, d]
     * @param v [..., s, e]
     * @param mask of a shape that stretches to [..., t, s], or null
     * @param dropout of the weights
     * @return [..., t, e]
     */
    public static Tensor apply(
            Tensor q, Tensor k, Tensor v, @Nullable Tensor mask, UnaryOperator<Tensor> dropout) {
        return apply(q, k, v, mask, true, dropout);
    }

    /** As above, with {@link #causalMask}. */
    public static Tensor causal(Tensor q, Tensor k, Tensor v, UnaryOperator<Tensor> dropout) {
        int t = q.dim(-2);
        int s = k.dim(-2);
        return apply(q, k, v, keptMask(q, t, s), false, dropout);
    }

    private static Tensor apply(
            Tensor q,
            Tensor k,
            Tensor v,
            @Nullable Tensor mask,
            boolean mayHideAll,
            UnaryOperator<Tensor> dropout) {
        String op = "scaledDotProductAttention";
        Checks.compatible(op, q, k, v);
        Checks.require(
                q.shape().rank() >= 2 && k.shape().rank() >= 2 && v.shape().rank() >= 2,
                "%s: expects [..., t, d], got %s, %s and %s",
                op,
                q.shape(),
                k.shape(),
                v.shape());
        Checks.require(
                q.dim(-1) == k.dim(-1) && k.dim(-2) == v.dim(-2),
                "%s: queries %s, keys %s and values %s: expected keys as wide as queries, and as"
                        + " many as values",
                op,
                q.shape(),
                k.shape(),
                v.shape());
        Tensor scores = q.matmul(k.transpose(-2, -1)).mul(1 / Math.sqrt(q.dim(-1)));
        if (mask == null) {
            return dropout.apply(scores.softmax(-1)).matmul(v);
        }
        Checks.compatible(op, q, mask);
        Checks.require(
                Shape.broadcast(op, scores.shape(), mask.shape()).equals(scores.shape()),
                "%s: mask %s does not stretch to scores %s",
                op,
                mask.shape(),
                scores.shape());
        if (!mayHideAll) {
            return dropout.apply(scores.add(mask).softmax(-1)).matmul(v);
        }
        // Where nothing is left to attend to, all is weighted equally at first, and then with 0.
        Tensor some = someLeft(mask);
        Tensor open = Arrange.where(some, mask, zero(mask));
        Tensor weights = Arrange.where(some, scores.add(open).softmax(-1), zero(mask));
        return dropout.apply(weights).matmul(v);
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
