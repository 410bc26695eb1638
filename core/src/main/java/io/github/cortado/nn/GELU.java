package io.github.cortado.nn;

import io.github.cortado.Tensor;

/** x Phi(x), exact, or with tanh in place of Phi. */
public final class GELU extends Layer {
    private final boolean withTanh;

    /** The exact one. */
    public GELU() {
        withTanh = false;
    }

    /**
     * PyTorch's two kinds.
     *
     * @param approximate {@code none}, or {@code tanh} ({@link Functional#geluTanh})
     * @throws IllegalArgumentException if it is another word
     */
    public GELU(String approximate) {
        withTanh = approximate.equals("tanh");
        if (!withTanh && !approximate.equals("none")) {
            throw new IllegalArgumentException(
                    "GELU: expected none or tanh as approximation, got " + approximate);
        }
    }

    @Override
    public Tensor forward(Tensor x) {
        return withTanh ? Functional.geluTanh(x) : Functional.gelu(x);
    }

    @Override
    protected String details() {
        return "approximate='" + (withTanh ? "tanh" : "none") + "'";
    }
}
