package io.github.cortado.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class HooksTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    private static void assertValues(Tensor x, double... expected) {
        assertArrayEquals(expected, x.toDoubles(), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aResultsHookSeesAllOfItsGradientOnceAndMayReplaceIt(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor middle = x.mul(x);
        List<double[]> seen = new ArrayList<>();
        RemovableHandle handle =
                middle.registerHook(
                        g -> {
                            seen.add(g.toDoubles());
                            return g.mul(10);
                        });
        Tensor y = middle.mul(3).add(middle.mul(4)).sum();
        y.backward(true);
        assertEquals(1, seen.size());
        assertArrayEquals(new double[] {7, 7}, seen.get(0));
        assertValues(x.grad(), 10 * 7 * 4, 10 * 7 * -6);
        x.grad(null);
        handle.remove();
        handle.close();
        y.backward();
        assertValues(x.grad(), 7 * 4, 7 * -6);
        assertEquals(1, seen.size());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLeafsHookSeesTheSumOfItsUsesAndNotWhatWasThere(Device device) {
        Tensor x = leaf(device, 2, -3);
        x.mul(100).sum().backward();
        List<double[]> seen = new ArrayList<>();
        x.registerHook(
                g -> {
                    seen.add(g.toDoubles());
                    return null;
                });
        x.mul(x).add(x.mul(5)).sum().backward();
        assertEquals(1, seen.size());
        assertArrayEquals(new double[] {9, -1}, seen.get(0), 1e-6);
        assertValues(x.grad(), 109, 99);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void hooksAreCalledInTheirOrderEachWithWhatTheOneBeforeLeft(Device device) {
        Tensor x = leaf(device, 1, 1);
        x.registerHook(g -> g.mul(2));
        RemovableHandle once = x.registerHook(g -> g.add(1));
        x.registerHook(g -> g.mul(10));
        x.sum().backward();
        assertValues(x.grad(), 30, 30);
        x.grad(null);
        once.remove();
        x.sum().backward();
        assertValues(x.grad(), 20, 20);
    }

    /** A leaf's gradient is added to in place; what a hook returned is its own. */
    @ParameterizedTest
    @MethodSource("devices")
    void whatAHookReturnsStaysItsOwn(Device device) {
        Tensor x = leaf(device, 1, 2);
        Tensor constant = Tensor.of(new float[] {5, 6}).to(device).copy();
        x.registerHook(g -> constant);
        x.sum().backward();
        x.sum().backward();
        assertValues(x.grad(), 10, 12);
        assertValues(constant, 5, 6);
        List<Tensor> kept = new ArrayList<>();
        Tensor middle = x.mul(2);
        middle.registerHook(
                g -> {
                    kept.add(g.keep());
                    return g;
                });
        middle.exp().softmax(0).mul(x).sum().backward();
        double[] before = kept.get(0).toDoubles();
        for (int i = 0; i < 5; i++) {
            x.exp().softmax(0).mul(x).exp().rsqrt().sum().backward();
        }
        assertValues(kept.get(0), before);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatAHookMayNotDoIsAnError(Device device) {
        Tensor x = leaf(device, 1, 2);
        assertEquals(
                "registerHook: this tensor of shape [2] requires no gradient",
                assertThrows(IllegalStateException.class, () -> x.detach().registerHook(g -> null))
                        .getMessage());
        RemovableHandle wrong = x.registerHook(g -> g.sum());
        var e = assertThrows(IllegalArgumentException.class, () -> x.mul(2).sum().backward());
        assertEquals(
                "registerHook: a hook of a leaf of shape [2] returned a gradient of shape [],"
                        + " expected [2]",
                e.getMessage());
        wrong.remove();
        Tensor y = x.mul(2);
        y.registerHook(g -> g.fill(0));
        var f = assertThrows(IllegalStateException.class, () -> y.exp().sum().backward());
        assertEquals(
                "registerHook: a hook of a result of mul overwrote the gradient that it was given,"
                        + " which others may need; return another one instead",
                f.getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradSeesWhatHooksLeave(Device device) {
        Tensor x = leaf(device, 1, 2);
        x.registerHook(g -> g.mul(2));
        Tensor y = x.mul(3);
        y.registerHook(g -> g.mul(5));
        List<Tensor> found = Autograd.grad(y.sum(), y, x);
        assertValues(found.get(0), 5, 5);
        assertValues(found.get(1), 30, 30);
        assertNull(x.grad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void betweenFusedOperationsNothingElseChanges(Device device) {
        float[] numbers = new float[36];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Math.sin(i * i);
        }
        Tensor x = Tensor.of(numbers, 1, 1, 6, 6).to(device).requiresGrad(true);
        Tensor w = Tensor.of(new float[] {1, -2, 3, 0.5f}, 1, 1, 2, 2).to(device);
        w.requiresGrad(true);
        List<float[]> gradients = new ArrayList<>();
        for (boolean hooked : new boolean[] {false, true}) {
            Tensor relu = Functional.relu(Functional.conv2d(x, w, null, 1, 0, 1, 1));
            List<Tensor> seen = new ArrayList<>();
            if (hooked) {
                relu.registerHook(
                        g -> {
                            seen.add(g);
                            return g;
                        });
            }
            Functional.maxPool2d(relu, 2).square().sum().backward();
            assertEquals(hooked ? 1 : 0, seen.size());
            gradients.add(x.grad().toFloats());
            gradients.add(w.grad().toFloats());
            x.grad(null);
            w.grad(null);
        }
        assertArrayEquals(gradients.get(0), gradients.get(2), 1e-5f);
        assertArrayEquals(gradients.get(1), gradients.get(3), 1e-5f);
    }

    /** As gradients are cut off by value while they are computed. */
    @ParameterizedTest
    @MethodSource("devices")
    void inACompiledStepOverAnOptimizersMemory(Device device) {
        Tensor w = leaf(device, 1, 2);
        SGD sgd = new SGD(List.of(w), 1);
        w.registerHook(g -> g.clamp(-0.5, 0.5));
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            Tensor loss = w.mul(3).sum();
                            sgd.zeroGrad();
                            loss.backward();
                            sgd.step();
                            return loss;
                        })) {
            for (int i = 0; i < 6; i++) {
                assertEquals(3 * (3 - i), step.run().item(), 1e-5);
            }
        }
        assertValues(w, 1 - 3, 2 - 3);
        assertTrue(w.grad() != null);
    }
}
