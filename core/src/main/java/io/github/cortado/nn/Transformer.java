package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A transformer's encoder and decoder (Vaswani et al., arXiv 1706.03762), each with a normalisation
 * at its end. As in PyTorch sequences are [t, n, width], normalisation comes behind each residual,
 * the activation is a ReLU, unless told otherwise, and first weights are Glorot's.
 */
public final class Transformer extends Block {
    private static final int WIDTH = 512;
    private static final int HEADS = 8;
    private static final int LAYERS = 6;

    private final TransformerEncoder encoder;
    private final TransformerDecoder decoder;

    /** A width of 512, 8 heads, 6 layers each, 2048 hidden features, dropout of 0.1. */
    public Transformer() {
        this(WIDTH, HEADS, LAYERS, LAYERS, TransformerParts.FEEDFORWARD, TransformerParts.DROPOUT);
    }

    /**
     * With these numbers.
     *
     * @throws IllegalArgumentException if the width cannot be divided by the number of heads, a
     *     number of layers is below 1, or dropout is not from 0 to 1
     */
    public Transformer(
            int dModel,
            int numHeads,
            int numEncoderLayers,
            int numDecoderLayers,
            int dimFeedforward,
            double dropout) {
        encoder =
                add(
                        "encoder",
                        new TransformerEncoder(
                                () ->
                                        new TransformerEncoderLayer(
                                                dModel, numHeads, dimFeedforward, dropout),
                                numEncoderLayers,
                                new LayerNorm(dModel)));
        decoder =
                add(
                        "decoder",
                        new TransformerDecoder(
                                () ->
                                        new TransformerDecoderLayer(
                                                dModel, numHeads, dimFeedforward, dropout),
                                numDecoderLayers,
                                new LayerNorm(dModel)));
        for (Tensor weight : parameters()) {
            if (weight.shape().rank() > 1) {
                Init.xavierUniform(weight, Seed.nextParameter());
            }
        }
    }

    /** Another activation, such as {@code Functional::gelu}. */
    public Transformer activation(UnaryOperator<Tensor> function) {
        encoder.layers().forEach(layer -> layer.activation(function));
        decoder.layers().forEach(layer -> layer.activation(function));
        return this;
    }

    /** Normalises what goes into each part, not what comes of its residual. */
    public Transformer normFirst() {
        encoder.layers().forEach(TransformerEncoderLayer::normFirst);
        decoder.layers().forEach(TransformerDecoderLayer::normFirst);
        return this;
    }

    /** Sequences are [n, t, width]. */
    public Transformer batchFirst() {
        encoder.layers().forEach(TransformerEncoderLayer::batchFirst);
        decoder.layers().forEach(TransformerDecoderLayer::batchFirst);
        return this;
    }

    /** What the decoder makes of a target, seeing all of it and of the source. */
    public Tensor forward(Tensor source, Tensor target) {
        return forward(source, target, null, null, null);
    }

    /**
     * With numbers added to the scores of the target with itself, such as {@link
     * MultiheadAttention#causalMask}.
     */
    public Tensor forward(Tensor source, Tensor target, Tensor targetMask) {
        return forward(source, target, null, targetMask, null);
    }

    /**
     * With numbers added to the scores of the source with itself, of the target with itself, and of
     * the target with what the encoder makes of the source; null for none. Each stretches to [n,
     * heads, t, s], as {@link MultiheadAttention} takes it; {@link MultiheadAttention#lengthMask}
     * makes those of sequences of different lengths.
     */
    public Tensor forward(
            Tensor source,
            Tensor target,
            @Nullable Tensor sourceMask,
            @Nullable Tensor targetMask,
            @Nullable Tensor memoryMask) {
        Tensor memory = encoder.run(source, sourceMask);
        return decoder.forward(target, memory, targetMask, memoryMask);
    }

    /** The encoder. */
    public TransformerEncoder encoder() {
        return encoder;
    }

    /** The decoder. */
    public TransformerDecoder decoder() {
        return decoder;
    }
}
