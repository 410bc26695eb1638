package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertAll;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.GradCheck;
import io.github.cortado.autograd.GradientMismatchException;
import io.github.cortado.autograd.Node;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;
import io.github.cortado.nn.Tanh;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradCheckTest {
    private static final List<Class<?>> OPERATIONS =
            List.of(
                    Arrange.class,
                    Attention.class,
                    Compare.class,
                    Bags.class,
                    Cast.class,
                    ClassLosses.class,
                    io.github.cortado.ops.Conv2d.class,
                    ConvTranspose2d.class,
                    CrossEntropy.class,
                    Draw.class,
                    Einsum.class,
                    Ctc.class,
                    io.github.cortado.ops.Dropout.class,
                    GatedLinear.class,
                    GroupNormalise.class,
                    Layout.class,
                    io.github.cortado.ops.Linear.class,
                    Lengths.class,
                    Matmul.class,
                    Max.class,
                    Normalise.class,
                    Order.class,
                    Patches.class,
                    Pointwise.class,
                    Pool2d.class,
                    PoolWindows.class,
                    Product.class,
                    Put.class,
                    Recurrence.class,
                    Reduce.class,
                    Region.class,
                    Resize.class,
                    Select.class,
                    Softmax.class,
                    Statistics.class,
                    Take.class,
                    Functional.class,
                    Tensor.class);

    /** What makes, moves or names tensors without being a function of them. */
    private static final Set<String> NO_OPERATIONS =
            Set.of(
                    "Tensor.zeros(Device,DType,Shape)",
                    "Tensor.zeros(int[])",
                    "Tensor.ones(int[])",
                    "Tensor.full(double,int[])",
                    "Tensor.scalar(float)",
                    "Tensor.scalar(double)",
                    "Tensor.scalar(long)",
                    "Tensor.of(float[],int[])",
                    "Tensor.of(float[],Shape)",
                    "Tensor.of(double[],int[])",
                    "Tensor.of(double[],Shape)",
                    "Tensor.of(int[],int[])",
                    "Tensor.of(int[],Shape)",
                    "Tensor.of(long[],int[])",
                    "Tensor.of(long[],Shape)",
                    "Tensor.of(byte[],int[])",
                    "Tensor.of(byte[],Shape)",
                    "Tensor.sibling(Shape)",
                    "Tensor.empty(Shape)",
                    "Tensor.keep()",
                    "Tensor.detach()",
                    "Tensor.copy()",
                    "Tensor.copyFrom(Tensor)",
                    "Tensor.fill(double)",
                    "Tensor.set(Tensor,Range[])",
                    "Tensor.set(double,Range[])",
                    "Tensor.increment(long)",
                    "Tensor.move(Device,DType)",
                    "Tensor.requiresGrad(boolean)",
                    "Tensor.grad()",
                    "Tensor.argmax(int)",
                    "Tensor.argmin(int)",
                    "Tensor.arange(int)",
                    "Tensor.linspace(double,double,int)",
                    "Tensor.eye(int)");

    /** Masks, indices and random numbers, which have no gradient. */
    private static final Set<String> MASKS = masks();

    private static Set<String> masks() {
        Set<String> all =
                new TreeSet<>(
                        Set.of(
                                "Tensor.of(boolean[],int[])",
                                "Tensor.of(boolean[],Shape)",
                                "Tensor.argsort(int,boolean)",
                                "Tensor.nonzero()",
                                "Functional.oneHot(Tensor,int)",
                                "Take.oneHot(Tensor,int)",
                                "Tensor.rand(int[])",
                                "Tensor.randn(int[])",
                                "Tensor.randint(long,long,int[])",
                                "Tensor.randperm(int)",
                                "Tensor.any()",
                                "Tensor.any(boolean,int[])",
                                "Tensor.all()",
                                "Tensor.all(boolean,int[])"));
        for (Method m : Compare.class.getDeclaredMethods()) {
            if (!List.of("where", "maskedFill", "maskedSelect").contains(m.getName())) {
                all.add(signature(m));
            }
        }
        for (Method m : Draw.class.getDeclaredMethods()) {
            all.add(signature(m));
        }
        for (String name : List.of("gt", "ge", "lt", "le", "eq", "ne")) {
            all.add("Tensor." + name + "(Tensor)");
            all.add("Tensor." + name + "(double)");
        }
        for (String name : List.of("isNan", "isInf", "isFinite", "logicalNot")) {
            all.add("Tensor." + name + "()");
        }
        for (String name : List.of("logicalAnd", "logicalOr", "logicalXor")) {
            all.add("Tensor." + name + "(Tensor)");
        }
        return all;
    }

    static List<OpCase> cases() {
        return OpCases.all();
    }

    // Both compute in double on the scalar backend, whatever else there is: once is enough.

    @Tag("scalar-only")
    @ParameterizedTest
    @MethodSource("cases")
    void everyOperationHasTheGradientOfItsDifferenceQuotient(OpCase c) {
        GradCheck.check(c.f(), c.inputs());
    }

    /** For each input its largest derivative, and the one in the middle of those that matter. */
    @Tag("scalar-only")
    @Tag("thorough")
    @ParameterizedTest
    @MethodSource("cases")
    void oneElementWrongByOnePercentIsNoticed(OpCase c) {
        Tensor[] right = GradCheck.gradients(c.f(), c.inputs());
        for (int i = 0; i < right.length; i++) {
            if (!c.inputs()[i].requiresGrad()) {
                continue;
            }
            double[] g = right[i].toDoubles();
            Integer[] bySize = indicesBySize(g);
            assertTrue(
                    Math.abs(g[bySize[0]]) > 1e-3, "input " + i + " has no gradient to speak of");
            for (int at : List.of(bySize[0], bySize[bySize.length / 2])) {
                double[] wrong = g.clone();
                wrong[at] *= 1.01;
                Tensor[] given = right.clone();
                given[i] = Tensor.of(wrong, right[i].shape());
                var e =
                        assertThrows(
                                GradientMismatchException.class,
                                () -> GradCheck.check(c.f(), c.inputs(), given));
                assertEquals(i, e.input());
                assertEquals(at, e.index());
                assertEquals(wrong[at], e.analytic());
                assertEquals(g[at], e.numeric(), 1e-4 * Math.abs(g[at]));
            }
        }
    }

    private static Integer[] indicesBySize(double[] g) {
        return java.util.stream.IntStream.range(0, g.length)
                .boxed()
                .filter(i -> Math.abs(g[i]) > 1e-4)
                .sorted((i, j) -> Double.compare(Math.abs(g[j]), Math.abs(g[i])))
                .toArray(Integer[]::new);
    }

    @Test
    void noPublicOperationLacksARow() {
        Set<String> wanted = new TreeSet<>();
        for (Class<?> type : OPERATIONS) {
            for (Method m : type.getDeclaredMethods()) {
                Class<?> result = m.getReturnType();
                if (Modifier.isPublic(m.getModifiers())
                        && (result == Tensor.class
                                || result == Tensor.Maxima.class
                                || result == Tensor.Minima.class
                                || result == Tensor.Sorted.class)) {
                    wanted.add(signature(m));
                }
            }
        }
        Set<String> covered =
                cases().stream().flatMap(c -> c.covers().stream()).collect(Collectors.toSet());
        Set<String> unknown = new TreeSet<>(covered);
        unknown.removeAll(wanted);
        wanted.removeAll(covered);
        wanted.removeAll(NO_OPERATIONS);
        wanted.removeAll(MASKS);
        assertEquals(Set.of(), wanted, "operations without a row in OpCases");
        assertEquals(Set.of(), unknown, "rows of OpCases that name no operation");
    }

    private static final Set<String> NOT_OPERATIONS =
            Set.of(
                    "Chain",
                    "Checks",
                    "Clamp",
                    "AttentionForm",
                    "Clampable",
                    "Constants",
                    "CtcStates",
                    "FoldedWeights",
                    "Following",
                    "FusedAttention",
                    "JointGradients",
                    "Parts",
                    "Places",
                    "package-info");

    @Test
    void theListOfOperationsNamesEveryClassOfThePackage() throws Exception {
        java.nio.file.Path classes =
                java.nio.file.Path.of(
                        Pointwise.class
                                .getProtectionDomain()
                                .getCodeSource()
                                .getLocation()
                                .toURI());
        try (Stream<java.nio.file.Path> files =
                java.nio.file.Files.list(classes.resolve("io/github/cortado/ops"))) {
            Set<String> found =
                    files.map(p -> p.getFileName().toString())
                            .filter(n -> n.endsWith(".class") && !n.contains("$"))
                            .map(n -> n.substring(0, n.length() - 6))
                            .filter(n -> !n.startsWith("Pending"))
                            .filter(n -> !NOT_OPERATIONS.contains(n))
                            .collect(Collectors.toCollection(TreeSet::new));
            Set<String> named =
                    OPERATIONS.stream()
                            .filter(c -> c.getPackage() == Pointwise.class.getPackage())
                            .map(Class::getSimpleName)
                            .collect(Collectors.toCollection(TreeSet::new));
            assertEquals(found, named);
        }
    }

    private static String signature(Method m) {
        return m.getDeclaringClass().getSimpleName()
                + "."
                + m.getName()
                + Arrays.stream(m.getParameterTypes())
                        .map(Class::getSimpleName)
                        .collect(Collectors.joining(",", "(", ")"));
    }

    @Test
    void aWrongGradientIsNamedByInputPlaceAndBothValues() {
        // y = 3 a b with a derivative by b that is twice too large.
        Function<Tensor[], Tensor> f =
                x -> {
                    Tensor a = x[0];
                    Tensor b = x[1];
                    Tensor y = a.detach().mul(b.detach()).mul(3);
                    return Node.record(
                            "wrong",
                            y,
                            Edge.to(a, dy -> dy.mul(b.detach()).mul(3)),
                            Edge.to(b, dy -> dy.mul(a.detach()).mul(6)));
                };
        Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).requiresGrad(true);
        Tensor b = Tensor.of(new float[] {5, 6, 7, 8}, 2, 2).requiresGrad(true);
        var e = assertThrows(GradientMismatchException.class, () -> GradCheck.check(f, a, b));
        assertAll(
                () -> assertEquals(1, e.input()),
                () -> assertEquals(0, e.index()),
                () -> assertEquals(2, e.analytic() / e.numeric(), 1e-6),
                () ->
                        assertEquals(
                                "gradient of input 1 at [0, 0]: backward() gives "
                                        + e.analytic()
                                        + ", the difference quotient "
                                        + e.numeric(),
                                e.getMessage()));
        b.requiresGrad(false);
        GradCheck.check(f, a, b);
        assertNull(GradCheck.gradients(f, a, b)[1], "an input without gradient is skipped");
    }

    @Test
    void nanNeverPasses() {
        Tensor x = Tensor.of(new double[] {1, 2}).requiresGrad(true);
        Tensor nan = Tensor.of(new double[] {Double.NaN, Double.NaN});
        assertThrows(
                GradientMismatchException.class,
                () -> GradCheck.check(in -> in[0].exp(), new Tensor[] {x}, new Tensor[] {nan}));
        assertThrows(
                GradientMismatchException.class,
                () -> GradCheck.check(in -> in[0].mul(Double.NaN), x));
    }

    @Test
    void misuseIsExplained() {
        Tensor x = Tensor.of(new double[] {1, 2});
        assertEquals(
                "GradCheck: none of the 1 inputs requires a gradient",
                assertThrows(IllegalArgumentException.class, () -> GradCheck.check(in -> in[0], x))
                        .getMessage());
        x.requiresGrad(true);
        Tensor[] inputs = {x};
        assertEquals(
                "GradCheck: gradient of input 0 [2] is of shape [3]",
                assertThrows(
                                ShapeException.class,
                                () ->
                                        GradCheck.check(
                                                in -> in[0],
                                                inputs,
                                                new Tensor[] {Tensor.of(new double[3])}))
                        .getMessage());
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> GradCheck.check(in -> in[0].to(DType.FLOAT32), x))
                        .getMessage()
                        .contains("returns float32 for float64 inputs"));
        assertThrows(IllegalArgumentException.class, () -> new GradCheck.Options(0, 1, 1));
    }

    @Test
    void aModuleIsCheckedInAllItsParametersAndLeftAsItWas() {
        Layer net =
                new Sequential(
                        new Conv2d(2, 2, 3).padding(1),
                        new BatchNorm2d(2),
                        new Tanh(),
                        new Flatten(),
                        new Dropout(0.3),
                        new LayerNorm(18),
                        new Linear(18, 3));
        Map<String, float[]> before = new LinkedHashMap<>();
        net.stateDict().forEach((name, t) -> before.put(name, t.toFloats()));
        Tensor x = picture(2, 2, 3, 3);
        Map<String, Long> counters = net.counters();
        GradCheck.check(net, x);
        net.stateDict()
                .forEach(
                        (name, t) -> {
                            assertTrue(Arrays.equals(before.get(name), t.toFloats()), name);
                            assertTrue(t.device().sameAs(Device.cpu()), name);
                        });
        assertEquals(counters, net.counters());
        assertEquals(DType.FLOAT32, net.parameters().get(0).dtype());
        assertNull(net.parameters().get(0).grad());
    }

    @Test
    void aModulesWrongParameterIsNamed() {
        Layer net =
                new Layer() {
                    final Tensor w = parameter("w", Tensor.of(new float[] {2, 3}));

                    @Override
                    public Tensor forward(Tensor x) {
                        Tensor y = x.detach().mul(w.detach());
                        return Node.record("wrong", y, Edge.to(w, dy -> dy));
                    }
                };
        var e =
                assertThrows(
                        GradientMismatchException.class,
                        () -> GradCheck.check(net, Tensor.of(new float[] {5, 7})));
        assertTrue(e.getMessage().startsWith("gradient of parameter w at [0]:"), e.getMessage());
        assertEquals(Shape.of(2), net.parameters().get(0).shape());
        assertEquals(DType.FLOAT32, net.parameters().get(0).dtype());
    }

    private static Tensor picture(int... shape) {
        float[] x = new float[Shape.of(shape).size()];
        for (int i = 0; i < x.length; i++) {
            x[i] = (i * 29 % 31) / 15f - 1;
        }
        return Tensor.of(x, Shape.of(shape)).requiresGrad(true);
    }
}
