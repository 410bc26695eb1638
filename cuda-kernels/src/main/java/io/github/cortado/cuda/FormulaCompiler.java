package io.github.cortado.cuda;

import static io.github.cortado.backend.formula.Primitive.ADD;
import static io.github.cortado.backend.formula.Primitive.COS;
import static io.github.cortado.backend.formula.Primitive.FMA;
import static io.github.cortado.backend.formula.Primitive.INPUT;
import static io.github.cortado.backend.formula.Primitive.MAX;
import static io.github.cortado.backend.formula.Primitive.MIN;
import static io.github.cortado.backend.formula.Primitive.MUL;
import static io.github.cortado.backend.formula.Primitive.POW;
import static io.github.cortado.backend.formula.Primitive.SIN;
import static io.github.cortado.backend.formula.Primitive.UNIFORM;

import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Primitive;
import io.github.cortado.backend.formula.Term;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.IntStream;

/** Makes {@link FormulaCode} of a formula: who writes outputs, and what has to be kept where. */
final class FormulaCompiler {
    private static final int LAST = -1;
    private static final int NOWHERE = 255;

    // A number's address, as that of a place: 16 bytes of the first place, and a bit that says so.
    private static final int NUMBER = 16;
    private static final int NUMBER_BIT = 1;

    /** Primitives whose first two operands may change sides. */
    private static final Set<Primitive> SYMMETRIC = EnumSet.of(ADD, MUL, MIN, MAX, FMA);

    /** Primitives that the kernel computes of elements, and not of a formula's numbers. */
    private static final Set<Primitive> OF_ELEMENTS = EnumSet.of(SIN, COS, POW);

    private final Formula formula;
    private final boolean[] varies;
    private final List<Step> steps = new ArrayList<>();
    private final List<Integer> leaves = new ArrayList<>();
    private final List<Integer> terms = new ArrayList<>();

    /** Where each of the formula's terms is found, once that is known. */
    private final int[] found;

    private int places;

    /** The term that a step computes, or copies, and those that it computes it of. */
    private static final class Step {
        final int code;
        final int term;
        final int[] of;
        int to = NOWHERE;
        int output = NOWHERE;

        Step(int code, int term, int... of) {
            this.code = code;
            this.term = term;
            this.of = of;
        }

        boolean isCopy() {
            return code == FormulaCode.COPY;
        }
    }

    FormulaCompiler(Formula formula) {
        this.formula = formula;
        varies = new boolean[formula.code().size()];
        found = new int[varies.length];
    }

    FormulaCode code() {
        for (int t = 0; t < varies.length; t++) {
            take(t);
        }
        List<Integer> numbers = formula.program().numbers();
        for (int k = 0; k < numbers.size(); k++) {
            found[numbers.get(k)] = k * NUMBER | NUMBER_BIT;
        }
        writeOutputs();
        useLastResults();
        giveRegisters();
        checkLimits();
        byte[] numberTerms = new byte[numbers.size()];
        for (int k = 0; k < numberTerms.length; k++) {
            numberTerms[k] = (byte) numberOf(numbers.get(k));
        }
        return new FormulaCode(
                stepInts(),
                leaves.stream().map(formula.code()::get).toList(),
                terms.stream().mapToInt(this::termInt).toArray(),
                numberTerms,
                places);
    }

    private void take(int t) {
        Term term = formula.code().get(t);
        Primitive p = term.primitive();
        int[] of = operands(term);
        varies[t] = p == INPUT || p == UNIFORM || IntStream.of(of).anyMatch(o -> varies[o]);
        if (p == INPUT) {
            found[t] = (1 + term.a()) * FormulaCode.PLACE;
        } else if (varies[t]) {
            steps.add(new Step(FormulaCode.code(p), t, of));
        } else {
            if (OF_ELEMENTS.contains(p)) {
                throw new IllegalArgumentException(
                        "formula "
                                + formula.name()
                                + " computes "
                                + p
                                + " of its parameters alone, which the CUDA backend does of"
                                + " elements; give it the result as a parameter");
            }
            (p.arity() == 0 ? leaves : terms).add(t);
        }
    }

    private static int[] operands(Term term) {
        return IntStream.range(0, term.primitive().arity()).map(term::operand).toArray();
    }

    /** Each output is written by the step that computes it, else by one that copies. */
    private void writeOutputs() {
        for (int k = 0; k < formula.outputs().size(); k++) {
            int t = formula.outputs().get(k);
            Step writer = null;
            for (Step s : steps) {
                writer = s.term == t && s.output == NOWHERE ? s : writer;
            }
            if (writer == null) {
                writer = new Step(FormulaCode.COPY, t, t);
                steps.add(writer);
            }
            writer.output = k;
        }
    }

    /** Puts what the step before has computed first, where it makes no difference. */
    private void useLastResults() {
        for (int i = 1; i < steps.size(); i++) {
            Step s = steps.get(i);
            int last = steps.get(i - 1).term;
            boolean isSymmetric =
                    !s.isCopy() && SYMMETRIC.contains(formula.code().get(s.term).primitive());
            if (isSymmetric && s.of[1] == last && s.of[0] != last) {
                s.of[1] = s.of[0];
                s.of[0] = last;
            }
        }
    }

    /** Whether step i's first operand is what the step before has computed. */
    private boolean beginsWithLast(int i) {
        int[] of = steps.get(i).of;
        return i > 0 && of.length > 0 && of[0] == steps.get(i - 1).term;
    }

    /** Gives a place to every result that is read otherwise than as the last one. */
    private void giveRegisters() {
        int[] lastRead = new int[varies.length];
        for (int i = 0; i < steps.size(); i++) {
            int[] of = steps.get(i).of;
            for (int k = beginsWithLast(i) ? 1 : 0; k < of.length; k++) {
                lastRead[of[k]] = i;
            }
        }
        int first = 1 + formula.inputs();
        int[] busyUntil = new int[steps.size()];
        places = first;
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            // A uniform number is drawn in its place.
            boolean isDrawn = s.code == FormulaCode.code(UNIFORM);
            if (isDrawn || (!s.isCopy() && lastRead[s.term] > i)) {
                int r = 0;
                while (busyUntil[r] > i) {
                    r++;
                }
                busyUntil[r] = Math.max(lastRead[s.term], i + 1);
                s.to = first + r;
                found[s.term] = s.to * FormulaCode.PLACE;
                places = Math.max(places, s.to + 1);
            }
        }
    }

    private void checkLimits() {
        check(formula.inputs(), FormulaCode.MAX_INPUTS, "inputs");
        check(formula.outputs().size(), FormulaCode.MAX_OUTPUTS, "outputs");
        check(steps.size(), FormulaCode.MAX_STEPS, "steps");
        check(formula.program().numbers().size(), FormulaCode.MAX_NUMBERS, "numbers");
        check(leaves.size(), FormulaCode.MAX_LEAVES, "parameters and constants");
        check(terms.size(), FormulaCode.MAX_TERMS, "operations on parameters and constants");
        check(places, FormulaCode.MAX_PLACES, "values that are needed at a time");
        for (Term t : formula.code()) {
            boolean isDrawn = t.primitive() == UNIFORM;
            check(isDrawn ? t.a() + 1 : 0, FormulaCode.MAX_STREAMS, "random streams");
        }
    }

    private void check(int n, int most, String what) {
        if (n > most) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "formula %s has %d %s, of which the CUDA backend takes up to %d;"
                                    + " write it as several operations",
                            formula.name(),
                            n,
                            what,
                            most));
        }
    }

    private int[] stepInts() {
        int[] ints = new int[FormulaCode.STEP * steps.size()];
        for (int i = 0; i < steps.size(); i++) {
            Step s = steps.get(i);
            int at = FormulaCode.STEP * i;
            ints[at] = s.code | s.to << 8 | s.output << 16;
            for (int k = 0; k < s.of.length; k++) {
                ints[at + 1 + k] = k == 0 && beginsWithLast(i) ? LAST : found[s.of[k]];
            }
            if (s.code == FormulaCode.code(UNIFORM)) {
                ints[at + 1] = found[s.term];
                ints[at + 2] = formula.code().get(s.term).a();
            }
        }
        return ints;
    }

    private int termInt(int t) {
        Term term = formula.code().get(t);
        int[] of = operands(term);
        int all = FormulaCode.code(term.primitive());
        for (int k = 0; k < of.length; k++) {
            all |= numberOf(of[k]) << 8 * (k + 1);
        }
        return all;
    }

    private int numberOf(int term) {
        int leaf = leaves.indexOf(term);
        return leaf >= 0 ? leaf : leaves.size() + terms.indexOf(term);
    }
}
