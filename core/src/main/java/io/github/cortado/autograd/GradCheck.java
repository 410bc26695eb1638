package io.github.cortado.autograd;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Layer;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Compares gradients with difference quotients, in double precision on {@link Device#cpuScalar()}.
 *
 * <p>The quantity differentiated is L = sum over i of r_i y_i, y the function's result and r fixed
 * pseudo-random numbers of either sign of size 0.5 to 1, so that a single number stands for the
 * whole result. An element x_j passes if
 *
 * <pre>{@code
 * |dL/dx_j - (L(x_j + eps) - L(x_j - eps)) / (2 eps)| <= atol + rtol max(|both|)
 * }</pre>
 *
 * <p>Inputs should stay away from kinks (the 0 of relu, equal values under max) by more than eps.
 * Inputs are converted to float64 on the scalar CPU backend (integers keep their type), so that
 * tensors of any device will do; those that require no gradient are not checked. The function must
 * compute with what it is given, and give the same result for the same values.
 */
public final class GradCheck {
    /**
     * Steps and tolerances. The defaults suit smooth functions of numbers around 1: the truncation
     * error of the quotient is then near 1e-12 and its rounding error near 1e-10.
     *
     * @param eps how far an element is moved to either side
     * @param rtol tolerance relative to the larger of the two derivatives
     * @param atol absolute tolerance
     */
    public record Options(double eps, double rtol, double atol) {
        /** eps 1e-6, rtol 1e-4, atol 1e-7. */
        public static final Options DEFAULT = new Options(1e-6, 1e-4, 1e-7);

        public Options {
            if (!(eps > 0 && rtol >= 0 && atol >= 0)) {
                throw new IllegalArgumentException(
                        String.format(
                                "GradCheck: eps must be above 0 and tolerances not negative, got"
                                        + " eps %s, rtol %s, atol %s",
                                eps, rtol, atol));
            }
        }
    }

    private static final PhiloxStream WEIGHTS = Streams.general(0x67726164L, 0);

    private GradCheck() {}

    /**
     * Checks the gradients that {@code backward()} gives.
     *
     * @throws GradientMismatchException naming the first element that is wrong
     * @throws IllegalArgumentException if no input requires a gradient
     */
    public static void check(Function<Tensor[], Tensor> f, Tensor... inputs) {
        check(f, inputs, gradients(f, inputs));
    }

    /** As {@link #check(Function, Tensor...)}, for gradients that were found in another way. */
    public static void check(
            Function<Tensor[], Tensor> f, Tensor[] inputs, @Nullable Tensor[] analytic) {
        check(f, inputs, analytic, Options.DEFAULT);
    }

    /**
     * Checks given gradients with given tolerances.
     *
     * @param analytic a gradient for each input that requires one
     * @throws GradientMismatchException naming the first element that is wrong
     * @throws ShapeException if a gradient has not the shape of its input
     */
    public static void check(
            Function<Tensor[], Tensor> f,
            Tensor[] inputs,
            @Nullable Tensor[] analytic,
            Options options) {
        checkSomeRequired(inputs);
        if (analytic.length != inputs.length) {
            throw new IllegalArgumentException(
                    "GradCheck: " + analytic.length + " gradients for " + inputs.length);
        }
        Tensor[] x = leaves(inputs, false);
        for (int i = 0; i < x.length; i++) {
            if (inputs[i].requiresGrad()) {
                compare("input " + i, i, x[i], analytic[i], () -> loss(f.apply(x)), options);
            }
        }
    }

    /**
     * The gradients of L by all inputs that require one, from {@code backward()}; null for the
     * others.
     *
     * @throws IllegalArgumentException if no input requires a gradient
     */
    public static @Nullable Tensor[] gradients(Function<Tensor[], Tensor> f, Tensor... inputs) {
        checkSomeRequired(inputs);
        Tensor[] x = leaves(inputs, true);
        backward(f.apply(x));
        @Nullable Tensor[] gradients = new Tensor[x.length];
        for (int i = 0; i < x.length; i++) {
            gradients[i] = inputs[i].requiresGrad() ? gradient(x[i]) : null;
        }
        return gradients;
    }

    /**
     * Checks the gradients of a layer's result by all of its parameters, and by the input if that
     * requires one.
     *
     * <p>The layer itself is moved to float64 on the scalar CPU backend and back. Afterwards its
     * parameters, buffers and counters are what they were, and its gradients are dropped; dropout
     * draws the same elements in every evaluation.
     *
     * @throws GradientMismatchException naming the first element that is wrong
     */
    public static void check(Layer layer, Tensor input) {
        Map<String, Tensor> state = layer.stateDict();
        List<Tensor> before = state.values().stream().map(Tensor::copy).toList();
        Map<String, Long> counters = layer.counters();
        try {
            layer.to(Device.cpuScalar(), DType.FLOAT64);
            Tensor x = leaves(new Tensor[] {input}, true)[0];
            Supplier<Tensor> forward =
                    () -> {
                        layer.loadCounters(counters);
                        return layer.forward(x);
                    };
            backward(forward.get());
            List<String> names = new ArrayList<>();
            List<Tensor> leaves = new ArrayList<>();
            layer.namedParameters()
                    .forEach(
                            (name, p) -> {
                                names.add("parameter " + name);
                                leaves.add(p);
                            });
            if (x.requiresGrad()) {
                names.add("the input");
                leaves.add(x);
            }
            Supplier<Double> loss = () -> loss(forward.get());
            for (int i = 0; i < leaves.size(); i++) {
                Tensor leaf = leaves.get(i);
                compare(names.get(i), i, leaf, gradient(leaf), loss, Options.DEFAULT);
            }
        } finally {
            layer.loadCounters(counters);
            int i = 0;
            for (Tensor t : state.values()) {
                Tensor was = before.get(i++);
                t.move(was.device(), was.dtype()).copyFrom(was);
                t.grad(null);
            }
        }
    }

    private static void checkSomeRequired(Tensor[] inputs) {
        if (Arrays.stream(inputs).noneMatch(Tensor::requiresGrad)) {
            throw new IllegalArgumentException(
                    "GradCheck: none of the " + inputs.length + " inputs requires a gradient");
        }
    }

    /** Copies in float64 on the scalar backend; integers keep their type. */
    private static Tensor[] leaves(Tensor[] inputs, boolean recorded) {
        Tensor[] x = new Tensor[inputs.length];
        for (int i = 0; i < x.length; i++) {
            Tensor moved = inputs[i].detach().to(Device.cpuScalar()).copy();
            x[i] = moved.dtype().isFloat() ? moved.to(DType.FLOAT64) : moved;
            if (recorded && inputs[i].requiresGrad()) {
                x[i].requiresGrad(true);
            }
        }
        return x;
    }

    private static void backward(Tensor y) {
        checkDouble(y);
        if (y.requiresGrad()) {
            y.backward(Tensor.of(weights(y.size()), y.shape()));
        }
    }

    private static Tensor gradient(Tensor x) {
        Tensor dx = x.grad();
        // A function that does not use an input is constant in it.
        return dx == null ? x.sibling(x.shape()) : dx;
    }

    private static void checkDouble(Tensor y) {
        if (y.dtype() != DType.FLOAT64) {
            throw new IllegalArgumentException(
                    "GradCheck: the function returns "
                            + y.dtype()
                            + " for float64 inputs; it must compute with the inputs it is given");
        }
    }

    private static double loss(Tensor y) {
        checkDouble(y);
        double[] values = y.toDoubles();
        double[] r = weights(values.length);
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += r[i] * values[i];
        }
        return sum;
    }

    private static double[] weights(int n) {
        double[] r = new double[n];
        for (int i = 0; i < n; i++) {
            double u = WEIGHTS.uniform(i);
            // Never near zero: no element of y may escape notice.
            r[i] = u < 0.5 ? -0.5 - u : u;
        }
        return r;
    }

    private static void compare(
            String what,
            int input,
            Tensor x,
            @Nullable Tensor analytic,
            Supplier<Double> loss,
            Options o) {
        if (analytic == null || !analytic.shape().equals(x.shape())) {
            throw new ShapeException(
                    String.format(
                            "GradCheck: gradient of %s %s is %s",
                            what,
                            x.shape(),
                            analytic == null ? "missing" : "of shape " + analytic.shape()));
        }
        double[] given = analytic.toDoubles();
        double[] values = x.toDoubles();
        try (var pause = Autograd.noGrad()) {
            for (int i = 0; i < values.length; i++) {
                double numeric = quotient(x, values, i, o.eps, loss);
                double larger = Math.max(Math.abs(given[i]), Math.abs(numeric));
                // Written so that NaN fails.
                if (!(Math.abs(given[i] - numeric) <= o.atol + o.rtol * larger)) {
                    throw new GradientMismatchException(
                            what, input, i, place(x.shape(), i), given[i], numeric);
                }
            }
        }
    }

    private static double quotient(
            Tensor x, double[] values, int i, double eps, Supplier<Double> loss) {
        double center = values[i];
        double above = center + eps;
        double below = center - eps;
        double up = lossAt(x, values, i, above, loss);
        double down = lossAt(x, values, i, below, loss);
        lossAt(x, values, i, center, () -> 0.0);
        // What was really moved, after rounding.
        return (up - down) / (above - below);
    }

    private static double lossAt(
            Tensor x, double[] values, int i, double value, Supplier<Double> loss) {
        values[i] = value;
        x.copyFrom(Tensor.of(values, x.shape()));
        return loss.get();
    }

    private static String place(Shape shape, int i) {
        int[] strides = shape.strides();
        int[] index = new int[strides.length];
        for (int d = 0; d < index.length; d++) {
            index[d] = i / strides[d] % shape.dim(d);
        }
        return Arrays.toString(index);
    }
}
