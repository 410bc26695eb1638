package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.GradOptions;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Where random numbers of the oracle do not come: at ties, at 0, at an end; PyTorch 2.13's. */
class CornersTest {
    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    private static Tensor leaf(Device device, double... values) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = (float) values[i];
        }
        return Tensor.of(floats, floats.length).to(device).copy().requiresGrad(true);
    }

    private static Tensor row(Device device, double... values) {
        return leaf(device, values).detach().reshape(1, values.length).copy().requiresGrad(true);
    }

    private static void assertNear(Tensor x, double... expected) {
        double[] found = x.toDoubles();
        assertEquals(expected.length, found.length);
        for (int i = 0; i < found.length; i++) {
            String all = Arrays.toString(found);
            assertEquals(expected[i], found[i], 1e-6 + 1e-5 * Math.abs(expected[i]), all);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLossWithAMarginHasAGradientWhereItBegins(Device device) {
        Tensor a = leaf(device, 0, 1);
        Tensor b = leaf(device, 0, 1);
        Tensor y = leaf(device, 1, 1).detach();
        Functional.marginRankingLoss(a, b, y, 0, Reduction.MEAN).backward();
        assertNear(a.grad(), -0.5, -0.5);
        assertNear(b.grad(), 0.5, 0.5);

        Tensor x = leaf(device, 1, 2);
        Tensor signs = leaf(device, -1, 1).detach();
        Functional.hingeEmbeddingLoss(x, signs, 1, Reduction.SUM).backward();
        assertNear(x.grad(), -1, 1);

        a = row(device, 1, 0);
        b = row(device, 0, 1);
        Tensor other = leaf(device, -1).detach();
        Functional.cosineEmbeddingLoss(a, b, other, 0, Reduction.MEAN).backward();
        assertNear(a.grad(), 0, 1);
        assertNear(b.grad(), 1, 0);

        a = row(device, 0, 0);
        b = row(device, 1, 0);
        Tensor c = row(device, 3, 0);
        Functional.tripletMarginWithDistanceLoss(
                        a, b, c, (u, v) -> u.sub(v).abs().sum(false, -1), 2, false, Reduction.MEAN)
                .backward();
        assertNear(a.grad(), 0, 0);
        assertNear(b.grad(), 1, 0);
        assertNear(c.grad(), -1, 0);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLossOfClassesWithAMarginHasNoGradientWhereItBegins(Device device) {
        for (int p = 1; p <= 2; p++) {
            Tensor x = row(device, 1, 2, 0.5);
            Tensor target = Tensor.of(new long[] {1}).to(device);
            Functional.multiMarginLoss(x, target, p, 1, null, Reduction.MEAN).backward();
            assertNear(x.grad(), 0, 0, 0);
        }
        Tensor x = row(device, 2, 1, 1.5);
        Tensor target = Tensor.of(new long[] {0, -1, 0}, 1, 3).to(device);
        Tensor loss = Functional.multilabelMarginLoss(x, target, Reduction.MEAN);
        loss.backward();
        assertNear(loss, 1 / 6.0);
        assertNear(x.grad(), -1 / 3.0, 0, 1 / 3.0);
    }

    @Test
    void aTripletsMarginIsAboveZero() {
        Tensor x = Tensor.ones(2, 3);
        for (double margin : new double[] {0, -1, Double.NaN}) {
            var e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> Functional.tripletMarginLoss(x, x, x, margin, Reduction.SUM));
            assertEquals(
                    "tripletMarginLoss: expected a margin above 0, got " + margin, e.getMessage());
            e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    Functional.tripletMarginWithDistanceLoss(
                                            x, x, x, Tensor::sub, margin, false, Reduction.SUM));
            assertEquals(
                    "tripletMarginWithDistanceLoss: expected a margin above 0, got " + margin,
                    e.getMessage());
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theCosineOfTinyVectorsInALossIsNearZero(Device device) {
        for (int sign : new int[] {1, -1}) {
            Tensor a = row(device, 1e-7, 1e-7);
            Tensor b = row(device, 1e-7, 1e-7);
            Tensor y = leaf(device, sign).detach();
            Tensor loss = Functional.cosineEmbeddingLoss(a, b, y, 0, Reduction.MEAN);
            loss.backward();
            assertNear(loss, sign > 0 ? 0.9803921580314636 : 0.019607843831181526);
            double slope = -sign * 96116.8828;
            assertNear(a.grad(), slope, slope);
            assertNear(b.grad(), slope, slope);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aVectorOfZerosHasAGradientAndASecondOneInALoss(Device device) {
        Tensor a = row(device, 0, 0);
        Tensor b = row(device, 1, 2);
        Tensor y = leaf(device, 1).detach();
        Tensor loss = Functional.cosineEmbeddingLoss(a, b, y, 0, Reduction.MEAN);
        List<Tensor> grads =
                Autograd.grad(loss, List.of(a, b), new GradOptions().createGraph(true));
        assertNear(loss, 1);
        assertNear(grads.get(0), -447213.5938, -894427.1875);
        assertNear(grads.get(1), 0, 0);
        Tensor sum = grads.get(0).sum().add(grads.get(1).sum());
        List<Tensor> second = Autograd.grad(sum, a, b);
        double[] expected = {-178885.4688, 89442.6562};
        for (Tensor s : second) {
            assertArrayEquals(expected, s.toDoubles(), 0.5);
        }
    }

    static Stream<Arguments> shortVectors() {
        return Stream.of(
                Arguments.of(
                        new double[] {3e-9, 4e-9},
                        new double[] {1, 2},
                        0.49193495512008667,
                        new double[] {15205262, 50087924},
                        new double[] {0.03577709197998047, -0.01788853108882904}),
                Arguments.of(
                        new double[] {3e-9, 4e-9},
                        new double[] {1e-9, 2e-9},
                        0.11000000685453415,
                        new double[] {3399999.5, 11200000},
                        new double[] {25080652, 30161300}),
                Arguments.of(
                        new double[] {0, 0},
                        new double[] {1, 2},
                        0.0,
                        new double[] {44721360, 89442720},
                        new double[] {0, 0}),
                Arguments.of(
                        new double[] {3e-9, 0},
                        new double[] {1, 2},
                        0.13416408002376556,
                        new double[] {31304952, 89442720},
                        new double[] {0.10733126103878021, -0.053665630519390106}));
    }

    @ParameterizedTest
    @MethodSource("shortVectors")
    void aVectorShorterThanEpsHasTheGradientOfItsNorm(
            double[] a, double[] b, double cos, double[] ofA, double[] ofB) {
        for (Device device : CpuDevices.all()) {
            Tensor x = row(device, a);
            Tensor y = row(device, b);
            Tensor found = Functional.cosineSimilarity(x, y, 1, 1e-8);
            found.backward();
            assertNear(found, cos);
            assertNear(x.grad(), ofA);
            assertNear(y.grad(), ofB);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theMeanOfNoTargetLeavesTheLogitsAlone(Device device) {
        Tensor weight = leaf(device, 1, 2, 3).detach();
        Tensor target = Tensor.of(new long[] {1}).to(device);
        for (Tensor w : new Tensor[] {null, weight}) {
            for (double smoothing : new double[] {0, 0.1}) {
                Tensor x = row(device, 1, 2, 3);
                Tensor loss = Functional.crossEntropy(x, target, w, Reduction.MEAN, 1, smoothing);
                loss.backward();
                assertTrue(Double.isNaN(loss.item()));
                assertNear(x.grad(), 0, 0, 0);
            }
        }
    }

    private static Tensor ctc(Device device, long frames, long length, boolean zero, long... of) {
        Tensor logs = Tensor.ones(3, 1, 3).to(device).logSoftmax(2);
        return Functional.ctcLoss(
                logs,
                Tensor.of(of, 1, of.length).to(device),
                Tensor.of(new long[] {frames}).to(device),
                Tensor.of(new long[] {length}).to(device),
                0,
                Reduction.NONE,
                zero);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void noFramesAreTheTextOfNoLabels(Device device) {
        double never = Double.POSITIVE_INFINITY;
        assertEquals(0, ctc(device, 0, 0, false, 1, 2).toDoubles()[0], 0);
        assertEquals(0, ctc(device, 0, 0, true, 1, 2).toDoubles()[0], 0);
        assertEquals(never, ctc(device, 0, 1, false, 1, 2).toDoubles()[0]);
        assertEquals(0, ctc(device, 0, 1, true, 1, 2).toDoubles()[0], 0);
        assertEquals(Math.log(3), ctc(device, 1, 1, false, 1, 2).toDoubles()[0], 1e-6);
        // What does not count may be any number.
        assertEquals(1.504077434539795, ctc(device, 3, 1, false, 1, 7).toDoubles()[0], 1e-6);
        assertEquals(3 * Math.log(3), ctc(device, 3, 0, false).toDoubles()[0], 1e-6);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLengthOrLabelThatCannotBeIsRefused(Device device) {
        String frames = "ctcLoss: expected input lengths from 0 to 3, got ";
        String lengths = "ctcLoss: expected target lengths from 0 to 2, got ";
        String labels = "ctcLoss: expected targets from 0 to 2, got ";
        refused(frames + "[4]", () -> ctc(device, 4, 1, false, 1, 2));
        refused(frames + "[-1]", () -> ctc(device, -1, 1, false, 1, 2));
        refused(lengths + "[3]", () -> ctc(device, 3, 3, true, 1, 2));
        refused(lengths + "[-1]", () -> ctc(device, 3, -1, false, 1, 2));
        refused(labels + "[1, 3]", () -> ctc(device, 3, 2, false, 1, 3));
        refused(labels + "[1, -1]", () -> ctc(device, 3, 2, false, 1, -1));
    }

    private static void refused(String message, Runnable call) {
        var e = assertThrows(IllegalArgumentException.class, call::run);
        assertEquals(message, e.getMessage());
    }

    @Test
    void whoeverWritesToAMaskSpoilsNoOther() {
        Tensor x = Tensor.zeros(1);
        float never = Float.NEGATIVE_INFINITY;
        float[] expected = {0, never, 0, 0};
        MultiheadAttention.causalMask(x, 2).fill(7);
        assertArrayEquals(expected, MultiheadAttention.causalMask(x, 2).toFloats());
    }
}
