package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A transformer encoder's layer: attention to itself and two linear layers, each with a residual
 * (Vaswani et al., arXiv 1706.03762). As in PyTorch sequences are [t, n, width], normalisation
 * comes behind each residual, and the activation is a ReLU, unless told otherwise.
 */
public final class TransformerEncoderLayer extends Layer {
    private final MultiheadAttention attention;
    private final TransformerParts parts;

    /** With 2048 hidden features and dropout of 0.1. */
    public TransformerEncoderLayer(int dModel, int numHeads) {
        this(dModel, numHeads, TransformerParts.FEEDFORWARD, TransformerParts.DROPOUT);
    }

    /**
     * With so many hidden features between the linear layers.
     *
     * @throws IllegalArgumentException if the width cannot be divided by the number of heads, or
     *     dropout is not from 0 to 1
     */
    public TransformerEncoderLayer(int dModel, int numHeads, int dimFeedforward, double dropout) {
        attention = add("self_attn", new MultiheadAttention(dModel, numHeads).dropout(dropout));
        parts = new TransformerParts(this, 2, dModel, dimFeedforward, dropout);
    }

    /** Another activation, such as {@code Functional::gelu}. */
    public TransformerEncoderLayer activation(UnaryOperator<Tensor> function) {
        parts.activation(function);
        return this;
    }

    /** Normalises what goes into each part, not what comes of its residual. */
    public TransformerEncoderLayer normFirst() {
        parts.normFirst();
        return this;
    }

    /** Sequences are [n, t, width]. */
    public TransformerEncoderLayer batchFirst() {
        attention.batchFirst();
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return run(x, null);
    }

    /** With numbers added to the scores, as {@link MultiheadAttention} takes them. */
    public Tensor forward(Tensor x, Tensor mask) {
        return run(x, mask);
    }

    Tensor run(Tensor x, @Nullable Tensor mask) {
        return parts.feed(parts.residual(1, x, y -> attention.attend(y, y, y, mask)));
    }
}
