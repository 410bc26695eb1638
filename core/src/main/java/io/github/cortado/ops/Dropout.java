package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;

/** Zeroes a random share of the elements and scales the others up. */
public final class Dropout {
    private static final Differentiable OF_RELU_GRAD =
            Differentiable.of(Formulas.DROPOUT_OF_RELU_GRAD);

    private Dropout() {}

    /**
     * y = x / (1 - p) where the random stream gives an element at least p, else 0; dx the same of
     * dy.
     */
    public static Tensor apply(Tensor x, double p, RandomStream stream) {
        Checks.floating("dropout", x);
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("dropout: probability " + p + " is not from 0 to 1");
        }
        if (p == 0) {
            return x;
        }
        if (p == 1) {
            return Node.record(
                    "dropout",
                    x.sibling(x.shape()),
                    Edge.to(x, dy -> dy.sibling(dy.shape())).differentiable(dy -> dy.mul(0)));
        }
        List<StepValue> parameters =
                List.of(StepValue.of((double) (float) p), StepValue.of(1 / (1 - p)));
        if (!comesFromRelu(x)) {
            return Pointwise.apply(Formulas.DROPOUT, List.of(x), parameters, List.of(stream));
        }
        Tensor y =
                Pointwise.apply(Formulas.DROPOUT, List.of(x.detach()), parameters, List.of(stream));
        return Node.record(
                "dropout",
                y,
                List.of(y),
                Edge.to(
                                x,
                                dy ->
                                        Pointwise.run(
                                                Formulas.DROPOUT_OF_RELU_GRAD,
                                                List.of(y, dy),
                                                y.shape(),
                                                parameters.subList(1, 2),
                                                List.of()))
                        .differentiable(
                                dy ->
                                        Pointwise.apply(
                                                OF_RELU_GRAD,
                                                List.of(y, dy),
                                                parameters.subList(1, 2),
                                                List.of())));
    }

    /** Whether x is nowhere below 0, and no gradient at 0 goes beyond the operation it is from. */
    private static boolean comesFromRelu(Tensor x) {
        Node maker = Internals.node(x);
        return maker != null && maker.stopsAtZero();
    }
}
