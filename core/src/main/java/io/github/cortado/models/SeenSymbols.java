package io.github.cortado.models;

import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values [n, heads, t, width / heads] of the symbols that a transformer has seen, of each
 * layer: what comes next attends to them and computes none of them again.
 */
final class SeenSymbols {
    /** Keys and values of one layer. */
    record Seen(Tensor k, Tensor v) {}

    private final List<Seen> layers = new ArrayList<>();

    /** How many symbols all layers have seen. */
    int count() {
        return layers.isEmpty() ? 0 : layers.get(0).k.dim(2);
    }

    /** All of a layer's, with these behind those that are there; layers come in order at first. */
    Seen with(int layer, Tensor k, Tensor v) {
        if (layer == layers.size()) {
            layers.add(new Seen(k.keep(), v.keep()));
        } else {
            Seen past = layers.get(layer);
            Tensor keys = Tensor.cat(2, past.k, k).keep();
            layers.set(layer, new Seen(keys, Tensor.cat(2, past.v, v).keep()));
        }
        return layers.get(layer);
    }
}
