package io.github.cortado.cuda;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import java.util.Arrays;
import java.util.List;

/** Formulas over buffers of one length, for tests. */
final class Pointwise {
    private Pointwise() {}

    static void run(Backend b, Formula f, List<Buffer> inputs, Buffer y, double... parameters) {
        List<StepValue> values = Arrays.stream(parameters).mapToObj(StepValue::of).toList();
        b.pointwise(f, Operands.of(inputs, List.of(y), values));
    }

    /** y = max(x, 0). */
    static void relu(Backend b, Buffer x, Buffer y) {
        run(b, Formulas.RELU.value(), List.of(x), y);
    }

    /** dx = dy where y > 0, else 0. */
    static void reluGrad(Backend b, Buffer y, Buffer dy, Buffer dx) {
        run(b, Formulas.RELU.gradient(0).formula(), List.of(y, dy), dx);
    }

    /** y = y + x. */
    static void accumulate(Backend b, Buffer x, Buffer y) {
        run(b, Formulas.ADD.value(), List.of(y, x), y);
    }

    /** y = x / (1 - p) where the stream keeps an element, else 0. */
    static void dropout(Backend b, Buffer x, Buffer y, double p, RandomStream stream) {
        b.pointwise(
                Formulas.DROPOUT.value(),
                new Operands(
                        List.of(x),
                        List.of(y),
                        List.of(StepValue.of(p), StepValue.of(1 / (1 - p))),
                        List.of(stream),
                        Broadcast.elementwise(1, y.length())));
    }
}
