package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FormulaCodeTest {
    /** Formulas of a size, what they have so many of, and how many of these may be. */
    private record Limit(IntFunction<Formula> formula, String what, int most) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Limit> limits() {
        return Stream.of(
                new Limit(FormulaCodeTest::inputs, "inputs", FormulaCode.MAX_INPUTS),
                new Limit(FormulaCodeTest::outputs, "outputs", FormulaCode.MAX_OUTPUTS),
                new Limit(FormulaCodeTest::steps, "steps", FormulaCode.MAX_STEPS),
                new Limit(FormulaCodeTest::numbers, "numbers", FormulaCode.MAX_NUMBERS),
                new Limit(
                        FormulaCodeTest::parameters,
                        "parameters and constants",
                        FormulaCode.MAX_LEAVES),
                new Limit(
                        FormulaCodeTest::terms,
                        "operations on parameters and constants",
                        FormulaCode.MAX_TERMS),
                new Limit(
                        FormulaCodeTest::values,
                        "values that are needed at a time",
                        FormulaCode.MAX_PLACES),
                new Limit(FormulaCodeTest::streams, "random streams", FormulaCode.MAX_STREAMS));
    }

    /** For each limit a formula that just fits. */
    static Stream<Formula> longest() {
        return limits().map(l -> l.formula.apply(l.most));
    }

    private static Formula inputs(int n) {
        return Formula.of("inputs", n, 0, a -> List.of(sum(a.inputs())));
    }

    private static Formula outputs(int n) {
        return Formula.of(
                "outputs",
                1,
                0,
                a -> IntStream.range(0, n).mapToObj(k -> a.x(0).mul(k + 0.5)).toList());
    }

    private static Formula steps(int n) {
        return Formula.of(
                "steps",
                1,
                0,
                a -> {
                    Expression y = a.x(0);
                    for (int i = 0; i < n; i++) {
                        y = y.tanh();
                    }
                    return List.of(y);
                });
    }

    /** Some numbers are made of two. */
    private static Formula numbers(int n) {
        return Formula.of(
                "numbers",
                1,
                9,
                a -> {
                    Expression y = a.x(0);
                    for (int i = 0; i < n; i++) {
                        y = y.mul(i < 9 ? a.p(i) : a.p(i / 9).add(a.p(i % 9)));
                    }
                    return List.of(y);
                });
    }

    private static Formula parameters(int n) {
        return Formula.of("parameters", 1, n, a -> List.of(a.x(0).mul(sum(a.parameters()))));
    }

    private static Formula terms(int n) {
        return Formula.of(
                "terms",
                1,
                1,
                a -> {
                    Expression p = a.p(0);
                    for (int i = 0; i < n; i++) {
                        p = p.sigmoid();
                    }
                    return List.of(a.x(0).mul(p));
                });
    }

    /** The numbers' place, the input, and values that are all needed when the last is known. */
    private static Formula values(int n) {
        return Formula.of(
                "values",
                1,
                0,
                a -> {
                    List<Expression> all = new ArrayList<>();
                    Expression y = a.x(0);
                    for (int i = 0; i < n - 2; i++) {
                        y = y.tanh();
                        all.add(y);
                    }
                    Collections.reverse(all);
                    return List.of(sum(all).sub(y));
                });
    }

    private static Formula streams(int n) {
        return Formula.of(
                "streams",
                1,
                0,
                a -> List.of(a.x(0).add(Expression.uniform(0)).mul(Expression.uniform(n - 1))));
    }

    private static Expression sum(List<Expression> all) {
        return all.stream().reduce(Expression::add).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("limits")
    void aFormulaThatIsTooLongIsRefused(Limit l) {
        FormulaCode.of(l.formula.apply(l.most));
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> FormulaCode.of(l.formula.apply(l.most + 1)));
        assertEquals(
                String.format(
                        Locale.ROOT,
                        "formula %s has %d %s, of which the CUDA backend takes up to %d; write it"
                                + " as several operations",
                        l.formula.apply(1 + l.most).name(),
                        l.most + 1,
                        l.what,
                        l.most),
                e.getMessage());
    }

    /** The header of formula.cu reckons with these. */
    @Test
    void whatNobodyReadsLaterHasNoPlace() {
        assertEquals(1 + 1, FormulaCode.of(Formulas.GELU.value()).places());
        // y^2 is the second operand of 1 - y^2.
        assertEquals(1 + 2 + 1, FormulaCode.of(Formulas.TANH.gradient(0).formula()).places());
        FormulaCode momentum = FormulaCode.of(Updates.SGD_MOMENTUM);
        assertEquals(6, momentum.steps().length / FormulaCode.STEP);
        assertEquals(1 + 3 + 1, momentum.places());
    }
}
