package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.stream.Collectors;

/** Normalisation by the root of the mean square (Zhang and Sennrich, arXiv 1910.07467). */
public final class RMSNorm extends Layer {
    /** Of a float32, which is PyTorch's default. */
    private static final double EPS = Math.ulp(1f);

    private final int[] shape;
    private final double eps;
    private final Tensor weight;

    /** Over the last dimensions, which must have these sizes. */
    public RMSNorm(int... normalizedShape) {
        this(normalizedShape, EPS);
    }

    /** As above, with another number added to the mean square. */
    public RMSNorm(int[] normalizedShape, double eps) {
        shape = normalizedShape.clone();
        this.eps = eps;
        weight = parameter("weight", Tensor.ones(shape));
    }

    @Override
    public Tensor forward(Tensor x) {
        return Functional.rmsNorm(x, shape, weight, eps);
    }

    @Override
    protected String details() {
        String sizes =
                Arrays.stream(shape).mapToObj(Integer::toString).collect(Collectors.joining(", "));
        return String.format(
                "(%s), eps=%s, elementwise_affine=True",
                shape.length == 1 ? sizes + "," : sizes, eps == EPS ? "None" : number(eps));
    }
}
