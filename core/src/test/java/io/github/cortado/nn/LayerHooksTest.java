package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.RemovableHandle;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LayerHooksTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    /** y = x [[1, 2], [3, 4]]^T + [1, -1]. */
    private static Linear linear(Device device) {
        Linear linear = new Linear(2, 2);
        linear.loadStateDict(
                Map.of(
                        "weight", Tensor.of(new float[] {1, 2, 3, 4}, 2, 2),
                        "bias", Tensor.of(new float[] {1, -1})));
        linear.to(device);
        return linear;
    }

    private static Tensor x(Device device) {
        return Tensor.of(new float[] {1, -2}, 1, 2).to(device);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void forwardHooksSeeAndReplaceWhatGoesInAndComesOut(Device device) {
        Linear linear = linear(device);
        List<Object> seen = new ArrayList<>();
        RemovableHandle before =
                linear.registerForwardPreHook(
                        (layer, x) -> {
                            seen.add(layer);
                            return x.mul(10);
                        });
        RemovableHandle after =
                linear.registerForwardHook(
                        (layer, x, y) -> {
                            seen.add(x.toFloats()[0]);
                            return y.neg();
                        });
        RemovableHandle looks =
                linear.registerForwardHook(
                        (layer, x, y) -> {
                            seen.add(y.toFloats()[0]);
                            return null;
                        });
        assertArrayEquals(new float[] {29, 51}, linear.call(x(device)).toFloats(), 1e-4f);
        assertEquals(List.of(linear, 10f, 29f), seen);
        before.remove();
        after.remove();
        assertArrayEquals(new float[] {-2, -6}, linear.call(x(device)).toFloats(), 1e-5f);
        assertEquals(-2f, seen.get(3));
        looks.remove();
        linear.call(x(device));
        assertEquals(4, seen.size());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aBackwardHookSeesBothGradientsAndReplacesThatOfTheInput(Device device) {
        Linear linear = linear(device);
        List<double[]> seen = new ArrayList<>();
        RemovableHandle handle =
                linear.registerFullBackwardHook(
                        (layer, dx, dy) -> {
                            seen.add(dx.toDoubles());
                            seen.add(dy.toDoubles());
                            return dx.mul(100);
                        });
        Tensor x = x(device).requiresGrad(true);
        Tensor dy = Tensor.of(new float[] {1, 10}, 1, 2).to(device);
        linear.call(x).backward(dy);
        assertArrayEquals(new double[] {31, 42}, seen.get(0), 1e-4);
        assertArrayEquals(new double[] {1, 10}, seen.get(1));
        assertArrayEquals(new double[] {3100, 4200}, x.grad().toDoubles(), 1e-2);
        assertArrayEquals(
                new double[] {1, 10}, linear.parameters().get(1).grad().toDoubles(), 1e-5);
        handle.remove();
        x.grad(null);
        linear.call(x).backward(dy);
        assertEquals(2, seen.size());
        assertArrayEquals(new double[] {31, 42}, x.grad().toDoubles(), 1e-4);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void ofAnInputWithoutGradientThereIsNone(Device device) {
        Linear linear = linear(device);
        List<Tensor> seen = new ArrayList<>();
        int[] calls = {0};
        linear.registerFullBackwardHook(
                (layer, dx, dy) -> {
                    calls[0]++;
                    seen.add(dx);
                    return null;
                });
        linear.call(x(device)).sum().backward();
        assertEquals(1, calls[0]);
        assertNull(seen.get(0));
        linear.parameters().forEach(p -> assertTrue(p.grad() != null));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aGradientOfAnotherShapeIsRefused(Device device) {
        Linear linear = linear(device);
        linear.registerFullBackwardHook((layer, dx, dy) -> dx.sum());
        Tensor x = x(device).requiresGrad(true);
        var e = assertThrows(ShapeException.class, () -> linear.call(x).sum().backward());
        assertEquals(
                "registerFullBackwardHook: a hook of Linear returned a gradient of shape [] for an"
                        + " input of shape [1, 2]",
                e.getMessage());
    }

    /** As one looks at what every layer computes, in a step that is compiled too. */
    @ParameterizedTest
    @MethodSource("devices")
    void partsOfASequentialAreCalledWithTheirHooks(Device device) {
        Linear first = linear(device);
        Sequential net = new Sequential(first, new ReLU(), linear(device));
        List<String> seen = new ArrayList<>();
        net.namedBlocks()
                .forEach(
                        (name, block) -> {
                            if (block instanceof Layer layer && !name.isEmpty()) {
                                layer.registerForwardHook(
                                        (l, x, y) -> {
                                            seen.add(name);
                                            return null;
                                        });
                                layer.registerFullBackwardHook(
                                        (l, dx, dy) -> {
                                            seen.add("d" + name);
                                            return null;
                                        });
                            }
                        });
        SGD sgd = new SGD(net.parameters(), 0);
        Tensor x = x(device);
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            sgd.zeroGrad();
                            Tensor loss = net.forward(x).sum();
                            loss.backward();
                            sgd.step();
                            return loss;
                        })) {
            for (int i = 0; i < 4; i++) {
                seen.clear();
                step.run();
                assertEquals(List.of("0", "1", "2", "d2", "d1", "d0"), seen);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void layersOfTransformersCallTheirParts(Device device) {
        TransformerEncoderLayer encoder = new TransformerEncoderLayer(4, 2, 8, 0.1);
        encoder.to(device);
        List<String> seen = new ArrayList<>();
        encoder.namedBlocks()
                .forEach(
                        (name, block) -> {
                            if (block instanceof Layer layer) {
                                layer.registerForwardHook(
                                        (l, x, y) -> {
                                            seen.add(name);
                                            return null;
                                        });
                            }
                        });
        encoder.call(Tensor.ones(1, 3, 4).to(device));
        assertTrue(
                seen.containsAll(List.of("", "linear1", "linear2", "norm1", "norm2", "dropout1")),
                seen.toString());
    }
}
