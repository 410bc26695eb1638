package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Rates and momentum after every step beside PyTorch's, which oracle/training has. */
class LRSchedulerTest {
    private static final Map<String, Function<Optimizer, LRScheduler>> RULES =
            new LinkedHashMap<>();

    static {
        RULES.put("StepLR", o -> new StepLR(o, 7));
        RULES.put("StepLR gamma", o -> new StepLR(o, 3, 0.7));
        RULES.put("MultiStepLR", o -> new MultiStepLR(o, 0.3, 4, 9, 9, 30));
        RULES.put("ExponentialLR", o -> new ExponentialLR(o, 0.93));
        RULES.put("ConstantLR", ConstantLR::new);
        RULES.put("ConstantLR factor", o -> new ConstantLR(o, 0.25, 12));
        RULES.put("LinearLR", LinearLR::new);
        RULES.put("LinearLR factors", o -> new LinearLR(o, 0.2, 0.7, 11));
        RULES.put("PolynomialLR", PolynomialLR::new);
        RULES.put("PolynomialLR power", o -> new PolynomialLR(o, 25, 2.5));
        RULES.put("CosineAnnealingLR", o -> new CosineAnnealingLR(o, 10));
        RULES.put("CosineAnnealingLR least", o -> new CosineAnnealingLR(o, 13, 0.01));
        RULES.put("CosineAnnealingWarmRestarts", o -> new CosineAnnealingWarmRestarts(o, 6));
        RULES.put(
                "CosineAnnealingWarmRestarts longer",
                o -> new CosineAnnealingWarmRestarts(o, 3, 2, 0.001));
        RULES.put("LambdaLR", o -> new LambdaLR(o, t -> 1.0 / (1 + t), t -> Math.pow(0.9, t)));
        RULES.put("MultiplicativeLR", o -> new MultiplicativeLR(o, t -> 1 - 1.0 / (t + 2)));
        RULES.put("OneCycleLR", o -> new OneCycleLR(o, 0.7, 40));
        RULES.put(
                "OneCycleLR lines",
                o ->
                        new OneCycleLR(o, new double[] {0.7, 0.1}, 45, true)
                                .pctStart(0.4)
                                .linear()
                                .momentums(0.5, 0.8)
                                .divFactors(10, 100));
        RULES.put(
                "OneCycleLR three",
                o -> new OneCycleLR(o, new double[] {0.7}, 41, false).threePhase());
        RULES.put("CyclicLR", o -> new CyclicLR(o, 0.1, 0.6).stepSizes(8, 8));
        RULES.put(
                "CyclicLR two",
                o ->
                        new CyclicLR(o, new double[] {0.1, 0.01}, new double[] {0.6, 0.05}, true)
                                .stepSizes(5, 9)
                                .triangular2());
        RULES.put(
                "CyclicLR range",
                o -> new CyclicLR(o, 0.1, 0.6).stepSizes(6, 6).expRange(0.97).momentums(0.3, 0.7));
        RULES.put("SWALR", o -> new SWALR(o, 0.05));
        RULES.put("SWALR lines", o -> new SWALR(o, 6, 0.3, 0.001).linear());
        RULES.put("SWALR at once", o -> new SWALR(o, 0, 0.1));
        RULES.put(
                "ChainedScheduler",
                o ->
                        new ChainedScheduler(
                                new ConstantLR(o, 0.1, 7),
                                new ExponentialLR(o, 0.9),
                                new CosineAnnealingLR(o, 9)));
        RULES.put(
                "SequentialLR",
                o ->
                        new SequentialLR(
                                List.of(
                                        new LinearLR(o, 0.1, 1, 5),
                                        new CosineAnnealingLR(o, 20),
                                        new ExponentialLR(o, 0.8)),
                                5,
                                25));
        RULES.put(
                "SequentialLR others",
                o ->
                        new SequentialLR(
                                List.of(
                                        new ExponentialLR(o, 0.9),
                                        new StepLR(o, 4, 0.5),
                                        new PolynomialLR(o, 8, 2)),
                                6,
                                20));
        RULES.put(
                "SequentialLR restarts",
                o ->
                        new SequentialLR(
                                List.of(
                                        new ConstantLR(o, 0.2, 4),
                                        new CosineAnnealingWarmRestarts(o, 5, 2, 0),
                                        new LambdaLR(o, t -> 1.0 / (1 + t)),
                                        new MultiStepLR(o, 2, 4),
                                        new MultiplicativeLR(o, t -> 0.9)),
                                3,
                                15,
                                22,
                                33));
    }

    private static final Map<String, Function<Optimizer, ReduceLROnPlateau>> PLATEAUS =
            new LinkedHashMap<>();

    static {
        PLATEAUS.put("ReduceLROnPlateau", ReduceLROnPlateau::new);
        PLATEAUS.put(
                "ReduceLROnPlateau often",
                o ->
                        new ReduceLROnPlateau(o)
                                .factor(0.5)
                                .patience(2)
                                .cooldown(3)
                                .absoluteThreshold(0.05)
                                .minLrs(0.1, 0.001));
        PLATEAUS.put("ReduceLROnPlateau max", o -> new ReduceLROnPlateau(o).max().patience(4));
    }

    private static List<Tensor> parameter() {
        return List.of(Tensor.zeros(2).copy().requiresGrad(true));
    }

    private static SGD sgd() {
        return new SGD(
                        0.5,
                        new ParameterGroup(parameter()),
                        new ParameterGroup(parameter()).lr(0.02))
                .momentum(0.6);
    }

    private static Adam adam() {
        return new Adam(
                0.5, new ParameterGroup(parameter()), new ParameterGroup(parameter()).lr(0.02));
    }

    private static Optimizer optimizer(String kind) {
        return kind.equals("SGD") ? sgd() : adam();
    }

    private static double metric(int t) {
        return Math.max(1.0 - 0.1 * t, 0.4) + 0.01 * ((t * 7) % 3);
    }

    @SuppressWarnings("unchecked")
    private static Map<String, List<List<Number>>> expected() throws Exception {
        return (Map<String, List<List<Number>>>)
                Json.load(
                        Path.of(
                                LRSchedulerTest.class
                                        .getResource("/oracle/training/schedulers.json")
                                        .toURI()));
    }

    static Stream<Arguments> cases() throws Exception {
        List<Arguments> all = new ArrayList<>();
        expected()
                .forEach(
                        (name, rows) -> {
                            String[] parts = name.split(", ");
                            all.add(Arguments.of(parts[0], parts[1], rows));
                        });
        return all.stream();
    }

    /** A rule of either kind, ready to step. */
    private record Running(
            Consumer<Integer> step,
            Supplier<Map<String, String>> state,
            Consumer<Map<String, String>> load) {}

    private static Running make(String name, Optimizer optimizer) {
        if (PLATEAUS.containsKey(name)) {
            ReduceLROnPlateau p = PLATEAUS.get(name).apply(optimizer);
            return new Running(t -> p.step(metric(t)), p::state, p::loadState);
        }
        LRScheduler s = RULES.get(name).apply(optimizer);
        return new Running(t -> s.step(), s::state, s::loadState);
    }

    private static double momentum(Optimizer optimizer) {
        return optimizer
                .groups()
                .get(1)
                .get(optimizer.has(Setting.BETA1) ? Setting.BETA1 : Setting.MOMENTUM);
    }

    private static void check(String what, List<Number> row, Optimizer optimizer) {
        double[] lrs = optimizer.lrs();
        for (int i = 0; i < 2; i++) {
            double e = row.get(i).doubleValue();
            assertEquals(e, lrs[i], 1e-12 * Math.abs(e) + 1e-17, what + ", group " + i);
        }
        assertEquals(row.get(2).doubleValue(), momentum(optimizer), 1e-14, what + ", momentum");
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void everyStepIsPyTorchs(String name, String kind, List<List<Number>> rows) {
        Optimizer optimizer = optimizer(kind);
        Running rule = make(name, optimizer);
        check("at first", rows.get(0), optimizer);
        for (int t = 1; t < rows.size(); t++) {
            rule.step.accept(t - 1);
            check("step " + t, rows.get(t), optimizer);
        }
    }

    @ParameterizedTest(name = "{0}, {1}")
    @MethodSource("cases")
    void aLoadedStateGoesOnBitForBit(String name, String kind) {
        for (int at : new int[] {0, 6, 17, 24}) {
            Optimizer other = optimizer(kind);
            Running before = make(name, other);
            Optimizer fresh = optimizer(kind);
            Running after = make(name, fresh);
            for (int t = 0; t < at; t++) {
                before.step.accept(t);
            }
            after.load.accept(before.state.get());
            assertEquals(momentum(other), momentum(fresh));
            for (int t = at; t < 40; t++) {
                assertArrayEquals(other.lrs(), fresh.lrs(), "step " + t + " from " + at);
                before.step.accept(t);
                after.step.accept(t);
            }
            assertArrayEquals(other.lrs(), fresh.lrs());
        }
    }

    @Test
    void everySchedulerHasACase() throws Exception {
        TreeSet<String> names = new TreeSet<>(RULES.keySet());
        names.addAll(PLATEAUS.keySet());
        TreeSet<String> there = new TreeSet<>();
        expected().keySet().forEach(k -> there.add(k.split(", ")[0]));
        assertEquals(there, names);
    }

    @Test
    void aCycledMomentumReachesTheUpdates() {
        Tensor w = Tensor.of(new float[] {0}).requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 1);
        CyclicLR cyclic = new CyclicLR(sgd, 1, 1).stepSizes(1, 1).momentums(0.5, 0.75);
        w.grad(Tensor.of(new float[] {-1}));
        sgd.step();
        cyclic.step();
        sgd.step();
        // v is 1, then 0.5 + 1.
        assertEquals(2.5, w.item());
    }

    static Stream<Arguments> mistakes() {
        SGD o = sgd();
        Adagrad none = new Adagrad(parameter());
        return Stream.of(
                mistake("StepLR: expected a step size from 1 up, got 0", () -> new StepLR(o, 0)),
                mistake(
                        "LinearLR: expected a start factor from above 0 to 1, got 0.0",
                        () -> new LinearLR(o, 0, 1, 5)),
                mistake(
                        "ConstantLR: expected a factor from 0 to 1, got 2.0",
                        () -> new ConstantLR(o, 2, 5)),
                mistake(
                        "CosineAnnealingLR: expected a number of epochs from 1 up, got 0",
                        () -> new CosineAnnealingLR(o, 0)),
                mistake(
                        "LambdaLR: expected one function or one for each of the groups, 2, got 3",
                        () -> new LambdaLR(o, t -> 1, t -> 1, t -> 1)),
                mistake(
                        "OneCycleLR: expected one greatest rate or one for each of the groups, 2,"
                                + " got 3",
                        () -> new OneCycleLR(o, new double[3], 5, true)),
                mistake(
                        "OneCycleLR: Adagrad has no momentum; say that it is not to be cycled",
                        () -> new OneCycleLR(none, 1, 5)),
                mistake(
                        "ChainedScheduler: scheduler 1, a StepLR, is of another optimizer than the"
                                + " first",
                        () -> new ChainedScheduler(new StepLR(o, 1), new StepLR(none, 1))),
                mistake(
                        "SequentialLR: expected rising milestones from 1 up, one less than the"
                                + " schedulers, 1, got [5, 5]",
                        () -> new SequentialLR(List.of(new StepLR(o, 1), new StepLR(o, 1)), 5, 5)),
                mistake(
                        "SequentialLR: expected schedulers that are no sequences or chains, got"
                                + " ChainedScheduler",
                        () -> new SequentialLR(List.of(new ChainedScheduler(new StepLR(o, 1))))),
                mistake(
                        "StepLR: state 'last_epoch' is null, expected numbers: 1",
                        () -> new StepLR(o, 1).loadState(Map.of())),
                mistake(
                        "SequentialLR: scheduler 0: StepLR: state 'lrs' is 1, expected numbers: 2",
                        () ->
                                new SequentialLR(List.of(new StepLR(o, 1)))
                                        .loadState(
                                                Map.of(
                                                        "last_epoch",
                                                        "1",
                                                        "lrs",
                                                        "1 1",
                                                        "0.last_epoch",
                                                        "1",
                                                        "0.lrs",
                                                        "1",
                                                        "0.base_lrs",
                                                        "1 1"))),
                mistake(
                        "ReduceLROnPlateau: factor must be from 0 to below 1, got 1.0",
                        () -> new ReduceLROnPlateau(o).factor(1)));
    }

    private static Arguments mistake(String message, Executable run) {
        return Arguments.of(message, run);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aWrongArgumentIsNamed(String message, Executable run) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
    }

    @Test
    void aCycleHasAnEnd() {
        OneCycleLR cycle = new OneCycleLR(sgd(), 1, 2);
        cycle.step();
        cycle.step();
        assertEquals(
                "OneCycleLR: step 3 of 2 steps",
                assertThrows(IllegalStateException.class, cycle::step).getMessage());
    }
}
