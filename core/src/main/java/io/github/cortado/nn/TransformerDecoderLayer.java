package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A transformer decoder's layer: attention to itself, attention to an encoder's result, two linear
 * layers, each with a residual (Vaswani et al., arXiv 1706.03762). As in PyTorch sequences are [t,
 * n, width], normalisation comes behind each residual, and the activation is a ReLU, unless told
 * otherwise.
 */
public final class TransformerDecoderLayer extends Block {
    private final MultiheadAttention attention;
    private final MultiheadAttention toMemory;
    private final TransformerParts parts;

    /** With 2048 hidden features and dropout of 0.1. */
    public TransformerDecoderLayer(int dModel, int numHeads) {
        this(dModel, numHeads, TransformerParts.FEEDFORWARD, TransformerParts.DROPOUT);
    }

    /**
     * With so many hidden features between the linear layers.
     *
     * @throws IllegalArgumentException if the width cannot be divided by the number of heads, or
     *     dropout is not from 0 to 1
     */
    public TransformerDecoderLayer(int dModel, int numHeads, int dimFeedforward, double dropout) {
        attention = add("self_attn", new MultiheadAttention(dModel, numHeads).dropout(dropout));
        toMemory = add("multihead_attn", new MultiheadAttention(dModel, numHeads).dropout(dropout));
        parts = new TransformerParts(this, 3, dModel, dimFeedforward, dropout);
    }

    /** Another activation, such as {@code Functional::gelu}. */
    public TransformerDecoderLayer activation(UnaryOperator<Tensor> function) {
        parts.activation(function);
        return this;
    }

    /** Normalises what goes into each part, not what comes of its residual. */
    public TransformerDecoderLayer normFirst() {
        parts.normFirst();
        return this;
    }

    /** Sequences are [n, t, width]. */
    public TransformerDecoderLayer batchFirst() {
        attention.batchFirst();
        toMemory.batchFirst();
        return this;
    }

    /** x, and an encoder's result. */
    public Tensor forward(Tensor x, Tensor memory) {
        return run(x, memory, null, null);
    }

    /**
     * With numbers added to the scores of x with itself, such as {@link
     * MultiheadAttention#causalMask}.
     */
    public Tensor forward(Tensor x, Tensor memory, Tensor mask) {
        return run(x, memory, mask, null);
    }

    /**
     * With numbers added to the scores of x with itself, and of x with the encoder's result, such
     * as {@link MultiheadAttention#lengthMask}; null for none.
     */
    public Tensor forward(
            Tensor x, Tensor memory, @Nullable Tensor mask, @Nullable Tensor memoryMask) {
        return run(x, memory, mask, memoryMask);
    }

    Tensor run(Tensor x, Tensor memory, @Nullable Tensor mask, @Nullable Tensor memoryMask) {
        Tensor y = parts.residual(1, x, q -> attention.attend(q, q, q, mask));
        y = parts.residual(2, y, q -> toMemory.attend(q, memory, memory, memoryMask));
        return parts.feed(y);
    }
}
