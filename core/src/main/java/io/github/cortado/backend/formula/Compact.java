package io.github.cortado.backend.formula;

import java.util.ArrayList;
import java.util.List;

/** A formula without the inputs that it does not read. */
final class Compact {
    private Compact() {}

    /** The formula over the inputs that it reads, and which these were. */
    static Differentiable.Gradient of(Formula whole) {
        List<Integer> reads = new ArrayList<>();
        for (int i = 0; i < whole.inputs(); i++) {
            if (whole.reads(Primitive.INPUT, i)) {
                reads.add(i);
            }
        }
        List<Expression> values = whole.expressions(i -> Expression.input(reads.indexOf(i)));
        Formula compact =
                Formula.of(
                        whole.name(),
                        reads.size(),
                        whole.parameters(),
                        a -> whole.outputs().stream().map(values::get).toList());
        return new Differentiable.Gradient(compact, List.copyOf(reads));
    }
}
