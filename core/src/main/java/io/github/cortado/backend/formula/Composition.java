package io.github.cortado.backend.formula;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Formulas one after the other as one. Nothing is simplified: every term rounds as it does alone.
 */
public final class Composition {
    /** Compositions that are kept. */
    private static final int MOST = 1024;

    private static final Map<Key, Formula> MADE = new ConcurrentHashMap<>();

    private Composition() {}

    /**
     * One of the formulas.
     *
     * @param formula with one output
     * @param reads of each of its inputs, which one it is of the whole; or after those, which part
     *     before this one
     * @param isOutput whether its value is an output of the whole
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by Key
    public record Part(Formula formula, int[] reads, boolean isOutput) {}

    private record Key(int inputs, List<Object> parts) {}

    /** The parts as one formula, their parameters one after the other. */
    public static Formula of(int inputs, List<Part> parts) {
        List<Object> all = new ArrayList<>();
        for (Part p : parts) {
            all.add(p.formula);
            all.add(p.isOutput);
            for (int read : p.reads) {
                all.add(read);
            }
        }
        if (MADE.size() >= MOST) {
            MADE.clear();
        }
        return MADE.computeIfAbsent(new Key(inputs, all), key -> made(inputs, parts));
    }

    private static Formula made(int inputs, List<Part> parts) {
        StringBuilder name = new StringBuilder();
        List<Expression> values = new ArrayList<>();
        for (int i = 0; i < inputs; i++) {
            values.add(Expression.input(i));
        }
        List<Expression> outputs = new ArrayList<>();
        int parameters = 0;
        for (Part p : parts) {
            Formula f = p.formula;
            int first = parameters;
            List<Expression> terms =
                    f.expressions(
                            i -> values.get(p.reads[i]), i -> Expression.parameter(first + i));
            parameters += f.parameters();
            Expression value = terms.get(f.outputs().get(0));
            values.add(value);
            if (p.isOutput) {
                outputs.add(value);
            }
            name.append(name.isEmpty() ? "" : " + ").append(f.name());
        }
        return Formula.linear(name.toString(), inputs, parameters, outputs);
    }
}
