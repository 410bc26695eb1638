package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.GradOptions;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Differentiable;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.backend.formula.Functions;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Reduction;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * First and second derivatives at zeros, far away and where there is no number; what is expected
 * are PyTorch 2.13's.
 */
class CornersTest {
    private static final float INF = Float.POSITIVE_INFINITY;
    private static final float NAN = Float.NaN;
    private static final GradOptions CREATE = new GradOptions().createGraph(true).allowUnused(true);

    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    private static Tensor leaf(Device device, float... x) {
        return Tensor.of(x, x.length).to(device).copy().requiresGrad(true);
    }

    private static void first(
            Device device, UnaryOperator<Tensor> f, float[] x, float... expected) {
        Tensor leaf = leaf(device, x);
        Tensor dx = Autograd.grad(f.apply(leaf).sum(), leaf).get(0);
        assertArrayEquals(expected, dx.toFloats(), 1e-4f, "first on " + device);
    }

    private static void second(
            Device device, UnaryOperator<Tensor> f, float[] x, float... expected) {
        Tensor leaf = leaf(device, x);
        Tensor dx = Autograd.grad(f.apply(leaf).sum(), List.of(leaf), CREATE).get(0);
        float[] found = new float[x.length];
        if (dx.requiresGrad()) {
            Tensor again = Autograd.grad(dx.sum(), List.of(leaf), new GradOptions()).get(0);
            found = again == null ? found : again.toFloats();
        }
        assertArrayEquals(expected, found, 1e-4f, "second on " + device);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aDeviationOfZeroHasAGradientOfZero(Device device) {
        float[] x = {1, 1, 1, 1, 2, 3};
        first(device, t -> t.reshape(2, 3).std(false, 1), x, 0, 0, 0, -0.5f, 0, 0.5f);
        first(device, t -> t.reshape(2, 3).std(0, true, 1), x, 0, 0, 0, -0.40825f, 0, 0.40825f);
        first(device, t -> t.std(), new float[] {4, 4}, 0, 0);
        first(device, t -> t.std(false), new float[] {4}, NAN);
        second(device, t -> t.reshape(2, 3).std(false, 1).square(), x, 0, 0, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLogitOfZeroIsOnACurve(Device device) {
        UnaryOperator<Tensor> f =
                x ->
                        Functional.binaryCrossEntropyWithLogits(
                                x, x.detach().mul(0).add(0.3), Reduction.SUM);
        second(device, f, new float[] {0, -0f, 1, -1}, 0.25f, 0.25f, 0.19661f, 0.19661f);
        first(device, f, new float[] {0, -0f, 1, -1}, 0.2f, 0.2f, 0.43106f, -0.03106f);
        UnaryOperator<Tensor> g =
                x ->
                        Functional.multilabelSoftMarginLoss(
                                x.reshape(1, 3),
                                x.detach().mul(0).reshape(1, 3),
                                null,
                                Reduction.MEAN);
        second(device, g, new float[] {0, 1, -1}, 0.08333f, 0.06554f, 0.06554f);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatIsNotTakenIsNotFeltInTheSecondDerivative(Device device) {
        float[] x = {100, 1e30f, -100, -1e30f};
        second(device, Functional::selu, x, 0, 0, 0, 0);
        second(device, t -> Functional.elu(t, 1), x, 0, 0, 0, 0);
        second(device, t -> Functional.celu(t, 1), x, 0, 0, 0, 0);
        second(device, t -> Functional.celu(t, 1), new float[] {-1, 1}, 0.36788f, 0);
        first(device, Functional::selu, x, 1.05070f, 1.05070f, 0, 0);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void powersHaveTheirGradientsAtZerosAndInfinities(Device device) {
        float[] x = {0, -0f, 1, -2, INF, -INF, NAN};
        first(device, t -> t.pow(0), x, 0, 0, 0, 0, 0, 0, 0);
        second(device, t -> t.pow(0), x, 0, 0, 0, 0, 0, 0, 0);
        first(device, t -> t.pow(1), x, 1, 1, 1, 1, 1, 1, 1);
        second(device, t -> t.pow(1), x, 0, 0, 0, 0, 0, 0, 0);
        second(device, t -> t.pow(2), x, 2, 2, 2, 2, 2, 2, 2);
        second(device, t -> t.pow(3), x, 0, -0f, 6, -12, INF, -INF, NAN);
        second(device, t -> t.pow(4), x, 0, 0, 12, 48, INF, INF, NAN);
        first(device, t -> t.pow(-1), x, -INF, -INF, -1, -0.25f, -0f, -0f, NAN);
        first(device, t -> t.pow(-2), x, -INF, INF, -2, 0.25f, -0f, 0, NAN);
        second(device, t -> t.pow(-2), x, INF, INF, 6, 0.375f, 0, 0, NAN);
        first(device, t -> t.pow(-3), x, -INF, -INF, -3, -0.1875f, -0f, -0f, NAN);
        second(device, t -> t.pow(-3), x, INF, -INF, 12, -0.375f, 0, -0f, NAN);
        first(device, t -> t.pow(0.5), x, INF, -INF, 0.5f, NAN, 0, NAN, NAN);
        first(device, t -> t.pow(-0.5), x, -INF, -INF, -0.5f, NAN, -0f, -0f, NAN);
        second(device, t -> t.pow(-0.5), x, INF, INF, 0.75f, NAN, 0, 0, NAN);
        UnaryOperator<Tensor> ofOnes = t -> t.pow(Tensor.ones(7).to(device));
        first(device, ofOnes, x, 1, 1, 1, 1, 1, 1, 1);
        second(device, ofOnes, x, 0, 0, 0, 0, 0, 0, 0);
        UnaryOperator<Tensor> byMinusTwo = t -> t.pow(Tensor.full(-2, 7).to(device));
        first(device, byMinusTwo, x, -INF, INF, -2, 0.25f, -0f, 0, NAN);
        second(device, byMinusTwo, x, INF, INF, 6, 0.375f, 0, 0, NAN);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void hardswishPassesTheGradientOfWhatIsNoNumber(Device device) {
        float[] x = {NAN, 0, 3, -3, 100, -100, INF, -INF};
        first(device, Functional::hardswish, x, 1, 0.5f, 1, 0, 1, 0, 1, 0);
    }

    /** Of what is finite itself, far out and at 0. */
    @ParameterizedTest
    @MethodSource("devices")
    void secondDerivativesOfAllFormulasAreFinite(Device device) {
        List<String> found = new ArrayList<>();
        for (Class<?> c : List.of(Formulas.class, Functions.class)) {
            Arrays.stream(c.getFields())
                    .filter(f -> f.getType() == Differentiable.class)
                    .forEach(
                            field -> {
                                try {
                                    Differentiable f = (Differentiable) field.get(null);
                                    if (f != Formulas.DROPOUT) {
                                        check(field.getName(), f, device, found);
                                    }
                                } catch (IllegalAccessException e) {
                                    throw new LinkageError(field.getName(), e);
                                }
                            });
        }
        assertEquals("", String.join("\n", found));
    }

    private static void check(String name, Differentiable f, Device device, List<String> found) {
        float[] places = {0, 0.5f, -0.5f, 100, -100, 1e30f, -1e30f};
        int n = f.value().inputs();
        List<StepValue> parameters =
                Stream.of(0.3, 1.7).limit(f.value().parameters()).map(StepValue::of).toList();
        for (float place : places) {
            List<Tensor> x = new ArrayList<>();
            for (int i = 0; i < n; i++) {
                x.add(leaf(device, i == 0 ? place : 0.7f));
            }
            Tensor y = Pointwise.apply(f, x, parameters, List.of());
            List<Tensor> dx = Autograd.grad(y.sum(), x, CREATE);
            for (int i = 0; i < n; i++) {
                if (dx.get(i) == null
                        || !isFinite(y)
                        || !isFinite(dx.get(i))
                        || !dx.get(i).requiresGrad()) {
                    continue;
                }
                List<Tensor> again = Autograd.grad(dx.get(i).sum(), x, CREATE);
                for (int j = 0; j < n; j++) {
                    // PyTorch's is no number there, either.
                    boolean exempt = f == Functions.POW && place == 0 && i == 1 && j == 0;
                    if (again.get(j) != null && !isFinite(again.get(j)) && !exempt) {
                        found.add(
                                name
                                        + " at "
                                        + place
                                        + " by "
                                        + i
                                        + " and "
                                        + j
                                        + ": "
                                        + again.get(j).item());
                    }
                }
            }
        }
    }

    private static boolean isFinite(Tensor x) {
        return Double.isFinite(x.item());
    }
}
