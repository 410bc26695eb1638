package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Checkpoint;
import io.github.cortado.nn.Linear;
import io.github.cortado.random.Streams;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Groups do what as many optimizers would, in one. */
class ParameterGroupTest {
    /** An optimizer of two groups, and one of each. */
    private record Kind(
            BiFunction<List<Tensor>, List<Tensor>, Optimizer> both,
            Function<List<Tensor>, Optimizer> first,
            Function<List<Tensor>, Optimizer> second) {}

    private static final Map<String, Kind> ALL = new LinkedHashMap<>();

    static {
        ALL.put(
                "SGD",
                new Kind(
                        (a, b) ->
                                new SGD(0.1, group(a).momentum(0.5).dampening(0.2), group(b).lr(1))
                                        .weightDecay(0.01),
                        a -> new SGD(a, 0.1).momentum(0.5).dampening(0.2).weightDecay(0.01),
                        b -> new SGD(b, 1).weightDecay(0.01)));
        ALL.put(
                "AdamW",
                new Kind(
                        (a, b) ->
                                new AdamW(
                                                1e-2,
                                                group(a).weightDecay(0).eps(1e-3),
                                                group(b).lr(0.1).betas(0.5, 0.6))
                                        .betas(0.7, 0.8)
                                        .amsgrad()
                                        .maximize(),
                        a ->
                                new AdamW(a, 1e-2)
                                        .weightDecay(0)
                                        .eps(1e-3)
                                        .betas(0.7, 0.8)
                                        .amsgrad()
                                        .maximize(),
                        b -> new AdamW(b, 0.1).betas(0.5, 0.6).amsgrad().maximize()));
        ALL.put(
                "NAdam",
                new Kind(
                        (a, b) -> new NAdam(1e-2, group(a), group(b).betas(0.5, 0.6)),
                        a -> new NAdam(a, 1e-2),
                        b -> new NAdam(b, 1e-2).betas(0.5, 0.6)));
        ALL.put(
                "RAdam",
                new Kind(
                        (a, b) -> new RAdam(1e-2, group(a), group(b).betas(0.5, 0.6)),
                        a -> new RAdam(a, 1e-2),
                        b -> new RAdam(b, 1e-2).betas(0.5, 0.6)));
        ALL.put(
                "RMSprop",
                new Kind(
                        (a, b) ->
                                new RMSprop(1e-2, group(a).momentum(0.5), group(b).alpha(0.5))
                                        .centered(),
                        a -> new RMSprop(a, 1e-2).momentum(0.5).centered(),
                        b -> new RMSprop(b, 1e-2).alpha(0.5).centered()));
        ALL.put(
                "Rprop",
                new Kind(
                        (a, b) -> new Rprop(1e-2, group(a).lr(0.1), group(b)),
                        a -> new Rprop(a, 0.1),
                        Rprop::new));
        ALL.put(
                "Adagrad",
                new Kind(
                        (a, b) -> new Adagrad(1e-2, group(a).lr(0.1), group(b)).lrDecay(0.5),
                        a -> new Adagrad(a, 0.1).lrDecay(0.5),
                        b -> new Adagrad(b).lrDecay(0.5)));
        ALL.put(
                "Adadelta",
                new Kind(
                        (a, b) -> new Adadelta(1, group(a).rho(0.5), group(b).eps(1e-3)),
                        a -> new Adadelta(a).rho(0.5),
                        b -> new Adadelta(b).eps(1e-3)));
        ALL.put(
                "Adamax",
                new Kind(
                        (a, b) -> new Adamax(2e-3, group(a).lr(0.1), group(b).weightDecay(0.1)),
                        a -> new Adamax(a, 0.1),
                        b -> new Adamax(b).weightDecay(0.1)));
        ALL.put(
                "ASGD",
                new Kind(
                        (a, b) -> new ASGD(1e-2, group(a).lr(0.1), group(b).alpha(0.5)).t0(4),
                        a -> new ASGD(a, 0.1).t0(4),
                        b -> new ASGD(b).alpha(0.5).t0(4)));
        ALL.put(
                "Lion",
                new Kind(
                        (a, b) -> new Lion(1e-4, group(a).lr(0.1), group(b).betas(0.5, 0.6)),
                        a -> new Lion(a, 0.1),
                        b -> new Lion(b).betas(0.5, 0.6)));
    }

    private static ParameterGroup group(List<Tensor> parameters) {
        return new ParameterGroup(parameters);
    }

    static Stream<Arguments> kinds() {
        return ALL.entrySet().stream()
                .flatMap(
                        e ->
                                CpuDevices.all().stream()
                                        .map(d -> Arguments.of(e.getKey(), e.getValue(), d)));
    }

    private static List<Tensor> parameters(Device device, int... sizes) {
        return Arrays.stream(sizes)
                .mapToObj(n -> uniform(5, n, n).to(device).copy().requiresGrad(true))
                .toList();
    }

    private static Tensor uniform(int seed, int stream, int n) {
        float[] v = new float[n];
        Streams.general(seed, stream).uniforms(0, -1, 1, v, 0, n);
        return Tensor.of(v);
    }

    private static void step(int number, List<Tensor> parameters, Optimizer... optimizers) {
        for (Tensor w : parameters) {
            w.grad(uniform(6, 100 * w.size() + number, w.size()).to(w.device()).copy());
        }
        for (Optimizer optimizer : optimizers) {
            optimizer.step();
        }
    }

    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("kinds")
    void twoGroupsAreUpdatedAsByTwoOptimizers(String name, Kind kind, Device device) {
        List<Tensor> joint = parameters(device, 33, 7, 20);
        Optimizer both = kind.both.apply(joint.subList(0, 2), joint.subList(2, 3));
        List<Tensor> apart = parameters(device, 33, 7, 20);
        Optimizer first = kind.first.apply(apart.subList(0, 2));
        Optimizer second = kind.second.apply(apart.subList(2, 3));
        for (int i = 0; i < 12; i++) {
            if (i == 5) {
                both.setLrs(0.2, 0.03);
                first.setLr(0.2);
                second.setLr(0.03);
            }
            step(i, joint, both);
            step(i, apart, first, second);
        }
        for (int i = 0; i < joint.size(); i++) {
            assertArrayEquals(apart.get(i).toFloats(), joint.get(i).toFloats());
        }
        assertEquals(joint, both.parameters());
    }

    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("kinds")
    void savingAndLoadingTheStateContinuesBitForBit(String name, Kind kind, Device device) {
        List<Tensor> whole = parameters(device, 33, 7);
        Optimizer steady = kind.both.apply(whole.subList(0, 1), whole.subList(1, 2));
        List<Tensor> parts = parameters(device, 33, 7);
        Optimizer before = kind.both.apply(parts.subList(0, 1), parts.subList(1, 2));
        for (int i = 0; i < 12; i++) {
            step(i, whole, steady);
        }
        for (int i = 0; i < 7; i++) {
            step(i, parts, before);
        }
        Map<String, Tensor> state = new LinkedHashMap<>();
        before.stateTensors().forEach((key, t) -> state.put(key, t.copy()));
        Optimizer after = kind.both.apply(parts.subList(0, 1), parts.subList(1, 2));
        after.loadState(state, before.stepCounts());
        for (int i = 7; i < 12; i++) {
            step(i, parts, after);
        }
        for (int i = 0; i < 2; i++) {
            assertArrayEquals(whole.get(i).toFloats(), parts.get(i).toFloats());
        }
    }

    @Test
    void groupsOfOneDeviceLieSideBySide() {
        List<Tensor> p = parameters(Device.cpu(), 33, 7);
        step(0, p, new SGD(0.1, group(p.subList(0, 1)), group(p.subList(1, 2)).lr(1)));
        assertTrue(p.get(0).buffer().isPart());
        assertTrue(p.get(1).buffer().isPart());
        assertFalse(p.get(0).sharesMemoryWith(p.get(1)));
    }

    @Test
    void aGroupMayJoinLater() {
        List<Tensor> p = parameters(Device.cpu(), 3, 3);
        SGD sgd = new SGD(p.subList(0, 1), 0.5);
        step(0, p, sgd);
        assertArrayEquals(parameters(Device.cpu(), 3).get(0).toFloats(), p.get(1).toFloats());
        sgd.addGroup(group(p.subList(1, 2)).lr(0.25));
        step(1, p, sgd);
        float[] w = parameters(Device.cpu(), 3).get(0).toFloats();
        float[] g = uniform(6, 301, 3).toFloats();
        for (int i = 0; i < 3; i++) {
            assertEquals(w[i] - 0.25f * g[i], p.get(1).get(i), 1e-7);
        }
        assertArrayEquals(new long[] {2, 1}, sgd.stepCounts());
        assertArrayEquals(new double[] {0.5, 0.25}, sgd.lrs());
    }

    @Test
    void aCheckpointHasTheRatesOfAllGroups(@TempDir Path directory) throws IOException {
        Linear net = new Linear(3, 2);
        List<Tensor> p = net.parameters();
        Adam saved = new Adam(0.1, group(p.subList(0, 1)), group(p.subList(1, 2)).lr(0.3));
        saved.setLrs(0.1 / 3, 0.7);
        Path file = directory.resolve("groups");
        Checkpoint.save(file, net, saved, Map.of());
        Adam fresh = new Adam(0.1, group(p.subList(0, 1)), group(p.subList(1, 2)));
        Checkpoint.restore(file, net, fresh);
        assertArrayEquals(new double[] {0.1 / 3, 0.7}, fresh.lrs());
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Checkpoint.restore(file, net, new Adam(p)))
                        .getMessage();
        assertTrue(
                message.endsWith("checkpoint is of an optimizer with groups: 2, not 1"), message);
    }

    static Stream<Arguments> mistakes() {
        List<Tensor> p = parameters(Device.cpu(), 3, 4);
        return Stream.of(
                mistake(
                        "AdamW: the same parameter of shape [3] is in groups 0 and 1",
                        () -> new AdamW(0.1, group(p), group(p.subList(0, 1)))),
                mistake(
                        "SGD: the same parameter of shape [4] is in groups 0 and 1",
                        () -> new SGD(p, 0.1).addGroup(group(p.subList(1, 2)))),
                mistake(
                        "Adam: the same parameter of shape [3] is given twice",
                        () -> new Adam(0.1, group(List.of(p.get(0), p.get(0))))),
                mistake(
                        "SGD: group 1 sets beta1, which SGD does not have",
                        () ->
                                new SGD(
                                        0.1,
                                        group(p.subList(0, 1)),
                                        group(p.subList(1, 2)).betas(0.9, 0.99))),
                mistake("Adam: there are no parameters to train", () -> new Adam(0.1)),
                mistake(
                        "Adam: there are no parameters to train",
                        () -> new Adam(0.1, group(List.of()), group(List.of()))),
                mistake(
                        "ParameterGroup: learning rate must be a number from 0 up, got -1.0",
                        () -> group(p).lr(-1)),
                mistake(
                        "ParameterGroup: beta2 must be from 0 to below 1, got 1.0",
                        () -> group(p).betas(0.5, 1)),
                mistake("Adam: 2 learning rates for 1 groups", () -> new Adam(p).setLrs(0.1, 0.2)),
                mistake(
                        "Rprop: etas must be from above 0 to below 1, and above 1; got 1.5 and 0.5",
                        () -> new Rprop(p).etas(1.5, 0.5)),
                mistake(
                        "Rprop: step sizes must be above 0 and in order, got 1.0 and 0.5",
                        () -> new Rprop(p).stepSizes(1, 0.5)));
    }

    private static Arguments mistake(String message, Executable run) {
        return Arguments.of(message, run);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aWrongGroupIsNamed(String message, Executable run) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
    }
}
