package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Differentiable.Gradient;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import java.util.ArrayList;
import java.util.List;

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

    /** y = x^p, by a product, a quotient or a root where p is a small one, as in PyTorch. */
    public static Tensor pow(Tensor x, double p) {
        if (p == 2) {
            return x.square();
        } else if (p == 3) {
            return apply(Functions.CUBE, x);
        } else if (p == 0.5) {
            return x.sqrt();
        } else if (p == -0.5) {
            return apply(Functions.INVERSE_ROOT, x);
        } else if (p == -1) {
            return x.reciprocal();
        } else if (p == -2) {
            return apply(Functions.INVERSE_SQUARE, x);
        }
        double rounded = x.dtype() == DType.FLOAT32 ? (float) p : p;
        return apply(Functions.POW_NUMBER, x, rounded);
    }

    /** y = f of tensors of one device and type, whose shapes stretch to a common one. */
    static Tensor apply(
            Differentiable f,
            List<Tensor> inputs,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        Tensor y = value(f, inputs, parameters, streams);
        if (!Node.records(inputs.toArray(Tensor[]::new))) {
            return y;
        }
        Tensor output = y.detach();
        boolean readsOutput = false;
        Edge[] edges = new Edge[inputs.size()];
        for (int i = 0; i < edges.length; i++) {
            Tensor x = inputs.get(i);
            Gradient g = f.gradient(i);
            readsOutput |= x.requiresGrad() && g.reads().contains(f.output());
            List<Tensor> saved = saved(f, g, inputs, output);
            if (x.requiresGrad()) {
                saved.forEach(Pointwise::save);
            }
            Differentiable again = f.again(i);
            List<Tensor> read = read(f, g, inputs, y);
            edges[i] =
                    Edge.to(x, dy -> gradient(g, saved, dy, x.shape(), parameters, streams))
                            .differentiable(
                                    dy -> again(again, read, dy, x.shape(), parameters, streams));
        }
        Node.record(f.name(), y, readsOutput ? List.of(y) : List.of(), edges);
        Node maker = Internals.node(y);
        if (f == Formulas.RELU && maker != null) {
            maker.stopAtZero();
        }
        return y;
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

    private static void save(Tensor x) {
        Pending open = Internals.pending(x);
        if (open != null) {
            open.save();
        }
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

    /** As {@link #saved}, with the graph behind it. */
    private static List<Tensor> read(
            Differentiable f, Gradient g, List<Tensor> inputs, Tensor output) {
        List<Tensor> read = new ArrayList<>();
        for (int number : g.reads()) {
            if (number <= f.output()) {
                read.add(number < f.output() ? inputs.get(number) : output);
            }
        }
        return read;
    }

    /** A gradient that is recorded, of what {@link #read} found and dy. */
    private static Tensor again(
            Differentiable gradient,
            List<Tensor> read,
            Tensor dy,
            Shape x,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        if (gradient.value().isIdentity()) {
            return Reduce.summedTo(dy, x);
        }
        if (gradient.value().inputs() == read.size()) {
            // As above: 0.
            return dy.sibling(x);
        }
        List<Tensor> inputs = new ArrayList<>(read);
        inputs.add(dy);
        return Reduce.summedTo(apply(gradient, inputs, parameters, streams), x);
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
        if (g.formula().inputs() == 0) {
            // It is linear in dy, which it does not read: 0.
            return dy.sibling(x);
        }
        if (g.formula().equals(Formulas.RELU.gradient(0).formula())) {
            PendingPoolGradient pooled = PendingPoolGradient.of(saved.get(0), dy);
            if (pooled != null) {
                return pooled.throughRelu().result();
            }
        }
        List<Tensor> inputs = new ArrayList<>(saved);
        if (inputs.size() < g.formula().inputs()) {
            inputs.add(dy);
        }
        return Reduce.sumTo(run(g.formula(), inputs, dy.shape(), parameters, streams), x);
    }

    /** A formula of tensors that stretch to {@code shape}, now or later; nothing is recorded. */
    static Tensor run(
            Formula formula,
            List<Tensor> inputs,
            Shape shape,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        return new PendingFormula(formula, inputs, shape, parameters, streams).result();
    }
}
