package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Layers of a transformer's decoder, one after the other, all of which see one encoder's result.
 */
public final class TransformerDecoder extends Block {
    private final ModuleList<TransformerDecoderLayer> layers;
    private final @Nullable LayerNorm norm;

    /** So many layers, each of them made anew. */
    public TransformerDecoder(Supplier<TransformerDecoderLayer> layer, int numLayers) {
        layers = add("layers", ModuleList.of(layer, numLayers));
        norm = null;
    }

    /** So many layers, and a normalisation behind them. */
    public TransformerDecoder(
            Supplier<TransformerDecoderLayer> layer, int numLayers, LayerNorm norm) {
        layers = add("layers", ModuleList.of(layer, numLayers));
        this.norm = add("norm", norm);
    }

    /** The layers, first to last. */
    public ModuleList<TransformerDecoderLayer> layers() {
        return layers;
    }

    /** x, and an encoder's result. */
    public Tensor forward(Tensor x, Tensor memory) {
        return forward(x, memory, null, null);
    }

    /** With numbers added to the scores of x with itself, in every layer. */
    public Tensor forward(Tensor x, Tensor memory, Tensor mask) {
        return forward(x, memory, mask, null);
    }

    /**
     * With numbers added to the scores of x with itself, and of x with the encoder's result, in
     * every layer; null for none.
     */
    public Tensor forward(
            Tensor x, Tensor memory, @Nullable Tensor mask, @Nullable Tensor memoryMask) {
        Tensor y = x;
        for (TransformerDecoderLayer layer : layers) {
            y = layer.run(y, memory, mask, memoryMask);
        }
        return norm == null ? y : norm.call(y);
    }
}
