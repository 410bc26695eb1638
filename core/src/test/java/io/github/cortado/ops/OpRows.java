package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** How rows of a table of operations are written, and their inputs. */
abstract class OpRows {
    private final List<OpCase> cases = new ArrayList<>();
    private int drawn;

    final List<OpCase> cases() {
        return cases;
    }

    final void unary(String op, String covers, UnaryOperator<Tensor> f) {
        row(op, covers, x -> f.apply(x[0]), awayFromZero(3, 4));
    }

    final void row(String op, String covers, Function<Tensor[], Tensor> f, Tensor... inputs) {
        List<String> methods = covers.isEmpty() ? List.of() : Arrays.asList(covers.split(" "));
        cases.add(new OpCase(op, methods, f, List.of(inputs)));
    }

    /** Numbers from -1 to 1 that require a gradient. */
    final Tensor leaf(int... shape) {
        return number(shape).requiresGrad(true);
    }

    final Tensor number(int... shape) {
        return draw(-1, 1, shape);
    }

    /** Numbers from 0.5 to 2. */
    final Tensor positive(int... shape) {
        return draw(0.5, 2, shape).requiresGrad(true);
    }

    /** Numbers of both signs, at least 0.1 from zero, where activations have their kinks. */
    final Tensor awayFromZero(int... shape) {
        double[] x = number(shape).toDoubles();
        for (int i = 0; i < x.length; i++) {
            x[i] += x[i] < 0 ? -0.1 : 0.1;
        }
        return Tensor.of(x, Shape.of(shape)).requiresGrad(true);
    }

    /** Numbers in an irregular order, 0.03 apart, so that no two tie. */
    final Tensor distinct(int... shape) {
        int n = Shape.of(shape).size();
        double[] x = new double[n];
        for (int i = 0; i < n; i++) {
            x[i] = 0.03 * ((i * 37 + 11) % 101) - 1.5;
        }
        return Tensor.of(x, Shape.of(shape)).requiresGrad(true);
    }

    final Tensor draw(double low, double high, int... shape) {
        PhiloxStream stream = Streams.general(11, drawn++);
        double[] x = new double[Shape.of(shape).size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = low + (high - low) * stream.uniform(i);
        }
        return Tensor.of(x, Shape.of(shape));
    }
}
