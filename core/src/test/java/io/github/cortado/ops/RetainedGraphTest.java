package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class RetainedGraphTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    static List<OpCase> cases() {
        return OpCases.all();
    }

    /** Those that run in float32 on the device that is fast. */
    static List<OpCase> floatCases() {
        return OpCases.all().stream().filter(c -> !c.op().startsWith("to ")).toList();
    }

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void everyOperationGivesTheSameGradientsAgain(OpCase c) {
        assertSameAgain(c, c.inputsOn(Device.cpuScalar(), DType.FLOAT64));
    }

    @ParameterizedTest
    @MethodSource("floatCases")
    void andSoItDoesWhereItIsFast(OpCase c) {
        assertSameAgain(c, c.inputsOn(Device.cpu(), DType.FLOAT32));
    }

    /** Three passes, the last of which lets the graph go, beside one over a graph of its own. */
    private static void assertSameAgain(OpCase c, Tensor[] x) {
        Tensor y = c.f().apply(x);
        Tensor dy = gradient(y);
        List<double[]> first = null;
        for (int pass = 0; pass < 3; pass++) {
            y.backward(dy, pass < 2);
            List<double[]> found = take(x);
            first = first == null ? found : first;
            for (int i = 0; i < x.length; i++) {
                assertArrayEquals(first.get(i), found.get(i), "pass " + pass + ", input " + i);
            }
        }
        assertThrows(IllegalStateException.class, () -> y.backward(dy));
        // Added up: nobody's gradient is in memory that the graph keeps.
        Tensor z = c.f().apply(x);
        z.backward(dy, true);
        z.backward(dy, true);
        z.backward(dy, true);
        List<double[]> thrice = take(x);
        Tensor last = c.f().apply(x);
        last.backward(dy);
        List<double[]> once = take(x);
        for (int i = 0; i < x.length; i++) {
            for (int e = 0; e < once.get(i).length; e++) {
                double expected = 3 * once.get(i)[e];
                double tolerance = 1e-6 + 1e-5 * Math.abs(expected);
                assertEquals(expected, thrice.get(i)[e], tolerance, "input " + i);
            }
        }
    }

    /** 1, 2, 3 and so on, a few times. */
    private static Tensor gradient(Tensor y) {
        float[] values = new float[y.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = y.size() == 1 ? 1 : 1 + i % 7;
        }
        return Tensor.of(values, y.shape()).to(Device.cpuScalar()).to(y.dtype()).to(y.device());
    }

    private static List<double[]> take(Tensor[] x) {
        List<double[]> all = new ArrayList<>();
        for (Tensor t : x) {
            Tensor g = t.grad();
            all.add(g == null ? new double[0] : g.toDoubles());
            t.grad(null);
        }
        return all;
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsAddUpAndTheLastPassLetsTheGraphGo(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor y = x.mul(x).sum();
        y.backward(true);
        y.backward(true);
        y.backward();
        assertArrayEquals(new float[] {12, -18}, x.grad().toFloats());
        assertThrows(IllegalStateException.class, y::backward);
    }

    /** The loss keeps its gradient by the logits from its forward pass. */
    @ParameterizedTest
    @MethodSource("devices")
    void aLeafDoesNotTakeWhatTheLossKeeps(Device device) {
        Tensor logits = leaf(device, 1, 2, 3, 4).reshape(2, 2).detach().requiresGrad(true);
        Tensor loss = Functional.crossEntropy(logits, Tensor.of(new long[] {0, 1}).to(device));
        loss.backward(true);
        float[] once = logits.grad().toFloats();
        loss.backward(true);
        logits.grad().fill(100);
        logits.grad(null);
        loss.backward();
        assertArrayEquals(once, logits.grad().toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void twoLossesOverACommonTrunk(Device device) {
        Tensor x = leaf(device, 0.5f, 2);
        Tensor trunk = x.exp().mul(x);
        Tensor a = trunk.square().sum();
        Tensor b = trunk.mul(3).sum();
        a.backward(true);
        b.backward();
        float[] sum = x.grad().toFloats();
        x.grad(null);
        Tensor again = x.exp().mul(x);
        again.square().sum().add(again.mul(3).sum()).backward();
        assertArrayEquals(x.grad().toFloats(), sum, 1e-4f);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatWasChangedBetweenTheTwoIsNoticed(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor factor = leaf(device, 5, 6).detach();
        Tensor y = x.mul(factor).exp().sum();
        y.backward(true);
        factor.fill(1);
        var e = assertThrows(IllegalStateException.class, () -> y.backward(true));
        assertTrue(e.getMessage().contains("that mul needs for its gradient was changed"));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anOptimizersStepBetweenTheTwoIsNoticed(Device device) {
        Tensor w = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).requiresGrad(true);
        Tensor x = Tensor.of(new float[] {1, 2}, 1, 2).to(device).requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 0.1);
        Tensor y = Functional.linear(x, w, null).sum();
        y.backward(true);
        sgd.step();
        assertThrows(IllegalStateException.class, () -> y.backward(true));
    }

    /** Its gradients lie side by side, in memory that is lent to the first that comes. */
    @ParameterizedTest
    @MethodSource("devices")
    void gradientsInAnOptimizersMemory(Device device) {
        Tensor w = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).requiresGrad(true);
        Tensor b = leaf(device, 1, 1);
        Tensor x = Tensor.of(new float[] {1, 2}, 1, 2).to(device);
        SGD sgd = new SGD(List.of(w, b), 0);
        Functional.linear(x, w, b).sum().backward();
        sgd.step();
        sgd.zeroGrad();
        Tensor y = Functional.relu(Functional.linear(x, w, b)).sum();
        y.backward(true);
        y.backward(true);
        assertArrayEquals(new float[] {2, 4, 2, 4}, w.grad().toFloats());
        sgd.zeroGrad();
        y.backward();
        assertArrayEquals(new float[] {1, 2, 1, 2}, w.grad().toFloats());
        assertArrayEquals(new float[] {1, 1}, b.grad().toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void inACompiledStep(Device device) {
        Tensor w = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).requiresGrad(true);
        Tensor x = Tensor.of(new float[] {1, -2}, 1, 2).to(device);
        SGD sgd = new SGD(List.of(w), 0.1);
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            Tensor loss = Functional.linear(x, w, null).exp().sum().log();
                            sgd.zeroGrad();
                            loss.backward(true);
                            loss.backward();
                            sgd.step();
                            return loss;
                        })) {
            Tensor v = w.detach().copy().requiresGrad(true);
            for (int i = 0; i < 6; i++) {
                Tensor loss = Functional.linear(x, v, null).exp().sum().log();
                loss.backward();
                assertEquals((float) loss.item(), (float) step.run().item(), 1e-6f);
                v = v.detach().sub(v.grad().mul(0.2)).requiresGrad(true);
            }
        }
    }

    @Test
    void aKeptGraphThatIsDroppedIsGone() {
        Tensor x = leaf(Device.cpu(), new float[1000]);
        WeakReference<Object> kept = keep(x);
        for (int i = 0; i < 50 && kept.get() != null; i++) {
            System.gc();
        }
        assertEquals(null, kept.get());
    }

    private static WeakReference<Object> keep(Tensor x) {
        Tensor y = x.exp();
        y.mul(y).sum().backward(true);
        y.mul(x).sum().backward(true);
        return new WeakReference<>(y.buffer().array());
    }
}
