package io.github.cortado.backend.formula;

import static io.github.cortado.backend.formula.Expression.constant;
import static io.github.cortado.backend.formula.Expression.where;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.formula.Differentiable.Gradient;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class FormulaTest {
    private static final double[] PARAMETERS = {0.3, 1.7};

    static Stream<Differentiable> functions() {
        return Stream.of(Formulas.class, Functions.class)
                .flatMap(c -> Arrays.stream(c.getFields()))
                .filter(f -> f.getType() == Differentiable.class)
                .map(FormulaTest::value)
                // Whose derivative is that of a random number.
                .filter(f -> f != Formulas.DROPOUT)
                // Whose powers are as good as a float32; its row of operations is checked.
                .filter(f -> f != Formulas.TANHSHRINK);
    }

    private static Differentiable value(Field field) {
        try {
            return (Differentiable) field.get(null);
        } catch (IllegalAccessException e) {
            throw new LinkageError(field.getName(), e);
        }
    }

    /** In float64, away from corners, where one form is as good as the other. */
    @ParameterizedTest
    @MethodSource("functions")
    void aGradientGivenByHandIsThatOfTheChainRule(Differentiable f) {
        for (int i = 0; i < f.value().inputs(); i++) {
            boolean ofProbabilities = f == Formulas.BINARY_CROSS_ENTROPY_OF_PROBABILITIES;
            for (double place : new double[] {0.37, 1.9, 2.6, 5.1}) {
                double at = ofProbabilities ? 0.3 + place / 10 : place;
                double[] x = {at, 0.8 * at + 0.1, 1.5 - at};
                double hand = gradient(f, f.gradient(i), x);
                double rule = gradient(f, f.chainRule(i), x);
                assertEquals(rule, hand, 1e-12 * Math.max(1, Math.abs(rule)), f + " at " + at);
                double h = 1e-5;
                double[] above = x.clone();
                double[] below = x.clone();
                above[i] += h;
                below[i] -= h;
                double slope = (evaluate(f.value(), above) - evaluate(f.value(), below)) / (2 * h);
                assertEquals(
                        2.5 * slope, rule, 1e-8 * Math.max(1, Math.abs(rule)), f + " at " + at);
            }
        }
    }

    /** Of dy = 2.5. */
    private static double gradient(Differentiable f, Gradient g, double[] x) {
        double[] reads =
                g.reads().stream()
                        .mapToDouble(
                                r ->
                                        r < f.output()
                                                ? x[r]
                                                : r == f.output() ? evaluate(f.value(), x) : 2.5)
                        .toArray();
        return evaluate(g.formula(), reads);
    }

    private static double evaluate(Formula f, double... x) {
        List<Buffer> inputs = new ArrayList<>();
        for (int i = 0; i < f.inputs(); i++) {
            inputs.add(number(x[i]));
        }
        HostBuffer y = number(0);
        List<StepValue> parameters =
                Arrays.stream(PARAMETERS).limit(f.parameters()).mapToObj(StepValue::of).toList();
        new ScalarBackend().pointwise(f, Operands.of(inputs, List.of(y), parameters));
        return y.get(0);
    }

    private static HostBuffer number(double value) {
        HostBuffer one = HostBuffer.allocate(DType.FLOAT64, 1);
        one.set(0, value);
        return one;
    }

    @Test
    void whatIsUsedTwiceIsComputedOnce() {
        Formula f =
                Formula.of(
                        "f",
                        1,
                        0,
                        a -> {
                            Expression s = a.x(0).sigmoid();
                            return List.of(s.mul(s), a.x(0).sigmoid().add(1));
                        });
        assertEquals(3, f.program().steps().size(), f.toString());
    }

    @Test
    void formulasAreEqualByTheirCode() {
        Formula f = Formula.of("f", 2, 1, a -> List.of(a.x(0).mul(a.p(0)).add(a.x(1))));
        Formula g = Formula.of("g", 2, 1, a -> List.of(a.x(0).mul(a.p(0)).add(a.x(1))));
        Formula other = Formula.of("f", 2, 1, a -> List.of(a.x(1).mul(a.p(0)).add(a.x(0))));
        Formula zero = Formula.of("f", 1, 0, a -> List.of(a.x(0).add(0.0)));
        Formula minusZero = Formula.of("f", 1, 0, a -> List.of(a.x(0).add(-0.0)));
        assertEquals(f, g);
        assertEquals(f.hashCode(), g.hashCode());
        assertNotEquals(f, other);
        assertNotEquals(zero, minusZero);
        assertEquals("f: ADD(MUL(x0, p0), x1)", f.toString());
    }

    @Test
    void aGradientReadsNoMoreThanItNeeds() {
        assertEquals(List.of(1, 2), Formulas.SIGMOID.gradient(0).reads());
        assertEquals(List.of(1, 3), Formulas.MUL.gradient(0).reads());
        assertEquals(List.of(2), Formulas.ADD_NUMBER.gradient(0).reads());
        assertTrue(Formulas.ADD.gradient(1).formula().isIdentity());
        assertFalse(Formulas.SUB.gradient(1).formula().isIdentity());
    }

    @Test
    void numbersThatDependOnParametersAloneAreNoSteps() {
        Program adam = Updates.ADAM.program();
        double[] numbers = adam.numbers(new double[] {0.1, 0, 0.9, 0.999, 1e-8, 0.25, 0.0625});
        assertTrue(Arrays.stream(numbers).anyMatch(v -> v == 0.1 / 0.25), "lr / correction1");
        assertTrue(Arrays.stream(numbers).anyMatch(v -> v == 4), "1 / sqrt(correction2)");
        assertEquals(14, adam.steps().size(), adam.steps().toString());
    }

    /** An expression that doubles at each level would take for ever as a tree. */
    @Test
    void sharedExpressionsTakeNoExponentialTime() {
        Differentiable f =
                Differentiable.of(
                        "deep",
                        1,
                        0,
                        a -> {
                            Expression x = a.x(0);
                            for (int i = 0; i < 60; i++) {
                                x = x.add(x);
                            }
                            return x;
                        });
        assertEquals(60, f.value().program().steps().size());
        assertTrue(f.gradient(0).formula().code().size() < 300);
        assertEquals(1, f.value().program().registers());
    }

    @Test
    void registersAreUsedAgain() {
        Random random = new Random(5);
        for (int round = 0; round < 50; round++) {
            Formula f = chain(random);
            int used = f.program().registers();
            assertTrue(used <= 3, used + " registers for " + f);
        }
    }

    /** Of which two values are needed at a time, and a third while they are combined. */
    private static Formula chain(Random random) {
        return Formula.of(
                "chain",
                2,
                0,
                a -> {
                    Expression p = a.x(0).tanh();
                    Expression q = a.x(1).exp();
                    for (int i = 0; i < 20; i++) {
                        Expression next =
                                random.nextBoolean() ? p.mul(q) : where(p, q, constant(2));
                        p = random.nextBoolean() ? q : p;
                        q = next;
                    }
                    return List.of(p.add(q));
                });
    }
}
