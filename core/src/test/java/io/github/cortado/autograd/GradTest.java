package io.github.cortado.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class GradTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static final GradOptions OPTIONS = new GradOptions();

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    private static void assertValues(Tensor x, double... expected) {
        assertNotNull(x);
        assertArrayEquals(expected, x.toDoubles(), 1e-5);
    }

    /** y = sum of (w x)^2: by x 2 w^2 x, by w 2 w x^2, by w x 2 w x. */
    @ParameterizedTest
    @MethodSource("devices")
    void leavesAndResultsInAnyOrder(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor w = leaf(device, 5, 7);
        Tensor product = w.mul(x);
        Tensor y = product.square().sum();
        List<Tensor> found = Autograd.grad(y, product, x, w, x, y);
        assertEquals(5, found.size());
        assertValues(found.get(0), 20, -42);
        assertValues(found.get(1), 100, -294);
        assertValues(found.get(2), 40, 126);
        assertValues(found.get(3), 100, -294);
        assertValues(found.get(4), 1);
        assertNull(x.grad());
        assertNull(w.grad());
        found.forEach(g -> assertFalse(g.requiresGrad()));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsThatWereThereStayAsTheyAre(Device device) {
        Tensor x = leaf(device, 2, -3);
        x.mul(3).sum().backward();
        Tensor before = x.grad();
        assertValues(Autograd.grad(x.mul(x).sum(), x).get(0), 4, -6);
        assertTrue(before == x.grad());
        assertValues(before, 3, 3);
        Tensor y = x.mul(x).sum();
        Autograd.grad(y, List.of(x), OPTIONS.retainGraph(true));
        y.backward();
        assertValues(before, 7, -3);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theGradientOfTheOutputIsGiven(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor y = x.mul(x);
        Tensor dy = Tensor.of(new float[] {10, 1}).to(device);
        List<Tensor> g = Autograd.grad(y, List.of(x), OPTIONS.gradOutput(dy));
        assertValues(g.get(0), 40, -6);
        assertThrows(ShapeException.class, () -> Autograd.grad(x.mul(x), x));
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () ->
                                Autograd.grad(
                                        x.mul(x),
                                        List.of(x),
                                        OPTIONS.gradOutput(Tensor.zeros(3).to(device))));
        assertEquals(
                "grad: the gradient of the output is of shape [3], expected [2]", e.getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anInputThatWasNotUsedIsAnErrorUnlessItIsAllowed(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor other = leaf(device, 1);
        Tensor y = x.mul(x).sum();
        List<Tensor> both = List.of(x, other);
        List<Tensor> found = Autograd.grad(y, both, OPTIONS.allowUnused(true).retainGraph(true));
        assertValues(found.get(0), 4, -6);
        assertNull(found.get(1));
        var e = assertThrows(IllegalArgumentException.class, () -> Autograd.grad(y, x, other));
        assertEquals(
                "grad: the output was not computed from input 1, of shape [1]; with allowUnused"
                        + " its gradient is null",
                e.getMessage());
        assertThrows(IllegalStateException.class, () -> Autograd.grad(x.mul(2).sum(), x.detach()));
        assertThrows(IllegalStateException.class, () -> Autograd.grad(other.detach().mul(2), x));
    }

    /** Only what lies between output and inputs goes. */
    @ParameterizedTest
    @MethodSource("devices")
    void whatIsBehindTheInputsCanStillBeWalked(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor middle = x.mul(x);
        Tensor y = middle.mul(middle).sum();
        Tensor dMiddle = Autograd.grad(y, middle).get(0);
        assertValues(dMiddle, 8, 18);
        middle.backward(dMiddle);
        assertValues(x.grad(), 32, -108);
        assertThrows(IllegalStateException.class, () -> Autograd.grad(y, middle));
        // What is gone behind the input is nobody's concern, and before a leaf it is.
        Tensor a = x.mul(x);
        Tensor b = a.mul(3);
        b.sum().backward(true);
        a.backward(Tensor.of(new float[] {1, 1}).to(device));
        assertValues(Autograd.grad(b.sum(), List.of(a), OPTIONS.retainGraph(true)).get(0), 3, 3);
        assertThrows(IllegalStateException.class, () -> Autograd.grad(b.sum(), x));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void branchesThatLeadElsewhereAreNotWalked(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor w = leaf(device, 1, 1);
        int[] calls = {0};
        Tensor watched =
                Node.record(
                        "watched",
                        w.detach().mul(2),
                        Edge.to(
                                w,
                                dy -> {
                                    calls[0]++;
                                    return dy.mul(2);
                                }));
        Tensor y = x.exp().mul(watched).sum();
        List<Tensor> g = Autograd.grad(y, List.of(x), OPTIONS.retainGraph(true));
        assertEquals(0, calls[0]);
        assertValues(g.get(0), 2 * Math.exp(2), 2 * Math.exp(-3));
        y.backward();
        assertEquals(1, calls[0]);
    }

    /** Parameters of an optimizer have memory for their gradients, which is not to be lent here. */
    @ParameterizedTest
    @MethodSource("devices")
    void anOptimizersMemoryIsNotTouched(Device device) {
        Tensor w = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).requiresGrad(true);
        Tensor x = Tensor.of(new float[] {1, 2}, 1, 2).to(device).requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 1);
        for (int i = 0; i < 3; i++) {
            sgd.zeroGrad();
            Tensor y = Functional.linear(x, w, null).sum();
            Tensor found = Autograd.grad(y, List.of(w), OPTIONS.retainGraph(true)).get(0);
            assertValues(found, 1, 2, 1, 2);
            assertNull(w.grad());
            Autograd.grad(y, List.of(x), OPTIONS.retainGraph(true));
            float[] before = w.toFloats();
            sgd.step();
            assertArrayEquals(before, w.toFloats());
            Functional.linear(x, w, null).sum().backward();
            assertValues(found, 1, 2, 1, 2);
            sgd.step();
            assertEquals(before[1] - 2, w.toFloats()[1]);
        }
    }

    /** As in a gradient penalty, or a saliency map: of a picture through convolution and pool. */
    @ParameterizedTest
    @MethodSource("devices")
    void ofFusedResultsAsOfBackward(Device device) {
        Conv2d conv = new Conv2d(2, 3, 3);
        conv.to(device);
        float[] numbers = new float[2 * 36];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = (float) Math.sin(i * i);
        }
        Tensor x = Tensor.of(numbers, 1, 2, 6, 6).to(device).requiresGrad(true);
        Tensor y = Functional.maxPool2d(Functional.relu(conv.forward(x)), 2).square().sum();
        List<Tensor> all = List.of(x, conv.parameters().get(0), conv.parameters().get(1));
        List<Tensor> found = Autograd.grad(y, all, OPTIONS.retainGraph(true));
        y.backward();
        for (int i = 0; i < all.size(); i++) {
            assertArrayEquals(all.get(i).grad().toFloats(), found.get(i).toFloats());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void inACompiledStep(Device device) {
        Tensor x = leaf(device, 2, -3);
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            Tensor middle = x.mul(x);
                            Tensor y = middle.exp().sum();
                            List<Tensor> g = Autograd.grad(y, middle, x);
                            return g.get(0).mul(2).add(g.get(1));
                        })) {
            float[] expected = new float[2];
            for (int i = 0; i < 2; i++) {
                float v = x.toFloats()[i];
                expected[i] = (float) (Math.exp(v * v) * (2 + 2 * v));
            }
            for (int i = 0; i < 6; i++) {
                float[] found = step.run().toFloats();
                for (int e = 0; e < 2; e++) {
                    assertEquals(expected[e], found[e], 1e-5 * Math.abs(expected[e]));
                }
            }
        }
        assertNull(x.grad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void insideOfAnotherWalk(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor a = leaf(device, 1, 4);
        Tensor logits = x.mul(3);
        Tensor y =
                Node.record(
                        "outer",
                        logits.detach().mul(2),
                        Edge.to(
                                logits,
                                dy -> {
                                    try (var on = Autograd.enableGrad()) {
                                        Tensor da = Autograd.grad(a.mul(a).sum(), a).get(0);
                                        return dy.detach().mul(da);
                                    }
                                }));
        y.exp().log().sum().backward();
        assertValues(x.grad(), 3 * 2, 3 * 8);
        assertNull(a.grad());
        assertEquals("[6.0, -9.0]", Arrays.toString(logits.toFloats()));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void recordingGoesOnInsideOfNoGrad(Device device) {
        Tensor x = leaf(device, 2);
        try (var pause = Autograd.noGrad()) {
            try (var on = Autograd.enableGrad()) {
                assertValues(Autograd.grad(x.mul(x), x).get(0), 4);
            }
            assertFalse(Autograd.isRecording());
        }
        assertTrue(Autograd.isRecording());
    }
}
