package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Layer normalisation over the last dimensions (Ba et al., arXiv 1607.06450), eps 1e-5. */
public final class LayerNorm extends Layer {
    private static final double EPS = 1e-5;

    private final int[] shape;
    private final Tensor weight;
    private final Tensor bias;

    /** Normalises over the last dimensions, which must have these sizes. */
    public LayerNorm(int... normalizedShape) {
        shape = Shape.of(normalizedShape).dims();
        weight = parameter("weight", Tensor.ones(shape));
        bias = parameter("bias", Tensor.zeros(shape));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.layerNorm(x, shape, weight, bias, EPS);
    }

    @Override
    protected String details() {
        String sizes =
                Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        return String.format(
                "(%s), eps=%s, elementwise_affine=True, bias=True",
                shape.length == 1 ? sizes + "," : sizes, number(EPS));
    }
}
