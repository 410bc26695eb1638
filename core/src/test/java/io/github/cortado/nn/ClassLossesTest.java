package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the agreement with PyTorch (OracleTest) does not show. */
class ClassLossesTest {
    private static final Tensor X = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aClassThatIsImpossibleHarmsOnlyTheTargetsThatNameIt(Device device) {
        float never = Float.NEGATIVE_INFINITY;
        Tensor x =
                Tensor.of(new float[] {-1, never, -2, -3, never, -4}, 3, 2)
                        .to(device)
                        .requiresGrad(true);
        Tensor y = Functional.nllLoss(x, Tensor.of(new long[] {0, 1, -100}).to(device));
        assertEquals(2, y.item());
        y.backward();
        assertArrayEquals(new float[] {-0.5f, 0, 0, -0.5f, 0, 0}, x.grad().toFloats());
        Tensor named = Functional.nllLoss(x, Tensor.of(new long[] {1, 1, 1}).to(device));
        assertEquals(Float.POSITIVE_INFINITY, named.item());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theMeanOfNoTargetIsNoNumber(Device device) {
        Tensor target = Tensor.of(new long[] {-100, -100}).to(device);
        assertEquals(Double.NaN, Functional.nllLoss(X.to(device), target).item());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void weightsOfOneAreNoWeights(Device device) {
        Tensor x = X.to(device);
        Tensor target = Tensor.of(new long[] {2, 0}).to(device);
        Tensor ones = Tensor.ones(3).to(device);
        for (Reduction r : Reduction.values()) {
            assertArrayEquals(
                    Functional.crossEntropy(x, target, r, -100, 0.3).toDoubles(),
                    Functional.crossEntropy(x, target, ones, r, -100, 0.3).toDoubles(),
                    1e-6);
            assertArrayEquals(
                    Functional.binaryCrossEntropyWithLogits(x, x.div(6), r).toDoubles(),
                    Functional.binaryCrossEntropyWithLogits(x, x.div(6), ones, r, ones).toDoubles(),
                    1e-6);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aPositiveWeightCancelsNothingFarFromZero(Device device) {
        Tensor x = Tensor.of(new float[] {-30, 30}).to(device);
        Tensor target = Tensor.of(new float[] {0, 1}).to(device);
        Tensor three = Tensor.of(new float[] {3, 3}).to(device);
        float[] y =
                Functional.binaryCrossEntropyWithLogits(x, target, null, Reduction.NONE, three)
                        .toFloats();
        assertEquals(Math.exp(-30), y[0], 1e-19);
        assertEquals(3 * Math.exp(-30), y[1], 3e-19);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void labelsThatNeedMoreFramesCostInfinitelyMuchOrNothing(Device device) {
        Tensor x = Tensor.zeros(2, 1, 3).to(device).copy().requiresGrad(true);
        Tensor labels = Tensor.of(new long[] {1, 1}, 1, 2).to(device);
        Tensor frames = Tensor.of(new long[] {2}).to(device);
        Tensor lengths = Tensor.of(new long[] {2}).to(device);
        Tensor y = Functional.ctcLoss(x.logSoftmax(2), labels, frames, lengths);
        assertEquals(Double.POSITIVE_INFINITY, y.item());
        y.backward();
        assertArrayEquals(new float[6], x.grad().toFloats());
        Tensor zero =
                Functional.ctcLoss(
                        x.logSoftmax(2), labels, frames, lengths, 0, Reduction.SUM, true);
        assertEquals(0, zero.item());
    }

    /** Of a blank, a label and another, all as likely, 1, 1 and 2 takes at least four frames. */
    @Test
    void ctcCountsTheWaysToWriteTheLabels() {
        Tensor logs = Tensor.zeros(4, 1, 3).logSoftmax(2);
        Tensor labels = Tensor.of(new long[] {1, 1, 2}, 1, 3);
        Tensor frames = Tensor.of(new long[] {4});
        Tensor lengths = Tensor.of(new long[] {3});
        Tensor y = Functional.ctcLoss(logs, labels, frames, lengths, 0, Reduction.SUM, false);
        assertEquals(4 * Math.log(3), y.item(), 1e-5);
    }

    static Stream<Arguments> mistakes() {
        Tensor t = Tensor.of(new long[] {0, 2});
        Tensor logs = Tensor.zeros(4, 2, 3);
        Tensor labels = Tensor.of(new long[] {1, 1, 2, 2}, 2, 2);
        return Stream.of(
                mistake(
                        "nllLoss: input [2, 3] expects targets of shape [2], got [3]",
                        () -> Functional.nllLoss(X, Tensor.of(new long[] {0, 1, 2}))),
                mistake(
                        "nllLoss: expects targets as int64, got float32 [2, 3]",
                        () -> Functional.nllLoss(X, X)),
                mistake(
                        "nllLoss: input [2, 3] expects a weight of each class, [3], got [2]",
                        () -> Functional.nllLoss(X, t, Tensor.ones(2), Reduction.MEAN, -100)),
                mistake(
                        "crossEntropy: logits [2, 3] expect probabilities of the same shape, got"
                                + " [3]",
                        () ->
                                Functional.crossEntropy(
                                        X, Tensor.ones(3), null, Reduction.MEAN, -100, 0)),
                mistake(
                        "crossEntropy: label smoothing 1.5 is not from 0 to 1",
                        () -> Functional.crossEntropy(X, X, null, Reduction.MEAN, -100, 1.5)),
                mistake(
                        "multiMarginLoss: expected p 1 or 2, got 3",
                        () -> Functional.multiMarginLoss(X, t, 3, 1, null, Reduction.MEAN)),
                mistake(
                        "multilabelMarginLoss: input [2, 3] expects targets of the same shape, got"
                                + " [2]",
                        () -> Functional.multilabelMarginLoss(X, t, Reduction.MEAN)),
                mistake(
                        "multilabelSoftMarginLoss: input [2, 3] and target [3] differ",
                        () ->
                                Functional.multilabelSoftMarginLoss(
                                        X, Tensor.ones(3), null, Reduction.MEAN)),
                mistake(
                        "binaryCrossEntropy: weight [2, 2, 3] does not stretch to [2, 3]",
                        () ->
                                Functional.binaryCrossEntropy(
                                        X, X, Tensor.ones(2, 2, 3), Reduction.MEAN)),
                mistake(
                        "ctcLoss: logarithms [4, 2, 3] expect labels [2, most] and lengths [2],"
                                + " got [2, 2], [2] and [1]",
                        () -> Functional.ctcLoss(logs, labels, t, Tensor.of(new long[] {1}))),
                mistake(
                        "ctcLoss: expects labels [n, most] with 2 dimensions, got [2]",
                        () -> Functional.ctcLoss(logs, t, t, t)),
                mistake(
                        "ctcLoss: blank 3 is none of the classes of [4, 2, 3]",
                        () -> Functional.ctcLoss(logs, labels, t, t, 3, Reduction.MEAN, false)));
    }

    private static Arguments mistake(String message, Executable run) {
        return Arguments.of(message, run);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aWrongArgumentIsNamed(String message, Executable run) {
        assertEquals(message, assertThrows(RuntimeException.class, run).getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aTargetThatIsNoClassIsRefused(Device device) {
        Tensor x = X.to(device);
        for (long wrong : new long[] {3, -1}) {
            Tensor target = Tensor.of(new long[] {0, wrong}).to(device);
            for (Executable loss :
                    new Executable[] {
                        () -> Functional.nllLoss(x, target).item(),
                        () -> Functional.multiMarginLoss(x, target).item(),
                        () ->
                                Functional.crossEntropy(
                                                x,
                                                target,
                                                Tensor.ones(3).to(device),
                                                Reduction.MEAN,
                                                -100,
                                                0)
                                        .item()
                    }) {
                String message = assertThrows(RuntimeException.class, loss).getMessage();
                String fault = ": index " + wrong + " at position 1 is not from 0 to 2";
                assertTrue(message.contains(": a target is no class: "), message);
                assertTrue(message.contains(fault), message);
            }
        }
        Tensor labels = Tensor.of(new long[] {0, 3, -1, 2, -1, 7}, 2, 3).to(device);
        assertThrows(
                RuntimeException.class,
                () -> Functional.multilabelMarginLoss(x, labels, Reduction.SUM).item());
    }
}
