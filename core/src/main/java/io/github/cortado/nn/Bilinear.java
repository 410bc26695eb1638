package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** {@link Functional#bilinear} of two tensors, [..., in1] and [..., in2] to [..., out]. */
public final class Bilinear extends Block {
    private final int in1;
    private final int in2;
    private final int out;
    private final Tensor weight;
    private final @Nullable Tensor bias;

    /** With bias. */
    public Bilinear(int in1Features, int in2Features, int outFeatures) {
        this(in1Features, in2Features, outFeatures, true);
    }

    /**
     * With or without bias; first values are even between -1 / sqrt(in1) and there.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public Bilinear(int in1Features, int in2Features, int outFeatures, boolean bias) {
        if (in1Features < 1 || in2Features < 1 || outFeatures < 1) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "Bilinear: sizes must be at least 1, got %d, %d, %d",
                            in1Features,
                            in2Features,
                            outFeatures));
        }
        in1 = in1Features;
        in2 = in2Features;
        out = outFeatures;
        Tensor zeros = Tensor.zeros(out, in1, in2);
        weight = parameter("weight", Init.fanIn(zeros, in1, Seed.nextParameter()));
        Tensor none = Tensor.zeros(out);
        this.bias = bias ? parameter("bias", Init.fanIn(none, in1, Seed.nextParameter())) : null;
    }

    /** Of a [..., in1] and b [..., in2]. */
    public Tensor forward(Tensor a, Tensor b) {
        return Functional.bilinear(a, b, weight, bias);
    }

    @Override
    protected String details() {
        return String.format(
                Locale.ROOT,
                "in1_features=%d, in2_features=%d, out_features=%d, bias=%s",
                in1,
                in2,
                out,
                bias == null ? "False" : "True");
    }
}
