package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Layers of a transformer's encoder, one after the other. */
public final class TransformerEncoder extends Layer {
    private final ModuleList<TransformerEncoderLayer> layers;
    private final @Nullable LayerNorm norm;

    /** So many layers, each of them made anew. */
    public TransformerEncoder(Supplier<TransformerEncoderLayer> layer, int numLayers) {
        layers = add("layers", ModuleList.of(layer, numLayers));
        norm = null;
    }

    /** So many layers, and a normalisation behind them. */
    public TransformerEncoder(
            Supplier<TransformerEncoderLayer> layer, int numLayers, LayerNorm norm) {
        layers = add("layers", ModuleList.of(layer, numLayers));
        this.norm = add("norm", norm);
    }

    /** The layers, first to last. */
    public ModuleList<TransformerEncoderLayer> layers() {
        return layers;
    }

    @Override
    public Tensor forward(Tensor x) {
        return run(x, null);
    }

    /** With numbers added to the scores of every layer. */
    public Tensor forward(Tensor x, Tensor mask) {
        return run(x, mask);
    }

    Tensor run(Tensor x, @Nullable Tensor mask) {
        Tensor y = x;
        for (TransformerEncoderLayer layer : layers) {
            y = layer.run(y, mask);
        }
        return norm == null ? y : norm.call(y);
    }
}
