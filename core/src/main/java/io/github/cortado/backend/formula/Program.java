package io.github.cortado.backend.formula;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A formula as interpreters run it. What depends on parameters and constants alone is computed
 * once, in double; the rest are steps over places: first the inputs, then those numbers, then
 * registers, which are used again as soon as nobody needs what is in them, then the outputs. What
 * the last step computes goes to its output; the others are in a register, or an input or a number,
 * until all inputs have been read: an output may lie where an input does.
 *
 * @param numbers terms whose value is one number for all elements and is read by a step, in their
 *     order
 * @param steps what is computed for each element
 * @param registers how many registers the steps need
 * @param outputs the place of each output after the last step
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record Program(
        Formula formula, List<Integer> numbers, List<Step> steps, int registers, int[] outputs) {
    /** One primitive: places of its operands, and the place of its result. */
    public record Step(Primitive primitive, int a, int b, int c, int to) {}

    static Program of(Formula formula) {
        return new Allocation(formula).program();
    }

    /** Place of the first register. */
    public int firstRegister() {
        return formula.inputs() + numbers.size();
    }

    /** Place of the first output. */
    public int firstOutput() {
        return firstRegister() + registers;
    }

    /** How many places there are. */
    public int places() {
        return firstOutput() + outputs.length;
    }

    /** The values of {@link #numbers}, by the caller's parameters. */
    public double[] numbers(double[] parameters) {
        List<Term> code = formula.code();
        double[] values = new double[code.size()];
        for (int i = 0; i < values.length; i++) {
            Term t = code.get(i);
            switch (t.primitive()) {
                case CONSTANT -> values[i] = t.number();
                case PARAMETER -> values[i] = parameters[t.a()];
                // Of what differs by element nobody asks for the value.
                case INPUT, UNIFORM -> values[i] = Double.NaN;
                default ->
                        values[i] =
                                Evaluation.of(
                                        t.primitive(), values[t.a()], values[t.b()], values[t.c()]);
            }
        }
        double[] asked = new double[numbers.size()];
        Arrays.setAll(asked, i -> values[numbers.get(i)]);
        return asked;
    }

    /** Registers for values, from the first to the last step that needs them. */
    private static final class Allocation {
        private final Formula formula;
        private final List<Term> code;
        private final boolean[] varies;
        private final int[] lastUse;
        private final int[] place;
        private final List<Integer> numbers = new ArrayList<>();
        private final List<Step> steps = new ArrayList<>();
        private final List<Integer> free = new ArrayList<>();
        private int registers;

        Allocation(Formula formula) {
            this.formula = formula;
            code = formula.code();
            int n = code.size();
            varies = new boolean[n];
            lastUse = new int[n];
            place = new int[n];
            boolean[] isRead = new boolean[n];
            formula.outputs().forEach(o -> isRead[o] = true);
            for (int i = 0; i < n; i++) {
                Term t = code.get(i);
                varies[i] = t.primitive() == Primitive.INPUT || t.primitive() == Primitive.UNIFORM;
                for (int k = 0; k < t.primitive().arity(); k++) {
                    varies[i] |= varies[t.operand(k)];
                    lastUse[t.operand(k)] = i;
                }
                for (int k = 0; varies[i] && k < t.primitive().arity(); k++) {
                    isRead[t.operand(k)] = true;
                }
            }
            formula.outputs().forEach(o -> lastUse[o] = n);
            for (int i = 0; i < n; i++) {
                if (!varies[i] && isRead[i]) {
                    place[i] = formula.inputs() + numbers.size();
                    numbers.add(i);
                }
            }
        }

        Program program() {
            for (int i = 0; i < code.size(); i++) {
                Term t = code.get(i);
                if (t.primitive() == Primitive.INPUT) {
                    place[i] = t.a();
                } else if (varies[i]) {
                    step(i, t);
                }
            }
            int[] outputs = formula.outputs().stream().mapToInt(o -> place[o]).toArray();
            int last = steps.size() - 1;
            int lastTo = last < 0 ? -1 : steps.get(last).to();
            int direct = -1;
            int firstOutput = formula.inputs() + numbers.size() + registers;
            for (int k = 0; k < outputs.length; k++) {
                if (outputs[k] == lastTo) {
                    // Of several that are the same, the others are copied from the first.
                    direct = direct < 0 ? firstOutput + k : direct;
                    outputs[k] = direct;
                }
            }
            if (direct >= 0) {
                Step s = steps.get(last);
                steps.set(last, new Step(s.primitive(), s.a(), s.b(), s.c(), direct));
            }
            return new Program(
                    formula, List.copyOf(numbers), List.copyOf(steps), registers, outputs);
        }

        private void step(int i, Term t) {
            int arity = t.primitive().arity();
            int[] operands = new int[3];
            if (t.primitive() == Primitive.UNIFORM) {
                operands[0] = t.a();
            }
            for (int k = 0; k < arity; k++) {
                operands[k] = place[t.operand(k)];
            }
            // A result may take the place of an operand that nobody needs any more.
            for (int k = 0; k < arity; k++) {
                int o = t.operand(k);
                int register = place[o] - formula.inputs() - numbers.size();
                if (register >= 0 && lastUse[o] == i && !free.contains(register)) {
                    free.add(register);
                }
            }
            int register = free.isEmpty() ? registers++ : free.remove(free.size() - 1);
            place[i] = formula.inputs() + numbers.size() + register;
            steps.add(new Step(t.primitive(), operands[0], operands[1], operands[2], place[i]));
        }
    }
}
