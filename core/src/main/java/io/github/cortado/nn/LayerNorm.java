package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * Layer normalisation over the last dimensions (Ba et al., arXiv 1607.06450), with 1e-5 added to
 * the variance unless {@link #eps} says otherwise.
 */
public final class LayerNorm extends Layer {
    private final int[] shape;
    private double eps = 1e-5;
    private final Tensor weight;
    private final Tensor bias;

    /** Normalises over the last dimensions, which must have these sizes. */
    public LayerNorm(int... normalizedShape) {
        shape = Shape.of(normalizedShape).dims();
        weight = parameter("weight", Tensor.ones(shape));
        bias = parameter("bias", Tensor.zeros(shape));
    }

    /**
     * Another number that is added to the variance.
     *
     * @throws IllegalArgumentException if it is negative or NaN
     */
    public LayerNorm eps(double added) {
        if (!(added >= 0)) {
            throw new IllegalArgumentException(
                    "LayerNorm: expected an eps of at least 0, got " + added);
        }
        eps = added;
        return this;
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.layerNorm(x, shape, weight, bias, eps);
    }

    @Override
    protected String details() {
        String sizes =
                Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        return String.format(
                "(%s), eps=%s, elementwise_affine=True, bias=True",
                shape.length == 1 ? sizes + "," : sizes, number(eps));
    }
}
