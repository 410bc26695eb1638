package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Differentiable.Gradient;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Pointwise functions of tensors, with broadcasting: each is a line of {@link Formulas}, and its
 * gradients are formulas too, summed over the dimensions that were stretched.
 */
public final class Pointwise {
    private Pointwise() {}

    /** y = f(x), f having these parameters. */
    public static Tensor apply(Differentiable f, Tensor x, double... parameters) {
        return apply(f, List.of(x), numbers(parameters), List.of());
    }

    /** y = f(a, b), f having these parameters. */
    public static Tensor apply(Differentiable f, Tensor a, Tensor b, double... parameters) {
        return apply(f, List.of(a, b), numbers(parameters), List.of());
    }

    private static List<StepValue> numbers(double... parameters) {
        List<StepValue> values = new ArrayList<>(parameters.length);
        for (double p : parameters) {
            values.add(StepValue.of(p));
        }
        return values;
    }

    /**
     * y = x / divisor, the divisor rounded to x's type. A product with the reciprocal would round
     * twice, and overflow for a small divisor.
     */
    public static Tensor div(Tensor x, double divisor) {
        double rounded = x.dtype() == DType.FLOAT32 ? (float) divisor : divisor;
        return apply(Formulas.DIV_NUMBER, x, rounded);
    }

    /** dy where y > 0, else 0. */
    static Tensor reluGrad(Tensor y, Tensor dy) {
        Gradient g = Formulas.RELU.gradient(0);
        return run(g.formula(), List.of(y, dy), y.shape(), List.of(), List.of());
    }

    /**
     * Takes the gradient of y = max(z, 0) to that of z, for operations that end in a ReLU; computed
     * once for every dy, however many edges ask.
     */
    static UnaryOperator<Tensor> reluGrad(Tensor y) {
        Tensor saved = y.detach();
        Tensor[] last = new Tensor[2];
        return dy -> {
            if (last[0] != dy) {
                last[0] = dy;
                last[1] = reluGrad(saved, dy);
            }
            return last[1];
        };
    }

    /** y = f of tensors of one device and type, whose shapes stretch to a common one. */
    static Tensor apply(
            Differentiable f,
            List<Tensor> inputs,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        Tensor y = value(f, inputs, parameters, streams);
        Tensor output = y.detach();
        boolean readsOutput = false;
        Edge[] edges = new Edge[inputs.size()];
        for (int i = 0; i < edges.length; i++) {
            Tensor x = inputs.get(i);
            Gradient g = f.gradient(i);
            readsOutput |= x.requiresGrad() && g.reads().contains(f.output());
            List<Tensor> saved = saved(f, g, inputs, output);
            edges[i] = Edge.to(x, dy -> gradient(g, saved, dy, x.shape(), parameters, streams));
        }
        return Node.record(f.name(), y, readsOutput ? List.of(y) : List.of(), edges);
    }

    private static Tensor value(
            Differentiable f,
            List<Tensor> inputs,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        Tensor first = inputs.get(0);
        Checks.compatible(f.name(), first, inputs.subList(1, inputs.size()).toArray(Tensor[]::new));
        Shape shape = first.shape();
        for (Tensor x : inputs.subList(1, inputs.size())) {
            shape = Shape.broadcast(f.name(), shape, x.shape());
        }
        return run(f.value(), inputs, shape, parameters, streams);
    }

    /** What a gradient reads but for dy, which comes last. */
    private static List<Tensor> saved(
            Differentiable f, Gradient g, List<Tensor> inputs, Tensor output) {
        List<Tensor> saved = new ArrayList<>();
        for (int read : g.reads()) {
            if (read < f.output()) {
                saved.add(inputs.get(read).detach());
            } else if (read == f.output()) {
                saved.add(output);
            }
        }
        return saved;
    }

    private static Tensor gradient(
            Gradient g,
            List<Tensor> saved,
            Tensor dy,
            Shape x,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        if (g.formula().isIdentity()) {
            return Reduce.sumTo(dy, x);
        }
        List<Tensor> inputs = new ArrayList<>(saved);
        if (inputs.size() < g.formula().inputs()) {
            inputs.add(dy);
        }
        return Reduce.sumTo(run(g.formula(), inputs, dy.shape(), parameters, streams), x);
    }

    /** A formula of tensors that stretch to {@code shape}; nothing is recorded. */
    static Tensor run(
            Formula formula,
            List<Tensor> inputs,
            Shape shape,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        Tensor y = inputs.get(0).empty(shape);
        Broadcast walk = Broadcast.of(shape, inputs.stream().map(Tensor::shape).toList());
        Operands operands =
                new Operands(
                        inputs.stream().map(Tensor::buffer).toList(),
                        List.of(y.buffer()),
                        parameters,
                        streams,
                        walk);
        y.device().backend().pointwise(formula, operands);
        return y;
    }
}
