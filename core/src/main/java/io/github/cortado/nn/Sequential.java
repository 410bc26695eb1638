package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** Modules run one after another, named 0, 1, 2, ... */
public final class Sequential extends Module {
    /** A chain of these modules. */
    public Sequential(Module... parts) {
        for (int i = 0; i < parts.length; i++) {
            add(Integer.toString(i), parts[i]);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = x;
        for (Module part : children().values()) {
            y = part.forward(y);
        }
        return y;
    }
}
