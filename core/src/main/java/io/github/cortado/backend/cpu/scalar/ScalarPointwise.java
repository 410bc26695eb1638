package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.formula.Evaluation;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Term;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;

/** Formulas term by term, in double, each output rounded once. */
interface ScalarPointwise extends Backend {

    @Override
    default void pointwise(Formula formula, Operands operands) {
        if (operands.length() > 0) {
            new Walk(formula, operands).run();
        }
    }

    /** One walk over the result. */
    final class Walk {
        private final Formula formula;
        private final Term[] code;
        private final double[] values;
        private final double[] parameters;
        private final HostBuffer[] inputs;
        private final HostBuffer[] outputs;
        private final PhiloxStream[] streams;
        private final Broadcast walk;

        /** Where in each input the present element is. */
        private final int[] at;

        /** The present element's place in each dimension. */
        private final int[] index;

        Walk(Formula formula, Operands operands) {
            this.formula = formula;
            code = formula.code().toArray(new Term[0]);
            values = new double[code.length];
            parameters = operands.numbers();
            inputs = operands.inputs().stream().map(b -> host(b)).toArray(HostBuffer[]::new);
            outputs = operands.outputs().stream().map(b -> host(b)).toArray(HostBuffer[]::new);
            streams = operands.streams().stream().map(Walk::stream).toArray(PhiloxStream[]::new);
            walk = operands.walk();
            at = new int[inputs.length];
            index = new int[walk.shape().length];
        }

        private static PhiloxStream stream(RandomStream s) {
            return Streams.dropout(s.seed(), s.ordinal(), s.forward().asLong());
        }

        void run() {
            int n = outputs[0].length();
            for (int i = 0; i < n; i++) {
                for (int t = 0; t < code.length; t++) {
                    values[t] = value(code[t], i);
                }
                for (int k = 0; k < outputs.length; k++) {
                    outputs[k].set(i, values[formula.outputs().get(k)]);
                }
                advance();
            }
        }

        private double value(Term t, int i) {
            return switch (t.primitive()) {
                case INPUT -> inputs[t.a()].get(at[t.a()]);
                case PARAMETER -> parameters[t.a()];
                case CONSTANT -> t.number();
                case UNIFORM -> streams[t.a()].uniform(i);
                default ->
                        Evaluation.of(t.primitive(), values[t.a()], values[t.b()], values[t.c()]);
            };
        }

        /** To the next element, the innermost dimension first. */
        private void advance() {
            for (int d = index.length - 1; d >= 0; d--) {
                boolean stays = ++index[d] < walk.shape()[d];
                int steps = stays ? 1 : 1 - index[d];
                for (int k = 0; k < at.length; k++) {
                    at[k] += steps * walk.strides()[k][d];
                }
                if (stays) {
                    return;
                }
                index[d] = 0;
            }
        }
    }
}
