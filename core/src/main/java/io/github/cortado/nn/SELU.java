package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** A scaled ELU (Klambauer et al., arXiv 1706.02515). */
public final class SELU extends Layer {

    @Override
    public Tensor forward(Tensor x) {
        return Functional.selu(x);
    }
}
