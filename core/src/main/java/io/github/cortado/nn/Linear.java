package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A fully connected layer: y = x weight^T + bias, x [..., in], y [..., out]. */
public final class Linear extends Layer {
    private final int in;
    private final int out;
    private Tensor weight;
    private final @Nullable Tensor bias;

    /** A layer with bias. */
    public Linear(int inFeatures, int outFeatures) {
        this(inFeatures, outFeatures, true);
    }

    /**
     * A layer with or without bias.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Linear(int inFeatures, int outFeatures, boolean bias) {
        if (inFeatures < 1 || outFeatures < 1) {
            throw new IllegalArgumentException(
                    "Linear: sizes must be at least 1, got " + inFeatures + ", " + outFeatures);
        }
        this.in = inFeatures;
        this.out = outFeatures;
        this.weight =
                parameter("weight", Init.fanIn(Tensor.zeros(out, in), in, Seed.nextParameter()));
        this.bias =
                bias
                        ? parameter("bias", Init.fanIn(Tensor.zeros(out), in, Seed.nextParameter()))
                        : null;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.linear(x, weight, bias);
    }

    /** The weight [out, in]. */
    public Tensor weight() {
        return weight;
    }

    /**
     * Uses another weight [out, in] from now on, which may be another layer's: language models tie
     * head and embedding so.
     *
     * @throws io.github.cortado.ShapeException if it has another shape
     */
    public Linear weight(Tensor other) {
        weight = assign("weight", other);
        return this;
    }

    /** The bias [out], if there is one. */
    public Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "in_features=%d, out_features=%d, bias=%s",
                in,
                out,
                bias == null ? "False" : "True");
    }
}
