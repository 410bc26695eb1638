package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.GradCheck;
import io.github.cortado.autograd.GradOptions;
import io.github.cortado.autograd.UserOperation;
import io.github.cortado.nn.Functional;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SecondDerivativesTest {
    private static final GradOptions CREATE = new GradOptions().createGraph(true);

    static List<Device> devices() {
        return CpuDevices.all();
    }

    static List<OpCase> cases() {
        return OpCases.all();
    }

    private static List<Tensor> leaves(Tensor[] x) {
        return Arrays.stream(x).filter(Tensor::requiresGrad).toList();
    }

    /** The same function of inputs that may have been changed where nothing is recorded. */
    private static Tensor[] again(OpCase c, Tensor[] inputs) {
        Tensor[] x = inputs.clone();
        for (int i = 0; i < x.length; i++) {
            if (c.inputs()[i].requiresGrad() && !x[i].requiresGrad()) {
                x[i] = x[i].detach().requiresGrad(true);
            }
        }
        try (var recording = Autograd.enableGrad()) {
            return gradients(c, x, CREATE);
        }
    }

    /** Gradients of a weighted sum, to be differentiated in turn. */
    private static Tensor[] gradients(OpCase c, Tensor[] x, GradOptions options) {
        Tensor y = c.f().apply(x);
        double[] weights = new double[y.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = 1 + 0.3 * (i % 5);
        }
        Tensor dy = Tensor.of(weights, y.shape()).to(y.device()).to(y.dtype());
        return Autograd.grad(y, leaves(x), options.gradOutput(dy)).toArray(Tensor[]::new);
    }

    /**
     * What is not refused is right: the second derivative is the first one's difference quotient.
     */
    @Tag("scalar-only")
    @ParameterizedTest
    @MethodSource("cases")
    void ofEveryOperationAreRightOrRefused(OpCase c) {
        Tensor[] x = c.inputsOn(Device.cpuScalar(), DType.FLOAT64);
        Tensor[] first;
        try {
            first = gradients(c, x, CREATE);
        } catch (UnsupportedOperationException e) {
            assertTrue(e.getMessage().matches("grad: \\w+ has no second derivative.*"));
            return;
        }
        Tensor[] plain = gradients(c, x, new GradOptions());
        for (int i = 0; i < plain.length; i++) {
            double[] expected = plain[i].toDoubles();
            double[] found = first[i].toDoubles();
            for (int e = 0; e < expected.length; e++) {
                double tolerance = 1e-9 * (1 + Math.abs(expected[e]));
                assertEquals(expected[e], found[e], tolerance, "gradient " + i);
            }
        }
        for (int i = 0; i < first.length; i++) {
            if (first[i].requiresGrad()) {
                int at = i;
                GradCheck.check(t -> again(c, t)[at], x);
            }
        }
    }

    @Tag("scalar-only")
    @Test
    void whichAreRefusedIsKnown() {
        Set<String> refused = new TreeSet<>();
        for (OpCase c : OpCases.all()) {
            try {
                gradients(c, c.inputsOn(Device.cpuScalar(), DType.FLOAT64), CREATE);
            } catch (UnsupportedOperationException e) {
                refused.add(e.getMessage().replaceAll("grad: (\\w+) has no.*", "$1"));
            }
        }
        // The two simplest recurrent cells are called rnn; of embeddings those with a padding
        // index.
        assertEquals(
                "avgPool2d batchNorm conv2d convTranspose2d crossEntropy ctcLoss embedding"
                        + " groupNorm gru interpolate layerNorm lstm max maxPool2d rnn",
                String.join(" ", refused));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aRefusalSaysWhatToDo(Device device) {
        Tensor x = Tensor.ones(1, 1, 4, 4).to(device).copy().requiresGrad(true);
        Tensor w = Tensor.ones(1, 1, 2, 2).to(device);
        Tensor y = Functional.conv2d(x, w, null, 1, 0, 1, 1).square().sum();
        var e =
                assertThrows(
                        UnsupportedOperationException.class,
                        () -> Autograd.grad(y, List.of(x), CREATE));
        assertEquals(
                "grad: conv2d has no second derivative: its gradient is not made of operations"
                        + " that record theirs; leave createGraph out, or compute it by others",
                e.getMessage());
        assertNull(x.grad());
        Autograd.grad(y, x);
    }

    // PyTorch's answers

    private static Map<String, double[]> answers() throws IOException {
        Map<String, double[]> answers = new HashMap<>();
        try (InputStream in =
                SecondDerivativesTest.class.getResourceAsStream("/oracle/autograd/penalty.txt")) {
            String all = new String(in.readAllBytes(), StandardCharsets.UTF_8);
            for (String line : all.split("\n")) {
                String[] parts = line.split(": ");
                answers.put(
                        parts[0],
                        Arrays.stream(parts[1].split(" "))
                                .mapToDouble(Double::parseDouble)
                                .toArray());
            }
        }
        return answers;
    }

    private static Tensor waves(Device device, double step, int... shape) {
        double[] values = new double[Shape.of(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = Math.sin(step * (i + 1));
        }
        Tensor x = Tensor.of(values, shape);
        boolean isDouble = device.sameAs(Device.cpuScalar());
        return (isDouble ? x : x.to(DType.FLOAT32).to(device)).copy().requiresGrad(true);
    }

    private static void assertClose(String what, double[] expected, Tensor found) {
        double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
        double tolerance = (found.dtype() == DType.FLOAT64 ? 1e-10 : 2e-5) * (0.01 + largest);
        assertArrayEquals(expected, found.toDoubles(), tolerance, what);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientPenaltiesArePyTorchs(Device device) throws IOException {
        Map<String, double[]> answers = answers();
        Map<String, UnaryOperator<Tensor>> activations =
                Map.of(
                        "tanh", Functional::tanh,
                        "gelu", Functional::gelu,
                        "softplus", Functional::softplus,
                        "relu", Functional::relu,
                        "silu", Functional::silu,
                        "elu", t -> Functional.elu(t, 1));
        Tensor x = waves(device, 0.7, 4, 3);
        Tensor w1 = waves(device, 1.1, 5, 3);
        Tensor b1 = waves(device, 0.3, 5);
        Tensor w2 = waves(device, 0.9, 2, 5);
        activations.forEach(
                (name, f) -> {
                    for (boolean isChecked : new boolean[] {false, true}) {
                        UnaryOperator<Tensor> net =
                                t ->
                                        Functional.linear(
                                                        f.apply(Functional.linear(t, w1, b1)),
                                                        w2,
                                                        null)
                                                .softmax(1);
                        Tensor y = isChecked ? Autograd.checkpoint(net, x) : net.apply(x);
                        Tensor dx =
                                Autograd.grad(y.narrow(1, 0, 1).sum(), List.of(x), CREATE).get(0);
                        Tensor loss = dx.norm(false, 1).sub(1).square().mean();
                        List<Tensor> found = Autograd.grad(loss, x, w1, b1, w2);
                        int i = 0;
                        for (String of : List.of("x", "w1", "b1", "w2")) {
                            assertClose(
                                    name + " " + of, answers.get(name + " " + of), found.get(i++));
                        }
                    }
                });
    }

    @ParameterizedTest
    @MethodSource("devices")
    void hessiansAndThirdDerivativesArePyTorchs(Device device) throws IOException {
        Map<String, double[]> answers = answers();
        Tensor x = waves(device, 0.7, 4, 3);
        Tensor w1 = waves(device, 1.1, 5, 3);
        Tensor v = waves(device, 0.2, 4, 3).detach();
        Tensor loss =
                x.matmul(w1.transpose(0, 1)).exp().log1p().reshape(2, 10).logSumExp(1, false).sum();
        Tensor dx = Autograd.grad(loss, List.of(x), CREATE).get(0);
        Tensor hv = Autograd.grad(dx, List.of(x), CREATE.gradOutput(v)).get(0);
        Tensor third = Autograd.grad(hv.mul(v).sum(), x).get(0);
        assertClose("first", answers.get("hessian first"), dx);
        assertClose("product", answers.get("hessian product"), hv);
        assertClose("third", answers.get("hessian third"), third);
        assertNull(w1.grad());
    }

    /** Through user's operations that save nothing, and hooks; and compiled. */
    @ParameterizedTest
    @MethodSource("devices")
    void ofOnesOwnOperationsAndHooksInACompiledStep(Device device) {
        UserOperation cube =
                Autograd.function(
                        "cube",
                        c -> c.input(0).square().mul(c.input(0)),
                        (c, dy) -> new Tensor[] {c.input(0).square().mul(dy).mul(3)});
        UserOperation saves =
                Autograd.function(
                        "saves",
                        c -> {
                            Tensor y = c.input(0).exp();
                            c.saveForBackward(y);
                            return y;
                        },
                        (c, dy) -> new Tensor[] {dy.mul(c.saved(0))});
        Tensor x = Tensor.of(new float[] {2, -1}).to(device).copy().requiresGrad(true);
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            Tensor y = x.mul(2);
                            y.registerHook(g -> g.mul(10));
                            Tensor dx =
                                    Autograd.grad(cube.apply(y).sum(), List.of(x), CREATE).get(0);
                            return Autograd.grad(dx.sum(), x).get(0);
                        })) {
            for (int i = 0; i < 4; i++) {
                // dx = 3 (2 x)^2 10 2, and by x 480 x; through y again, another 10.
                assertArrayEquals(new float[] {9600, -4800}, step.run().toFloats(), 1e-1f);
            }
        }
        assertThrows(
                UnsupportedOperationException.class,
                () -> Autograd.grad(saves.apply(x).sum(), List.of(x), CREATE));
    }
}
