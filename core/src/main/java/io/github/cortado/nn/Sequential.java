package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Layers run one after another, named 0, 1, 2, ... */
public final class Sequential extends Layer {
    /** A chain of these layers. */
    public Sequential(Layer... parts) {
        for (int i = 0; i < parts.length; i++) {
            add(Integer.toString(i), parts[i]);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Block part : children().values()) {
            y = ((Layer) part).call(y);
        }
        return y;
    }

    @Override
    void check(String name, Block part) {
        if (!(part instanceof Layer)) {
            throw new IllegalArgumentException(
                    "Sequential: part '"
                            + name
                            + "' must be a Layer, from one tensor to one; "
                            + part.kind()
                            + " is a Block of another kind");
        }
    }
}
