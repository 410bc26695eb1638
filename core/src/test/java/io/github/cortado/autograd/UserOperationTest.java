package io.github.cortado.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class UserOperationTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    /** e^x, from what was saved. */
    private static final UserOperation EXP =
            Autograd.function(
                    "myExp",
                    c -> {
                        Tensor y = c.input(0).exp();
                        c.saveForBackward(y);
                        return y;
                    },
                    (c, dy) -> new Tensor[] {dy.mul(c.saved(0))});

    private static int calls;

    /** a b, from the inputs. */
    private static final UserOperation PRODUCT =
            Autograd.function(
                    "myProduct",
                    c -> c.input(0).mul(c.input(1)),
                    (c, dy) -> {
                        calls++;
                        return new Tensor[] {
                            c.needsInputGrad(0) ? dy.mul(c.input(1)) : null,
                            c.needsInputGrad(1) ? dy.mul(c.input(0)) : null
                        };
                    });

    /** x with a gradient that passes through the rounding. */
    private static final UserOperation STRAIGHT =
            Autograd.function("straight", c -> c.input(0).sign(), (c, dy) -> new Tensor[] {dy});

    private static Tensor net(Tensor x, Tensor w) {
        return EXP.apply(PRODUCT.apply(x, w)).add(STRAIGHT.apply(x)).sum();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsAreTheFunctionsOwnAndComputedTogether(Device device) {
        Tensor x = leaf(device, 0.5f, -1);
        Tensor w = leaf(device, 2, 3);
        calls = 0;
        Tensor y = net(x, w);
        y.backward(true);
        assertEquals(1, calls);
        double[] e = {Math.exp(1), Math.exp(-3)};
        double[] dx = {2 * e[0] + 1, 3 * e[1] + 1};
        double[] dw = {0.5 * e[0], -e[1]};
        assertArrayEquals(dx, x.grad().toDoubles(), 1e-5);
        assertArrayEquals(dw, w.grad().toDoubles(), 1e-5);
        x.grad(null);
        y.backward();
        assertEquals(2, calls);
        assertArrayEquals(dx, x.grad().toDoubles(), 1e-5);
        assertArrayEquals(new double[] {2 * dw[0], 2 * dw[1]}, w.grad().toDoubles(), 1e-5);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void inputsThatNeedNoneGetNone(Device device) {
        Tensor x = leaf(device, 0.5f, -1);
        Tensor w = leaf(device, 2, 3).detach();
        net(x, w).backward();
        assertNull(w.grad());
        assertArrayEquals(
                new double[] {2 * Math.exp(1) + 1, 3 * Math.exp(-3) + 1},
                x.grad().toDoubles(),
                1e-5);
        // An input that has none by the function's word is as one that was not used.
        UserOperation first =
                Autograd.function(
                        "first", c -> c.input(0).mul(2), (c, dy) -> new Tensor[] {dy, null});
        Tensor z = leaf(device, 1, 1);
        first.apply(z.mul(3), x.mul(2)).sum().backward();
        assertArrayEquals(new double[] {3, 3}, z.grad().toDoubles());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void onWhatWaitsAndInACompiledStep(Device device) {
        for (boolean isCompiled : new boolean[] {false, true}) {
            Tensor w = leaf(device, 0.5f, -1);
            Tensor x = leaf(device, 1, 2).detach();
            SGD sgd = new SGD(List.of(w), 0.1);
            try (CompiledStep<Tensor> step =
                    device.compile(
                            () -> {
                                sgd.zeroGrad();
                                Tensor a = Functional.relu(x.mul(w).add(2)).mul(0.5);
                                Tensor loss = PRODUCT.apply(EXP.apply(a), a).add(a).mean();
                                loss.backward();
                                sgd.step();
                                return loss;
                            })) {
                double[] v = {0.5, -1};
                for (int i = 0; i < 6; i++) {
                    double loss = (isCompiled ? step.run() : step.runEagerly()).item();
                    double expected = 0;
                    for (int k = 0; k < 2; k++) {
                        double u = Math.max((k + 1) * v[k] + 2, 0);
                        double a = u / 2;
                        expected += (a * Math.exp(a) + a) / 2;
                        double da = (Math.exp(a) * (1 + a) + 1) / 2;
                        v[k] -= u > 0 ? 0.1 * da * 0.5 * (k + 1) : 0;
                    }
                    assertEquals(expected, loss, 1e-4);
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsThatDoNotFitAreRefused(Device device) {
        Tensor x = leaf(device, 1, 2);
        UserOperation sums =
                Autograd.function(
                        "sums", c -> c.input(0).mul(2), (c, dy) -> new Tensor[] {dy.sum()});
        assertEquals(
                "sums: its gradient of input 0 is of shape [], expected [2]",
                assertThrows(IllegalArgumentException.class, () -> sums.apply(x).sum().backward())
                        .getMessage());
        UserOperation few =
                Autograd.function(
                        "few", c -> c.input(0).mul(c.input(1)), (c, dy) -> new Tensor[] {dy});
        assertEquals(
                "few: expected a gradient for each of 2 inputs, or null, got 1",
                assertThrows(IllegalArgumentException.class, () -> few.apply(x, x).sum().backward())
                        .getMessage());
        UserOperation integers =
                Autograd.function(
                        "integers",
                        c -> c.input(0).mul(2),
                        (c, dy) -> new Tensor[] {dy.to(io.github.cortado.DType.INT64)});
        assertEquals(
                "integers: its gradient of input 0 is of type int64, expected float32",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> integers.apply(x).sum().backward())
                        .getMessage());
        UserOperation unsaved =
                Autograd.function(
                        "unsaved", c -> c.input(0).mul(2), (c, dy) -> new Tensor[] {c.saved(0)});
        assertEquals(
                "unsaved: there is no saved tensor 0, its forward pass saved 0",
                assertThrows(
                                IndexOutOfBoundsException.class,
                                () -> unsaved.apply(x).sum().backward())
                        .getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatWasSavedMustNotHaveChanged(Device device) {
        Tensor x = leaf(device, 1, 2);
        Tensor y = EXP.apply(x);
        y.detach().fill(0);
        assertThrows(IllegalStateException.class, () -> y.sum().backward());
        Tensor factor = leaf(device, 1, 2).detach();
        Tensor z = PRODUCT.apply(x, factor);
        factor.fill(0);
        assertThrows(IllegalStateException.class, () -> z.sum().backward());
    }

    /** A leaf's gradient is added to in place: not in memory that the function goes on using. */
    @ParameterizedTest
    @MethodSource("devices")
    void aGradientThatIsAConstantStaysOne(Device device) {
        Tensor constant = leaf(device, 5, 6).detach();
        UserOperation fixed =
                Autograd.function(
                        "fixed", c -> c.input(0).mul(2), (c, dy) -> new Tensor[] {constant});
        Tensor x = leaf(device, 1, 2);
        fixed.apply(x).sum().backward();
        fixed.apply(x).sum().backward();
        assertArrayEquals(new double[] {10, 12}, x.grad().toDoubles());
        assertArrayEquals(new double[] {5, 6}, constant.toDoubles());
    }

    /** Its result is the input, or a part of it. */
    @ParameterizedTest
    @MethodSource("devices")
    void anOperationMayReturnItsInput(Device device) {
        UserOperation reversed =
                Autograd.function("reversed", c -> c.input(0), (c, dy) -> new Tensor[] {dy.neg()});
        Tensor x = leaf(device, 1, 2);
        Tensor inner = x.mul(3);
        Tensor y = reversed.apply(inner);
        y.mul(inner).sum().backward();
        assertArrayEquals(new double[] {9 - 9, 18 - 18}, x.grad().toDoubles());
        assertArrayEquals(new double[] {3, 6}, inner.toDoubles());
        x.grad(null);
        reversed.apply(x).sum().backward();
        assertArrayEquals(new double[] {-1, -1}, x.grad().toDoubles());
    }

    @Test
    void itsGradientIsCheckedAsAnyOther() {
        Tensor x = Tensor.of(new double[] {0.3, -1.2}).requiresGrad(true);
        Tensor w = Tensor.of(new double[] {2, 0.7}).requiresGrad(true);
        GradCheck.check(t -> EXP.apply(PRODUCT.apply(t[0], t[1])), x, w);
        assertThrows(
                GradientMismatchException.class,
                () -> GradCheck.check(t -> STRAIGHT.apply(t[0]), x));
    }
}
