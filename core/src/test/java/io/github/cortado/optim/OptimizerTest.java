package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.random.Streams;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the agreement with PyTorch (OracleTest) does not show. */
class OptimizerTest {
    private static final Map<String, Function<List<Tensor>, Optimizer>> ALL = new LinkedHashMap<>();

    static {
        ALL.put("SGD", p -> new SGD(p, 0.1));
        ALL.put("SGD with momentum", p -> new SGD(p, 0.1).momentum(0.9).dampening(0.1));
        ALL.put("SGD with Nesterov", p -> new SGD(p, 0.1).momentum(0.9).nesterov());
        ALL.put("Adam", Adam::new);
        ALL.put("AdamW", p -> new AdamW(p, 0.01));
        ALL.put("RMSprop", p -> new RMSprop(p, 0.01).momentum(0.5));
        ALL.put("NAdam", NAdam::new);
        ALL.put("ASGD", p -> new ASGD(p, 0.1).t0(2));
    }

    static Stream<Arguments> optimizers() {
        return ALL.entrySet().stream()
                .flatMap(
                        e ->
                                CpuDevices.all().stream()
                                        .map(d -> Arguments.of(e.getKey(), e.getValue(), d)));
    }

    private static Tensor parameter(Device device, int n) {
        float[] v = new float[n];
        Streams.general(5, 0).uniforms(0, -1, 1, v, 0, n);
        return Tensor.of(v).to(device).copy().requiresGrad(true);
    }

    private static void step(Optimizer optimizer, List<Tensor> parameters, int number) {
        for (Tensor w : parameters) {
            float[] g = new float[w.size()];
            Streams.general(6, number).uniforms(0, -1, 1, g, 0, g.length);
            w.grad(Tensor.of(g).to(w.device()).copy());
        }
        optimizer.step();
    }

    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("optimizers")
    void savingAndLoadingTheStateContinuesBitForBit(
            String name, Function<List<Tensor>, Optimizer> make, Device device) {
        List<Tensor> whole = List.of(parameter(device, 33), parameter(device, 7));
        Optimizer steady = make.apply(whole);
        List<Tensor> parts = List.of(parameter(device, 33), parameter(device, 7));
        Optimizer before = make.apply(parts);
        for (int i = 0; i < 6; i++) {
            step(steady, whole, i);
        }
        for (int i = 0; i < 3; i++) {
            step(before, parts, i);
        }
        Map<String, Tensor> state = new LinkedHashMap<>();
        before.stateTensors().forEach((key, t) -> state.put(key, t.to(Device.cpuScalar()).copy()));
        Optimizer after = make.apply(parts);
        after.loadState(state, before.stepCounts());
        state.values().forEach(t -> t.fill(99));
        for (int i = 3; i < 6; i++) {
            step(after, parts, i);
        }
        for (int i = 0; i < whole.size(); i++) {
            assertArrayEquals(whole.get(i).toFloats(), parts.get(i).toFloats());
        }
        assertArrayEquals(new long[] {6, 6}, after.stepCounts());
    }

    @ParameterizedTest(name = "{0} on {2}")
    @MethodSource("optimizers")
    void aParameterWithoutGradientIsLeftAlone(
            String name, Function<List<Tensor>, Optimizer> make, Device device) {
        Tensor used = parameter(device, 5);
        Tensor unused = parameter(device, 5);
        Optimizer optimizer = make.apply(List.of(used, unused));
        step(optimizer, List.of(used), 0);
        assertArrayEquals(parameter(device, 5).toFloats(), unused.toFloats());
        assertArrayEquals(new long[] {1, 0}, optimizer.stepCounts());
        optimizer.zeroGrad();
        assertNull(used.grad());
        float[] before = used.toFloats();
        optimizer.step();
        assertArrayEquals(before, used.toFloats());
    }

    @Test
    void adamsFirstStepIsTheLearningRateToDoublePrecision() {
        Tensor w = Tensor.of(new double[] {1, 1}).requiresGrad(true);
        w.grad(Tensor.of(new double[] {1e-3, -5}));
        new Adam(List.of(w), 0.125).eps(0).step();
        assertArrayEquals(new double[] {0.875, 1.125}, w.toDoubles(), 1e-12);
    }

    @Test
    void theLearningRateCanChange() {
        Tensor w = Tensor.of(new float[] {1}).requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 0.5);
        w.grad(Tensor.of(new float[] {1}));
        sgd.step();
        sgd.setLr(0.25);
        sgd.step();
        assertEquals(0.25, sgd.lr());
        assertEquals(0.25, w.item());
    }

    static Stream<Arguments> mistakes() {
        List<Tensor> p = List.of(Tensor.of(new float[] {1}, 1).requiresGrad(true));
        Tensor integers = Tensor.of(new long[] {1, 2});
        return Stream.of(
                mistake("Adam: there are no parameters to train", () -> new Adam(List.of())),
                mistake(
                        "SGD: a tensor of shape [2] is not a parameter: it is int64",
                        () -> new SGD(List.of(integers), 0.1)),
                mistake(
                        "SGD: a tensor of shape [1] is not a parameter: it is the result of mul",
                        () -> new SGD(List.of(p.get(0).mul(2)), 0.1)),
                mistake(
                        "SGD: learning rate must be a number from 0 up, got -0.1",
                        () -> new SGD(p, -0.1)),
                mistake(
                        "Adam: learning rate must be a number from 0 up, got NaN",
                        () -> new Adam(p, Double.NaN)),
                mistake(
                        "AdamW: learning rate must be a number from 0 up, got Infinity",
                        () -> new AdamW(p).setLr(Double.POSITIVE_INFINITY)),
                mistake(
                        "SGD: momentum must be from 0 to below 1, got 1.0",
                        () -> sgd(p).momentum(1)),
                mistake(
                        "SGD: dampening must be from 0 to below 1, got -1.0",
                        () -> sgd(p).dampening(-1)),
                mistake(
                        "SGD: weight decay must be a number from 0 up, got -1.0",
                        () -> sgd(p).weightDecay(-1)),
                mistake(
                        "Adam: beta2 must be from 0 to below 1, got 1.0",
                        () -> new Adam(p).betas(0.9, 1)),
                mistake(
                        "Adam: eps must be a number from 0 up, got -1.0E-8",
                        () -> new Adam(p).eps(-1e-8)),
                mistake(
                        "RMSprop: alpha must be from 0 to below 1, got 1.5",
                        () -> new RMSprop(p).alpha(1.5)),
                mistake(
                        "RMSprop: momentum must be from 0 to below 1, got NaN",
                        () -> new RMSprop(p).momentum(Double.NaN)),
                mistake(
                        "SGD: the same parameter of shape [1] is given twice",
                        () -> new SGD(List.of(p.get(0), p.get(0)), 0.1)));
    }

    private static SGD sgd(List<Tensor> p) {
        return new SGD(p, 0.1);
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
    void nesterovNeedsMomentumWithoutDampening() {
        Tensor w = Tensor.of(new float[] {1}).requiresGrad(true);
        w.grad(Tensor.of(new float[] {1}));
        SGD sgd = new SGD(List.of(w), 0.1).nesterov();
        assertThrows(IllegalStateException.class, sgd::step);
        assertEquals(1, w.item());
    }

    @Test
    void aStateThatDoesNotFitIsRefusedAndNothingIsChanged() {
        Device device = Device.cpu();
        List<Tensor> p = List.of(parameter(device, 3));
        Adam adam = new Adam(p);
        step(adam, p, 0);
        float[] before = adam.stateTensors().get("0.exp_avg").toFloats();
        for (Map<String, Tensor> wrong :
                List.of(
                        Map.of("0.exp_avg", Tensor.zeros(4)),
                        Map.of("1.exp_avg", Tensor.zeros(3)),
                        Map.of("exp_avg", Tensor.zeros(3)),
                        Map.of("99999999999.exp_avg", Tensor.zeros(3)))) {
            assertThrows(
                    IllegalArgumentException.class, () -> adam.loadState(wrong, new long[] {5}));
            assertArrayEquals(new long[] {1}, adam.stepCounts());
            assertArrayEquals(before, adam.stateTensors().get("0.exp_avg").toFloats());
        }
        assertThrows(
                IllegalArgumentException.class, () -> adam.loadState(Map.of(), new long[] {1, 2}));
        assertThrows(
                IllegalArgumentException.class, () -> adam.loadState(Map.of(), new long[] {-1}));
    }

    @Test
    void float64ParametersAreTrainedInFloat64() {
        Tensor w = Tensor.of(new double[] {1}).requiresGrad(true);
        Adam adam = new Adam(List.of(w));
        w.grad(Tensor.of(new double[] {1e-9}));
        adam.step();
        assertEquals(DType.FLOAT64, adam.stateTensors().get("0.exp_avg").dtype());
        assertEquals(1e-10, adam.stateTensors().get("0.exp_avg").item(), 1e-24);
    }

    @Test
    void aParameterMayHaveTwoPartsInOneOperation() {
        Tensor x = Tensor.of(new float[] {1, -2, 4, 0, 3, 5}).reshape(2, 3);
        Tensor dy = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}).reshape(2, 3);
        Tensor w = parameter(Device.cpu(), 3);
        Tensor b = w.copy().requiresGrad(true);
        Functional.layerNorm(x, new int[] {3}, w, b, 1e-5).backward(dy);
        float[] expected = w.grad().add(b.grad()).toFloats();

        Tensor both = parameter(Device.cpu(), 3);
        // Makes the storage that gradients are written to from now on.
        new SGD(List.of(both), 0.1).step();
        Functional.layerNorm(x, new int[] {3}, both, both, 1e-5).backward(dy);
        assertArrayEquals(expected, both.grad().toFloats(), 1e-6f);
    }

    /** By the paper's algorithm, in double. */
    @Test
    void lionMovesEveryNumberByTheLearningRate() {
        double[] w = {0.5, -1, 2};
        double[] m = new double[3];
        Tensor p = Tensor.of(new float[] {0.5f, -1, 2}).requiresGrad(true);
        Optimizer optimizer = new Lion(List.of(p), 0.01).betas(0.8, 0.9).weightDecay(0.1);
        for (int step = 0; step < 5; step++) {
            float[] g = {0.3f * (step - 2), -0.7f, 0};
            p.grad(Tensor.of(g));
            optimizer.step();
            for (int i = 0; i < 3; i++) {
                double towards = 0.8 * m[i] + 0.2 * g[i];
                w[i] -= 0.01 * (Math.signum(towards) + 0.1 * w[i]);
                m[i] = 0.9 * m[i] + 0.1 * g[i];
                assertEquals(w[i], p.get(i), 1e-6, "step " + step + ", " + i);
            }
        }
    }

    /** The deviation of what stays the same is 0, which rounding must not take below. */
    @Test
    void centredRMSpropOfAConstantGradientStaysANumber() {
        for (Device device : CpuDevices.all()) {
            Tensor w = Tensor.zeros(3).to(device).copy().requiresGrad(true);
            Optimizer optimizer = new RMSprop(List.of(w), 1e-3).centered();
            for (int i = 0; i < 500; i++) {
                w.grad(Tensor.of(new float[] {0.1f, -0.7f, 1e-3f}).to(device));
                optimizer.step();
            }
            float[] end = w.toFloats();
            assertTrue(end[0] < -1 && end[1] > 1 && end[2] < -1, w::toString);
        }
    }
}
