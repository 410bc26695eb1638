package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import io.github.cortado.CompiledStep;
import io.github.cortado.Scope;
import io.github.cortado.Shape;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepNumber.Rate;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Updates;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Formulas that nobody has named, over shapes that stretch, beside the oracle. */
@Tag("gpu")
class InterpreterTest {
    private static final int FORMULAS = 60;
    private static final double TOLERANCE = 2e-4;

    private final Backend backend = Emulation.backend();

    /** What a formula is run over, drawn from a seed. */
    private record Problem(Formula formula, Shape shape, List<Shape> inputs, int offset) {}

    @Test
    void randomFormulasOverRandomShapesAreThoseOfTheOracle() {
        for (int seed = 0; seed < FORMULAS; seed++) {
            Random random = new Random(seed);
            Formula f = formula(random);
            Shape shape = shape(random);
            List<Shape> inputs =
                    IntStream.range(0, f.inputs()).mapToObj(i -> part(shape, random)).toList();
            check("seed " + seed, new Problem(f, shape, inputs, random.nextInt(3)));
        }
    }

    private static Shape shape(Random random) {
        int[] dims = new int[random.nextInt(5)];
        for (int d = 0; d < dims.length; d++) {
            dims[d] = 1 + random.nextInt(9);
        }
        return Shape.of(dims);
    }

    /** The shape, or one that stretches to it. */
    private static Shape part(Shape whole, Random random) {
        if (random.nextBoolean()) {
            return whole;
        }
        int skipped = random.nextInt(whole.rank() + 1);
        return Shape.of(
                IntStream.range(skipped, whole.rank())
                        .map(d -> random.nextBoolean() ? 1 : whole.dim(d))
                        .toArray());
    }

    /** Results are from -1 to 1, so that nothing is cancelled and no error grows. */
    private static Formula formula(Random random) {
        int inputs = 1 + random.nextInt(FormulaCode.MAX_INPUTS);
        return Formula.of(
                "random",
                inputs,
                2,
                a -> {
                    List<Expression> values = new ArrayList<>(a.inputs());
                    values.addAll(a.parameters());
                    values.add(Expression.constant(0.3));
                    values.add(Expression.uniform(random.nextInt(FormulaCode.MAX_STREAMS)));
                    int n = 1 + random.nextInt(25);
                    for (int i = 0; i < n; i++) {
                        values.add(bounded(values, random));
                    }
                    int outputs = 1 + random.nextInt(FormulaCode.MAX_OUTPUTS);
                    return IntStream.range(0, outputs)
                            .mapToObj(
                                    k ->
                                            k == 0
                                                    ? values.get(values.size() - 1)
                                                    : any(values, random))
                            .toList();
                });
    }

    private static Expression any(List<Expression> values, Random random) {
        return values.get(random.nextInt(values.size()));
    }

    private static Expression bounded(List<Expression> values, Random random) {
        Expression x = any(values, random);
        Expression y = any(values, random);
        return switch (random.nextInt(17)) {
            case 0 -> x.neg();
            case 1 -> x.abs().sqrt();
            case 2 -> x.sub(1).exp();
            case 3 -> x.expm1().mul(0.5);
            case 4 -> x.abs().add(1).log();
            case 5 -> x.abs().log1p();
            case 6 -> x.tanh();
            case 7 -> x.sigmoid();
            case 8 -> x.normalCdf();
            case 9 -> x.normalPdf();
            case 10 -> x.add(y).mul(0.5);
            case 11 -> y.sub(x).mul(0.5);
            case 12 -> x.mul(x);
            case 13 -> x.div(y.abs().add(1));
            case 14 -> x.min(y);
            case 15 -> y.max(x);
            default -> x.fma(y, any(values, random)).mul(0.5);
        };
    }

    @Test
    void randomNumbersOfManyDimensionsAreThoseOfTheOracle() {
        Formula f =
                Formula.of(
                        "noise", 2, 0, a -> List.of(a.x(0).mul(a.x(1)).mul(Expression.uniform(1))));
        Shape whole = Shape.of(2, 3, 2, 3, 2, 3, 2, 3, 2, 3);
        Shape stretched = Shape.of(2, 1, 2, 1, 2, 1, 2, 1, 2, 1);
        check("ten dimensions", new Problem(f, whole, List.of(whole, stretched), 0));
    }

    @ParameterizedTest
    @MethodSource("io.github.cortado.cuda.FormulaCodeTest#longest")
    void theLongestFormulasAreThoseOfTheOracle(Formula f) {
        Shape shape = Shape.of(1_001);
        check(f.name(), new Problem(f, shape, Collections.nCopies(f.inputs(), shape), 0));
    }

    /** The kernel of its own works in place. */
    @Test
    void adamMayWriteElsewhere() {
        Shape shape = Shape.of(70);
        for (Formula f : List.of(Updates.ADAM, Updates.ADAMW)) {
            check(f.name(), new Problem(f, shape, Collections.nCopies(4, shape), 0));
        }
    }

    /** Adam's own kernel takes it as a number that stays the same. */
    @Test
    void aWeightDecayMayChangeWithinARecordedStep() {
        List<float[]> found = new ArrayList<>();
        for (Backend b : List.of(new ScalarBackend(), backend)) {
            Rate decay = new Rate(0.1);
            List<Buffer> all = new ArrayList<>();
            for (int k = 0; k < 4; k++) {
                all.add(Floats.random(b, k, 20));
            }
            Pointwise.run(b, Formulas.MUL.value(), List.of(all.get(3), all.get(3)), all.get(3));
            List<Buffer> outputs = List.of(all.get(0), all.get(2), all.get(3));
            try (CompiledStep<String> step =
                    b.compile(
                            () -> {
                                List<StepValue> p = new ArrayList<>(numbers());
                                p.set(1, decay.now());
                                b.pointwise(Updates.ADAM, Operands.of(all, outputs, p));
                                return "";
                            })) {
                for (int i = 0; i < 6; i++) {
                    decay.set(0.1 * i);
                    step.run();
                }
            }
            found.add(Floats.read(b, all.get(0)));
        }
        assertArrayEquals(found.get(0), found.get(1), (float) TOLERANCE);
    }

    private void check(String what, Problem p) {
        List<float[]> right = results(new ScalarBackend(), p);
        List<float[]> found = results(backend, p);
        for (int k = 0; k < right.size(); k++) {
            String where = what + ", output " + k + " of " + p;
            assertArrayEquals(right.get(k), found.get(k), (float) TOLERANCE, where);
        }
    }

    private static List<float[]> results(Backend b, Problem p) {
        try (Scope scope = Scope.open()) {
            List<Buffer> inputs = new ArrayList<>();
            for (int k = 0; k < p.inputs.size(); k++) {
                int n = p.inputs.get(k).size();
                // Some begin where 16 bytes at a time are not to be had.
                Buffer part = Floats.random(b, k, n + p.offset).slice(p.offset, n);
                if (p.formula.name().startsWith("adam")) {
                    // An average of squares.
                    Pointwise.run(b, Formulas.MUL.value(), List.of(part, part), part);
                }
                inputs.add(part);
            }
            int n = p.shape.size();
            List<Buffer> outputs =
                    p.formula.outputs().stream().map(o -> Floats.rubbish(b, n)).toList();
            List<RandomStream> streams =
                    IntStream.range(0, FormulaCode.MAX_STREAMS)
                            .mapToObj(s -> new RandomStream(1L << 40 | s, s, 1L << 33 | s))
                            .toList();
            List<StepValue> parameters = numbers().subList(0, p.formula.parameters());
            Broadcast walk = Broadcast.of(p.shape, p.inputs);
            b.pointwise(p.formula, new Operands(inputs, outputs, parameters, streams, walk));
            return outputs.stream().map(y -> Floats.read(b, y)).toList();
        }
    }

    /** Adam's, in their order, and more. */
    private static List<StepValue> numbers() {
        return DoubleStream.concat(
                        DoubleStream.of(0.1, 0.05, 0.9, 0.999, 1e-3, 0.271, 2.997e-3),
                        DoubleStream.iterate(0.1, v -> v + 0.01).limit(FormulaCode.MAX_LEAVES))
                .mapToObj(StepValue::of)
                .toList();
    }
}
