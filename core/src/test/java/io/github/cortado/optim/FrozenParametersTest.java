package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Parameters that need no gradient, or none for a while, as PyTorch treats them. */
class FrozenParametersTest {
    private static final int STEPS = 6;

    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    /**
     * Four parameters (i + 1, -2, 0.5) of which the second is frozen until step 3 and the third in
     * steps 2 and 3, after six steps along the gradient of sum (i + 1) p_i^2, in PyTorch 2.13.
     */
    static Stream<Arguments> optimizers() {
        Map<String, Function<List<Tensor>, Optimizer>> makers =
                Map.of(
                        "SGD", p -> new SGD(p, 0.1).momentum(0.9).weightDecay(0.01),
                        "Adam", p -> new Adam(p, 0.1).weightDecay(0.01),
                        "AdamW", p -> new AdamW(p, 0.1),
                        "RMSprop", p -> new RMSprop(p, 0.1).momentum(0.9).weightDecay(0.01));
        Map<String, float[][]> expected =
                Map.of(
                        "SGD",
                        new float[][] {
                            {-0.7105504f, 1.421101f, -0.3552752f},
                            {-1.084493f, 1.084493f, -0.2711232f},
                            {-2.301063f, 1.534042f, -0.3835105f},
                            {3.170408f, -1.585204f, 0.396301f}
                        },
                        "Adam",
                        new float[][] {
                            {0.4142365f, -1.405132f, -0.04743154f},
                            {1.700623f, -1.700623f, 0.2048713f},
                            {2.600914f, -1.601505f, 0.1129154f},
                            {3.402174f, -1.405132f, -0.04743152f}
                        },
                        "AdamW",
                        new float[][] {
                            {0.4099385f, -1.394782f, -0.04855756f},
                            {1.694945f, -1.694945f, 0.2037124f},
                            {2.589562f, -1.594153f, 0.1116201f},
                            {3.379828f, -1.394782f, -0.04855756f}
                        },
                        "RMSprop",
                        new float[][] {
                            {0.7652981f, 1.002062f, 0.2515388f},
                            {-1.407542f, 1.407542f, -0.1614625f},
                            {-1.985781f, 1.826808f, 0.4777886f},
                            {-3.069487f, 1.002063f, 0.2515386f}
                        });
        return CpuDevices.all().stream()
                .flatMap(
                        device ->
                                makers.entrySet().stream()
                                        .map(
                                                e ->
                                                        Arguments.of(
                                                                e.getKey(),
                                                                device,
                                                                e.getValue(),
                                                                expected.get(e.getKey()))));
    }

    private static List<Tensor> parameters(Device device) {
        List<Tensor> w = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            w.add(Tensor.of(new float[] {i + 1, -2, 0.5f}).to(device).copy().requiresGrad(i != 1));
        }
        return w;
    }

    private static void step(Optimizer optimizer, List<Tensor> w) {
        optimizer.zeroGrad();
        Tensor loss = Tensor.zeros().to(w.get(0).device());
        for (int i = 0; i < w.size(); i++) {
            loss = loss.add(w.get(i).mul(w.get(i)).mul(i + 1).sum());
        }
        loss.backward();
        optimizer.step();
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("optimizers")
    void parametersFrozenAndThawedBetweenStepsEndWherePyTorchHasThem(
            String name,
            Device device,
            Function<List<Tensor>, Optimizer> maker,
            float[][] expected) {
        List<Tensor> w = parameters(device);
        Optimizer optimizer = maker.apply(w);
        for (int step = 0; step < STEPS; step++) {
            w.get(1).requiresGrad(step >= 3);
            w.get(2).requiresGrad(step < 2 || step >= 4);
            step(optimizer, w);
        }
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], w.get(i).toFloats(), 1e-5f, name + ", parameter " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aParameterThatIsFrozenWithItsGradientStaysAsItIs(Device device) {
        List<Tensor> w = parameters(device);
        Optimizer optimizer = new SGD(w, 0.1).weightDecay(0.5);
        step(optimizer, w);
        float[] before = w.get(2).toFloats();
        w.get(2).requiresGrad(false);
        optimizer.step();
        assertArrayEquals(before, w.get(2).toFloats());
        assertEquals(1, optimizer.stepCounts()[2]);
        assertEquals(2, optimizer.stepCounts()[3]);
    }

    /** A frozen network costs no memory for gradients and state, and its weights do not move. */
    @ParameterizedTest
    @MethodSource("devices")
    void frozenParametersStayWhereTheyAreAndTrainedOnesSideBySide(Device device) {
        List<Tensor> w = parameters(device);
        Buffer frozen = w.get(1).buffer();
        Optimizer optimizer = new Adam(w, 0.1);
        step(optimizer, w);
        assertSame(frozen, w.get(1).buffer());
        assertEquals(3, optimizer.stateTensors().size() / 2);
        List<Buffer> trained = List.of(w.get(0).buffer(), w.get(2).buffer(), w.get(3).buffer());
        w.get(1).requiresGrad(true);
        step(optimizer, w);
        assertEquals(trained, List.of(w.get(0).buffer(), w.get(2).buffer(), w.get(3).buffer()));
        assertEquals("[2, 1, 2, 2]", Arrays.toString(optimizer.stepCounts()));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void stateOfAFrozenParameterIsSavedAndLoaded(Device device) {
        List<Tensor> w = parameters(device);
        Optimizer optimizer = new Adam(w, 0.1);
        step(optimizer, w);
        w.get(0).requiresGrad(false);
        step(optimizer, w);
        List<Tensor> other = new ArrayList<>();
        w.forEach(t -> other.add(t.copy().requiresGrad(t.requiresGrad())));
        Optimizer resumed = new Adam(other, 0.1);
        resumed.loadState(optimizer.stateTensors(), optimizer.stepCounts());
        w.get(0).requiresGrad(true);
        other.get(0).requiresGrad(true);
        step(optimizer, w);
        step(resumed, other);
        for (int i = 0; i < w.size(); i++) {
            assertArrayEquals(w.get(i).toFloats(), other.get(i).toFloats());
        }
    }
}
