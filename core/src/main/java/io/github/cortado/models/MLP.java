package io.github.cortado.models;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/** Linear layers with GELU (Hendrycks and Gimpel, arXiv 1606.08415) between them. */
public final class MLP extends Layer {
    private final int inputs;
    private final Sequential net;

    /**
     * From so many numbers to so many logits, by way of so many features: {@code new MLP(784, 512,
     * 512, 10)}.
     *
     * @throws IllegalArgumentException if there are fewer than two widths, or one is below 1
     */
    public MLP(int... widths) {
        if (widths.length < 2) {
            throw new IllegalArgumentException(
                    "MLP: expected the widths of input and output at least, got " + widths.length);
        }
        Inputs.sizes("MLP", "widths", widths);
        inputs = widths[0];
        List<Layer> parts = new ArrayList<>();
        parts.add(new Flatten());
        for (int i = 1; i < widths.length; i++) {
            if (i > 1) {
                parts.add(new GELU());
            }
            parts.add(new Linear(widths[i - 1], widths[i]));
        }
        net = add("net", new Sequential(parts.toArray(Layer[]::new)));
    }

    /**
     * Logits [n, last width] of [n, ...], such as pictures, with as many numbers each as the first
     * width says.
     *
     * @throws ShapeException if they have another number
     */
    @Override
    public Tensor forward(Tensor x) {
        int rank = x.shape().rank();
        if (rank < 2 || x.shape().product(1, rank) != inputs) {
            throw new ShapeException(
                    "MLP: expected [n, ...] with " + inputs + " numbers each, got " + x.shape());
        }
        return net.call(x);
    }
}
