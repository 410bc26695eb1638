package io.github.cortado.backend;

import io.github.cortado.Shape;
import io.github.cortado.backend.formula.Cells;
import io.github.cortado.backend.formula.Comparisons;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Differentiable.Gradient;
import io.github.cortado.backend.formula.Expression;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import io.github.cortado.backend.formula.Updates;
import java.lang.reflect.Field;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The rows of {@link Backend#pointwise}: every formula that has a name, and some that have none. A
 * row's method is the formula's name.
 */
public final class ContractFormulaCases {
    private static final int[] SIZES = {0, 1, 3, 7, 16, 17, 31, 33, 64, 207, 60_001};
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    /** Values that functions of one element must know how to treat. */
    private static final float[] SPECIAL = {
        0f, -0f, NAN, INF, -INF, 1e-30f, -1e-30f, 88f, -88f, 30f, -30f, 20f, 21f, 1f, -1f, 1e30f,
        -1e30f
    };

    /** Of a ReLU's result: a gradient at 0 or -0, and none through NaN. */
    private static final float[] EDGES = {
        0f, -0f, NAN, INF, -INF, 1e-30f, -1e-30f, 2f, -2f, 0f, NAN, 1f, 0f, 5f, NAN, 1f, 0f
    };

    /** Of all floats the one that is nearest to a multiple of pi / 2. */
    private static final float HARDEST = 16_367_173 * 0x1p72f;

    private static final RandomStream STREAM =
            new RandomStream(0x123456789abcdefL, 3, 5_000_000_000L);

    /** From where to where numbers are drawn; from -6 to 6 if nothing else is said. */
    private static final Map<String, double[]> RANGES =
            Map.ofEntries(
                    range("add", -1, 1),
                    range("sub", -1, 1),
                    range("mul", -1, 1),
                    range("div", 0.5, 2),
                    range("divGrad", 0.5, 2),
                    range("divGrad0", 0.5, 2),
                    range("divGrad1", 0.5, 2),
                    range("log", 0.01, 20),
                    range("logGrad", 0.1, 5),
                    range("sqrt", 0, 20),
                    range("sqrtGrad", 0.1, 5),
                    range("rsqrt", 0.01, 20),
                    range("rsqrtGrad", 0, 2),
                    range("inverseStd", 0.01, 20),
                    range("expGrad", 0, 5),
                    range("relu", -1, 1),
                    range("reluGrad", -1, 1),
                    range("dropout", 1, 2),
                    range("softplus", -25, 25),
                    range("softplusGrad", -25, 25),
                    // Where nothing cancels.
                    range("klDivLoss", 0.1, 0.2),
                    range("klDivLossGrad1", 0.1, 0.2),
                    range("sigmoidGrad", 0, 1),
                    range("pow", 0.1, 3),
                    range("powGrad", 0.1, 3),
                    range("powGrad0", 0.1, 3),
                    range("powGrad1", 1.5, 3),
                    range("tanhGrad", -1, 1));

    private static final Map<String, double[]> PARAMETERS =
            Map.ofEntries(
                    Map.entry("add", new double[] {0.3}),
                    Map.entry("pow", new double[] {-1.7f}),
                    Map.entry("mul", new double[] {-1.7}),
                    Map.entry("div", new double[] {-1.7f}),
                    Map.entry("affine", new double[] {-0.7, 0.3}),
                    Map.entry("leakyRelu", new double[] {0.2}),
                    Map.entry("elu", new double[] {1.5}),
                    Map.entry("inverseStd", new double[] {1e-5}),
                    Map.entry("dropoutOfReluGrad", new double[] {1 / 0.7}),
                    Map.entry("sgd", new double[] {0.1, 0.01}),
                    Map.entry("sgdFirst", new double[] {0.1, 0.01, 0.9, 0.7}),
                    Map.entry("sgdMomentum", new double[] {0.1, 0.01, 0.9, 0.7}),
                    Map.entry("nesterovFirst", new double[] {0.1, 0.01, 0.9, 1}),
                    Map.entry("nesterov", new double[] {0.1, 0.01, 0.9, 1}),
                    Map.entry("adam", new double[] {0.1, 0.05, 0.9, 0.999, 1e-8, 0.271, 2.997e-3}),
                    Map.entry("adamW", new double[] {0.1, 0.05, 0.9, 0.999, 1e-8, 0.271, 2.997e-3}),
                    Map.entry("adagrad", new double[] {0.1, 0.05, 1e-10}),
                    Map.entry("adadelta", new double[] {0.1, 0.05, 0.9, 1e-6}),
                    Map.entry("adamax", new double[] {0.1, 0.05, 0.9, 0.999, 1e-8, 0.271}),
                    Map.entry(
                            "adamAmsgrad",
                            new double[] {0.1, 0.05, 0.9, 0.999, 1e-8, 0.271, 2.997e-3}),
                    Map.entry(
                            "adamWAmsgrad",
                            new double[] {0.1, 0.05, 0.9, 0.999, 1e-8, 0.271, 2.997e-3}),
                    Map.entry(
                            "nAdam",
                            new double[] {0.1, 0.05, 0.02, 0.9, 0.999, 1e-8, 0.55, 0.6, 2.997e-3}),
                    Map.entry(
                            "rAdam",
                            new double[] {0.1, 0.05, 0.02, 0.9, 0.999, 1e-8, 0.271, 0.013}),
                    Map.entry("rmsPropCentered", new double[] {0.1, 0.05, 0.95, 1e-2}),
                    Map.entry("rmsPropCenteredMomentum", new double[] {0.1, 0.05, 0.95, 1e-2, 0.5}),
                    Map.entry("asgd", new double[] {0.1, 0.05, 0.9, 0.3}),
                    Map.entry("average", new double[] {0.3}),
                    Map.entry("rpropFirst", new double[] {0.1, 0.01, 0.5}),
                    Map.entry("rprop", new double[] {0.15, 0.9, 0.5, 1.2}),
                    Map.entry("lion", new double[] {0.1, 0.05, 0.9, 0.99}),
                    Map.entry("rmsProp", new double[] {0.1, 0.05, 0.9, 1e-8}),
                    Map.entry("rmsPropMomentum", new double[] {0.1, 0.05, 0.9, 1e-8, 0.5}));

    private final List<ContractCase> cases = new ArrayList<>();

    private ContractFormulaCases() {}

    private static Map.Entry<String, double[]> range(String name, double low, double high) {
        return Map.entry(name, new double[] {low, high});
    }

    /** All of them. */
    public static List<ContractCase> all() {
        ContractFormulaCases table = new ContractFormulaCases();
        constants(Differentiable.class, Formulas.class).forEach((n, f) -> table.function(f));
        constants(Differentiable.class, Functions.class).forEach((n, f) -> table.function(f));
        constants(Formula.class, Comparisons.class).forEach((n, f) -> table.comparison(f));
        constants(Formula.class, Formulas.class)
                .forEach(
                        (n, f) -> {
                            if (f.outputs().size() > 1) {
                                table.cell(f);
                            } else {
                                table.formula(f, 4);
                            }
                        });
        table.angles();
        table.signs();
        table.broadcasts();
        table.edges();
        table.dropout();
        constants(Formula.class, Cells.class).forEach((n, f) -> table.cell(f));
        constants(Formula.class, Updates.class).forEach((n, f) -> table.update(f));
        table.withoutNames();
        table.outputsThatNothingComputes();
        table.comparisons();
        return table.cases;
    }

    /** Constants of that type, by their names. */
    static <T> Map<String, T> constants(Class<T> type, Class<?> owner) {
        Map<String, T> found = new LinkedHashMap<>();
        for (Field field : owner.getFields()) {
            if (field.getType() == type) {
                try {
                    found.put(field.getName(), type.cast(field.get(null)));
                } catch (IllegalAccessException e) {
                    throw new LinkageError(field.getName(), e);
                }
            }
        }
        return found;
    }

    private static List<StepValue> parameters(Formula f) {
        String name = f.name().replaceAll("Grad[01]?$", "");
        double[] all =
                PARAMETERS.getOrDefault(f.name(), PARAMETERS.getOrDefault(name, new double[9]));
        return IntStream.range(0, f.parameters()).mapToObj(i -> StepValue.of(all[i])).toList();
    }

    private void function(Differentiable f) {
        if (f == Formulas.DROPOUT) {
            return;
        }
        formula(f.value(), 4);
        for (int shift = 0; shift < SPECIAL.length && f.value().inputs() == 1; shift++) {
            float[] x = rotated(SPECIAL, shift);
            row(
                    f.name(),
                    "special " + shift,
                    4,
                    (b, r) -> run(b, f.value(), List.of(r.in(x)), r.out(x.length)));
        }
        for (int i = 0; i < f.value().inputs(); i++) {
            Gradient g = f.gradient(i);
            if (!g.formula().isIdentity()) {
                formula(g.formula(), 8);
            }
        }
    }

    private void formula(Formula f, int terms) {
        double[] range = RANGES.getOrDefault(f.name(), new double[] {-6, 6});
        for (int n : SIZES) {
            row(
                    f.name(),
                    f.inputs() + " of " + n,
                    terms,
                    (b, r) ->
                            run(
                                    b,
                                    f,
                                    IntStream.range(0, f.inputs())
                                            .mapToObj(i -> r.random(n, range[0], range[1]))
                                            .toList(),
                                    r.out(n)));
        }
        row(
                f.name(),
                "in place",
                terms,
                (b, r) -> {
                    List<Buffer> inputs = new ArrayList<>();
                    for (int i = 0; i < f.inputs(); i++) {
                        inputs.add(r.inOut(101, range[0], range[1]));
                    }
                    run(b, f, inputs, inputs.get(f.inputs() - 1));
                });
    }

    /** Angles of every size, where whole circles have to be taken away to the last bit. */
    private void angles() {
        float[] x = new float[512];
        for (int i = 0; i < x.length; i++) {
            float size = (float) Math.pow(2, i * 0.25) * (1 + 0.37f * (i % 3));
            x[i] = i % 2 == 0 ? size : -size;
        }
        for (int i = 0; i < 40; i++) {
            // Next to a multiple of a quarter.
            x[12 * i] = (float) ((1L << i) * Math.PI / 2);
        }
        x[500] = HARDEST;
        x[501] = -x[500];
        x[502] = 52_516.433_593_75f;
        x[503] = 252.898_208_618f;
        for (Differentiable f : List.of(Functions.SIN, Functions.COS)) {
            row(
                    f.name(),
                    "large angles",
                    4,
                    (b, r) -> run(b, f.value(), List.of(r.in(x)), r.out(x.length)));
        }
    }

    /**
     * Halves, zeros of both signs, which a quotient tells apart, and powers of negative numbers.
     */
    private void signs() {
        float[] halves = new float[64];
        float[] whole = new float[64];
        for (int i = 0; i < halves.length; i++) {
            halves[i] = (i - 32) * 0.5f;
            whole[i] = i % 7 - 3;
        }
        row(
                "round",
                "halves",
                0,
                (b, r) -> run(b, Functions.ROUND.value(), List.of(r.in(halves)), r.out(64)));
        row(
                "pow",
                "negative bases",
                4,
                (b, r) ->
                        run(
                                b,
                                Functions.POW.value(),
                                List.of(r.in(halves), r.in(whole)),
                                r.out(64)));
        // Quotients tell zeros apart, and what is next to them.
        float[] angles = {
            0f, -0f, 1f, -1f, 505.796_417_236f, 52_516.433_593_75f, HARDEST, -HARDEST
        };
        Formula quotients =
                Formula.of(
                        "signOfSine",
                        1,
                        0,
                        a -> {
                            Expression one = Expression.constant(1);
                            return List.of(one.div(a.x(0).sin()), one.div(a.x(0).cos()));
                        });
        row(
                quotients.name(),
                "zeros",
                4,
                (b, r) ->
                        b.pointwise(
                                quotients,
                                Operands.of(
                                        List.of(r.in(angles)),
                                        List.of(r.out(angles.length), r.out(angles.length)),
                                        List.of())));
    }

    /** Of every special number with every other one, and of many that are equal. */
    private void comparison(Formula f) {
        formula(f, 0);
        for (int n : SIZES) {
            row(
                    f.name(),
                    "ties " + n,
                    0,
                    (b, r) -> run(b, f, buffers(f.inputs(), i -> r.tiesAndNan(n)), r.out(n)));
        }
        for (int shift = 0; shift < SPECIAL.length; shift++) {
            float[] x = rotated(SPECIAL, shift);
            row(
                    f.name(),
                    "special " + shift,
                    0,
                    (b, r) ->
                            run(
                                    b,
                                    f,
                                    buffers(f.inputs(), i -> r.in(i == 0 ? SPECIAL : x)),
                                    r.out(x.length)));
        }
    }

    /** With all outputs; and where inputs are columns of rows three times as wide. */
    private void cell(Formula f) {
        int outputs = f.outputs().size();
        for (int n : SIZES) {
            row(
                    f.name(),
                    f.inputs() + " of " + n,
                    16,
                    (b, r) -> {
                        List<Buffer> x = buffers(f.inputs(), i -> r.random(n, -3, 3));
                        List<Buffer> y = buffers(outputs, i -> r.out(n));
                        b.pointwise(f, Operands.of(x, y, List.of()));
                    });
        }
        for (int[] size : new int[][] {{1, 1}, {1, 7}, {5, 1}, {3, 17}, {33, 64}, {2, 1500}}) {
            int rows = size[0];
            int columns = size[1];
            int[][] strides = new int[f.inputs()][];
            for (int i = 0; i < strides.length; i++) {
                strides[i] = new int[] {i % 2 == 0 ? 3 * columns : columns, 1};
            }
            row(
                    f.name(),
                    "columns of " + rows + " x " + columns,
                    16,
                    (b, r) -> {
                        List<Buffer> x =
                                buffers(
                                        f.inputs(),
                                        i ->
                                                i % 2 > 0
                                                        ? r.random(rows * columns, -3, 3)
                                                        : r.random(3 * rows * columns, -3, 3)
                                                                .slice(
                                                                        columns,
                                                                        columns * (3 * rows - 1)));
                        List<Buffer> y = buffers(outputs, i -> r.out(rows * columns));
                        Broadcast walk = Broadcast.of(size, strides);
                        b.pointwise(f, new Operands(x, y, List.of(), List.of(), walk));
                    });
        }
    }

    private static List<Buffer> buffers(int n, IntFunction<Buffer> f) {
        return IntStream.range(0, n).mapToObj(f).toList();
    }

    private static void run(Backend b, Formula f, List<Buffer> inputs, Buffer y) {
        b.pointwise(f, Operands.of(inputs, List.of(y), parameters(f)));
    }

    /** So that every value comes to every lane, and to the rest after the last whole vector. */
    private static float[] rotated(float[] values, int shift) {
        float[] v = new float[values.length];
        for (int i = 0; i < v.length; i++) {
            v[i] = values[(i + shift) % v.length];
        }
        return v;
    }

    private void broadcasts() {
        int[][][] pairs = {
            {{}, {}},
            {{0}, {0}},
            {{0, 3}, {3}},
            {{7}, {1}},
            {{1}, {17}},
            {{17, 1}, {1, 33}},
            {{31, 17}, {17}},
            {{17}, {31, 17}},
            {{31, 17}, {31, 1}},
            {{31, 1}, {31, 17}},
            {{2, 3, 1, 17}, {3, 7, 1}},
            {{4, 1, 6, 1}, {1, 5, 1, 33}},
            {{64, 1}, {64, 207}},
            {{3, 16, 5, 7}, {16, 1, 1}},
            {{300, 207}, {207}},
            {{9, 3_000}, {3_000}},
            {{3_000, 9}, {3_000, 1}},
            {{2, 1, 3, 1, 2, 1, 3, 1, 2, 1, 3}, {1, 2, 1, 3, 1, 2, 1, 2, 1, 2, 1}},
        };
        for (int[][] p : pairs) {
            for (Differentiable f :
                    List.of(Formulas.ADD, Formulas.SUB, Formulas.MUL, Formulas.DIV)) {
                broadcast(f.value(), 0, Shape.of(p[0]), Shape.of(p[1]));
            }
        }
        Formula three =
                Formula.of(
                        "threeShapes",
                        3,
                        0,
                        a -> List.of(a.x(0).mul(a.x(1)).add(a.x(2).tanh()), a.x(2).sub(a.x(0))));
        broadcast(three, 4, Shape.of(5, 1, 9), Shape.of(7, 1), Shape.of(5, 7, 9));
        broadcast(three, 4, Shape.of(), Shape.of(40, 50), Shape.of(50));
        broadcast(three, 4, Shape.of(2, 1, 1_500), Shape.of(3, 1), Shape.of(1_500));
    }

    private void broadcast(Formula f, int terms, Shape... shapes) {
        Shape all = Stream.of(shapes).reduce((a, b) -> Shape.broadcast("test", a, b)).get();
        Broadcast walk = Broadcast.of(all, List.of(shapes));
        row(
                f.name(),
                List.of(shapes),
                terms,
                (b, r) -> {
                    List<Buffer> inputs =
                            Stream.of(shapes)
                                    .map(s -> (Buffer) r.random(s.size(), 0.5, 2))
                                    .toList();
                    List<Buffer> outputs =
                            f.outputs().stream().map(o -> (Buffer) r.out(all.size())).toList();
                    b.pointwise(f, new Operands(inputs, outputs, List.of(), List.of(), walk));
                });
    }

    private void edges() {
        for (Formula f :
                List.of(
                        Formulas.RELU.gradient(0).formula(),
                        Formulas.RELU6.gradient(0).formula(),
                        Formulas.DROPOUT_OF_RELU_GRAD)) {
            for (int shift = 0; shift < EDGES.length; shift++) {
                float[] y = rotated(EDGES, shift);
                row(
                        f.name(),
                        "special " + shift,
                        1,
                        (b, r) -> run(b, f, List.of(r.in(y), r.random(y.length)), r.out(y.length)));
            }
        }
    }

    private void dropout() {
        Formula f = Formulas.DROPOUT.value();
        for (int n : SIZES) {
            for (float p : new float[] {0, 0.1f, 0.5f, 0.999f}) {
                row(
                        "dropout",
                        n + " " + p,
                        1,
                        (b, r) -> drop(b, f, r.random(n, 1, 2), r.out(n), p));
            }
        }
        float[] odd = {NAN, INF, -INF, NAN, INF, 1, 2, 3, 4};
        row("dropout", "special", 1, (b, r) -> drop(b, f, r.in(odd), r.out(odd.length), 0.5));
        Formula noise =
                Formula.of(
                        "noise",
                        1,
                        2,
                        a ->
                                List.of(
                                        a.x(0).mul(Expression.uniform(0)).add(a.p(0)),
                                        Expression.uniform(0).sub(a.p(1))));
        for (int n : SIZES) {
            row(
                    "noise",
                    n,
                    2,
                    (b, r) ->
                            b.pointwise(
                                    noise,
                                    new Operands(
                                            List.of(r.random(n)),
                                            List.of(r.out(n), r.out(n)),
                                            List.of(StepValue.of(0.25), StepValue.of(0.5)),
                                            List.of(STREAM),
                                            Broadcast.elementwise(1, n))));
        }
    }

    private static void drop(Backend b, Formula f, Buffer x, Buffer y, double p) {
        b.pointwise(
                f,
                new Operands(
                        List.of(x),
                        List.of(y),
                        List.of(StepValue.of(p), StepValue.of(1 / (1 - p))),
                        List.of(STREAM),
                        Broadcast.elementwise(1, y.length())));
    }

    private void update(Formula f) {
        for (int n : SIZES) {
            row(f.name(), n, 16, (b, r) -> update(b, f, r, n));
        }
    }

    /** Weights, gradients, and averages that are positive; weights and averages in place. */
    private static void update(Backend b, Formula f, ContractRun r, int n) {
        Buffer w = r.inOut(n, -1, 1);
        List<Buffer> inputs = new ArrayList<>(List.of(w, r.random(n)));
        List<Buffer> outputs = new ArrayList<>(List.of(w));
        for (int k = 2; k < f.inputs(); k++) {
            // A mean whose square is far below the mean square, as that of such numbers is.
            double most = k == 3 && f.name().startsWith("rmsPropCentered") ? 0.1 : 1;
            Buffer state = r.inOut(n, 0.1 * most, most);
            inputs.add(state);
            outputs.add(state);
        }
        while (outputs.size() < f.outputs().size()) {
            outputs.add(r.out(n));
        }
        b.pointwise(f, Operands.of(inputs, outputs, parameters(f)));
    }

    /** Expressions of random primitives, of which none makes a small difference a large one. */
    private void withoutNames() {
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            Formula f = random(random);
            for (int n : new int[] {1, 33, 2_100}) {
                row(
                        "withoutName",
                        "seed " + seed + ", " + n + " of " + f,
                        60,
                        (b, r) ->
                                b.pointwise(
                                        f,
                                        Operands.of(
                                                List.of(r.random(n, 0.5, 2), r.random(n, -1, 1)),
                                                Stream.generate(() -> (Buffer) r.out(n))
                                                        .limit(f.outputs().size())
                                                        .toList(),
                                                List.of(StepValue.of(0.7)))));
            }
        }
    }

    /** Outputs that are the same, that are an input or a number: nothing but copies. */
    private void outputsThatNothingComputes() {
        Formula f =
                Formula.of(
                        "copies",
                        2,
                        1,
                        a -> {
                            Expression y = a.x(0).mul(a.x(1)).exp().tanh();
                            return List.of(y, a.x(1), y, a.p(0), a.x(1), y);
                        });
        for (int n : SIZES) {
            row(
                    f.name(),
                    n,
                    4,
                    (b, r) ->
                            b.pointwise(
                                    f,
                                    Operands.of(
                                            List.of(r.random(n), r.random(n)),
                                            Stream.generate(() -> (Buffer) r.out(n))
                                                    .limit(f.outputs().size())
                                                    .toList(),
                                            List.of(StepValue.of(0.7)))));
        }
    }

    /** Where numbers are equal, 0 and -0, or none: quotients tell the zeros apart. */
    private void comparisons() {
        Formula f =
                Formula.of(
                        "comparisons",
                        2,
                        0,
                        a -> {
                            Expression one = Expression.constant(1);
                            Expression x = a.x(0);
                            Expression y = a.x(1);
                            return List.of(
                                    one.div(x.min(y)),
                                    one.div(x.max(y)),
                                    x.greater(y),
                                    Expression.where(x, y, one));
                        });
        for (int shift = 0; shift < EDGES.length; shift++) {
            float[] y = rotated(EDGES, shift);
            row(
                    f.name(),
                    "special " + shift,
                    1,
                    (b, r) ->
                            b.pointwise(
                                    f,
                                    Operands.of(
                                            List.of(r.in(EDGES), r.in(y)),
                                            Stream.generate(() -> (Buffer) r.out(y.length))
                                                    .limit(f.outputs().size())
                                                    .toList(),
                                            List.of())));
        }
    }

    private static Formula random(Random random) {
        return Formula.of(
                "withoutName",
                2,
                1,
                a -> {
                    List<Expression> values = new ArrayList<>(List.of(a.x(0), a.x(1), a.p(0)));
                    int n = 2 + random.nextInt(18);
                    for (int i = 0; i < n; i++) {
                        values.add(random(a, values, random));
                    }
                    // All of the last ones, so that several are needed at a time.
                    int outputs = 1 + random.nextInt(3);
                    return values.subList(values.size() - outputs, values.size());
                });
    }

    private static Expression random(Formula.Arguments a, List<Expression> values, Random random) {
        Expression x = values.get(random.nextInt(values.size()));
        Expression y = values.get(random.nextInt(values.size()));
        return switch (random.nextInt(16)) {
            case 0 -> x.neg();
            case 1 -> x.abs().add(0.5).sqrt();
            case 2 -> x.tanh().exp();
            case 3 -> x.tanh().expm1();
            case 4 -> x.abs().add(0.5).log();
            case 5 -> x.abs().log1p();
            case 6 -> x.tanh();
            case 7 -> x.sigmoid();
            case 8 -> x.normalCdf();
            case 9 -> x.normalPdf();
            case 10 -> x.tanh().add(y.tanh());
            case 11 -> x.tanh().sub(y.sigmoid());
            case 12 -> x.sigmoid().mul(y.tanh());
            case 13 -> x.tanh().div(y.abs().add(1));
            case 14 -> x.min(y).max(Expression.constant(-3));
            default -> Expression.where(a.x(1), x.sigmoid(), y.tanh()).fma(a.p(0), x.tanh());
        };
    }

    private void row(String method, Object title, int terms, ContractCase.Call call) {
        cases.add(new ContractCase(method, title.toString(), terms, call));
    }
}
