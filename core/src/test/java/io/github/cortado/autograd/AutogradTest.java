package io.github.cortado.autograd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class AutogradTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static Tensor leaf(Device device, float... values) {
        return Tensor.of(values, values.length).to(device).copy().requiresGrad(true);
    }

    private static void assertGrad(Tensor x, float... expected) {
        assertNotNull(x.grad());
        assertArrayEquals(expected, x.grad().toFloats(), 1e-6f);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aLeafUsedTwiceInOneOperationGetsBothShares(Device device) {
        Tensor x = leaf(device, 2, -3);
        x.mul(x).sum().backward();
        assertGrad(x, 4, -6);
        x.grad(null);
        x.add(x).sum().backward();
        assertGrad(x, 2, 2);
        x.grad(null);
        x.sub(x).sum().backward();
        assertGrad(x, 0, 0);
        x.grad(null);
        x.div(x).sum().backward();
        assertGrad(x, 0, 0);
        x.grad(null);
        Tensor.cat(0, x, x, x).sum().backward();
        assertGrad(x, 3, 3);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aDiamondSumsBothSides(Device device) {
        Tensor x = leaf(device, 2, -3);
        Tensor middle = x.mul(x);
        Tensor left = middle.mul(3);
        Tensor right = middle.mul(middle);
        left.add(right).sum().backward();
        // 3 x^2 + x^4
        assertGrad(x, 6 * 2 + 4 * 8, 6 * -3 + 4 * -27);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anInputSharedByManyOperationsGetsTheSum(Device device) {
        Tensor x = leaf(device, 1, 2);
        Tensor y = x.exp();
        Tensor sum = y.mul(2).add(y.mul(3)).add(y.reshape(1, 2).reshape(2)).add(x);
        sum.sum().backward();
        assertGrad(x, 6 * (float) Math.E + 1, 6 * (float) Math.exp(2) + 1);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void gradientsOfSeveralBackwardsAddUp(Device device) {
        Tensor x = leaf(device, 2, -3);
        x.mul(x).sum().backward();
        Tensor first = x.grad();
        x.mul(5).sum().backward();
        assertGrad(x, 9, -1);
        assertTrue(first == x.grad(), "a gradient keeps its address");
    }

    /** y = a + b hands the same dy to both: what is added to one must not show in the other. */
    @ParameterizedTest
    @MethodSource("devices")
    void leavesNeverShareAGradient(Device device) {
        Tensor a = leaf(device, 1, 2);
        Tensor b = leaf(device, 3, 4);
        Tensor c = leaf(device, 5, 6);
        Tensor given = Tensor.of(new float[] {1, 1}).to(device).copy();
        a.add(b).add(c.reshape(1, 2).reshape(2)).backward(given);
        given.fill(100);
        a.mul(2).sum().backward();
        b.mul(3).sum().backward();
        assertGrad(a, 3, 3);
        assertGrad(b, 4, 4);
        assertGrad(c, 1, 1);
        Tensor own = leaf(device, 7, 8);
        own.backward(given);
        given.fill(-1);
        assertGrad(own, 100, 100);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anUnusedBranchGetsNothing(Device device) {
        Tensor x = leaf(device, 2);
        Tensor w = leaf(device, 3);
        Tensor unused = x.mul(w);
        x.mul(5).backward();
        assertGrad(x, 5);
        assertNull(w.grad());
        unused.backward();
        assertGrad(w, 2);
        assertGrad(x, 8);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void inputsThatRequireNoGradientGetNone(Device device) {
        Tensor x = leaf(device, 2);
        Tensor c = Tensor.of(new float[] {3}).to(device);
        x.mul(c).backward();
        assertNull(c.grad());
        assertFalse(c.mul(c).requiresGrad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void noGradRecordsNothingAndNests(Device device) {
        Tensor x = leaf(device, 2);
        try (var outer = Autograd.noGrad()) {
            assertFalse(Autograd.isRecording());
            try (var inner = Autograd.noGrad()) {
                assertFalse(x.mul(x).requiresGrad());
                inner.close();
                inner.close();
            }
            assertFalse(Autograd.isRecording(), "closing one twice does not end the other");
            Tensor y = x.mul(x);
            var e = assertThrows(IllegalStateException.class, y::backward);
            assertEquals(
                    "backward: no tensor that this one was computed from requires a gradient, and"
                            + " noGrad() is in force",
                    e.getMessage());
        }
        assertTrue(Autograd.isRecording());
        assertTrue(x.mul(x).requiresGrad());
    }

    @Test
    void noGradIsAMatterOfTheThread() throws Exception {
        boolean[] recording = new boolean[1];
        try (var pause = Autograd.noGrad()) {
            Thread t = new Thread(() -> recording[0] = Autograd.isRecording());
            t.start();
            t.join();
        }
        assertTrue(recording[0]);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void detachCutsTheGraphAndSharesTheMemory(Device device) {
        Tensor x = leaf(device, 2, 3);
        Tensor y = x.mul(x);
        y.detach().mul(x).sum().backward();
        assertGrad(x, 4, 9);
        assertTrue(y.detach().buffer().sharesMemoryWith(y.buffer()));
        assertFalse(y.detach().requiresGrad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aSecondBackwardSaysWhatToDo(Device device) {
        Tensor x = leaf(device, 2);
        Tensor y = x.mul(x).exp();
        y.backward();
        var e = assertThrows(IllegalStateException.class, y::backward);
        assertEquals(
                "backward: the graph through exp has been walked by an earlier backward(), which"
                        + " released what exp had kept; run the forward pass again",
                e.getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aPartThatWasWalkedBeforeIsNoticedBeforeAnyGradientChanges(Device device) {
        Tensor x = leaf(device, 2);
        Tensor shared = x.mul(x);
        shared.mul(3).backward();
        assertGrad(x, 12);
        Tensor other = leaf(device, 5);
        Tensor y = shared.mul(other);
        assertThrows(IllegalStateException.class, y::backward);
        assertGrad(x, 12);
        assertNull(other.grad());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anInputChangedInPlaceAfterItsUseIsNoticed(Device device) {
        Tensor x = leaf(device, 2, 3);
        Tensor y = x.mul(x);
        x.fill(7);
        var e = assertThrows(IllegalStateException.class, () -> y.sum().backward());
        assertEquals(
                "backward: a tensor of shape [2] that mul needs for its gradient was changed in"
                        + " place since, or moved to another device or type; run the forward pass"
                        + " again",
                e.getMessage());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void anInputWithoutGradientThatWasChangedIsNoticedToo(Device device) {
        Tensor x = leaf(device, 2, 3);
        Tensor factor = Tensor.of(new float[] {5, 6}).to(device).copy();
        Tensor y = x.mul(factor).sum();
        factor.fill(0);
        assertThrows(IllegalStateException.class, y::backward);
        Tensor frozen = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).copy();
        Tensor z = Functional.linear(x, frozen, null).sum();
        frozen.copyFrom(Tensor.zeros(2, 2));
        assertThrows(IllegalStateException.class, z::backward);
    }

    /** exp, relu and their like read their output again: changing that is just as wrong. */
    @ParameterizedTest
    @MethodSource("devices")
    void anOutputChangedInPlaceIsNoticedWhereItsGradientReadsIt(Device device) {
        List<UnaryOperator<Tensor>> readTheirOutput =
                List.of(
                        Tensor::exp,
                        Tensor::sqrt,
                        Tensor::rsqrt,
                        Functional::relu,
                        Functional::sigmoid,
                        Functional::tanh,
                        x -> x.softmax(0),
                        x -> x.logSoftmax(0),
                        x -> x.detach().div(x));
        for (UnaryOperator<Tensor> f : readTheirOutput) {
            Tensor y = f.apply(leaf(device, 2, 3));
            y.detach().fill(0.5);
            var e = assertThrows(IllegalStateException.class, () -> y.sum().backward());
            assertTrue(e.getMessage().contains("was changed in place"), e.getMessage());
        }
        Tensor x = leaf(device, 2, 3);
        Tensor y = x.mul(3);
        y.detach().fill(0);
        y.sum().backward();
        assertGrad(x, 3, 3);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void targetsChangedAfterTheLossReadThemAreNoticed(Device device) {
        Tensor logits = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2).to(device).requiresGrad(true);
        Tensor target = Tensor.of(new long[] {0, 1}).to(device).copy();
        Tensor loss = Functional.crossEntropy(logits, target);
        target.fill(1);
        assertThrows(IllegalStateException.class, loss::backward);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void backwardOfManyElementsWantsAGradientOfTheirShape(Device device) {
        Tensor x = leaf(device, 2, 3);
        Tensor y = x.mul(x);
        assertEquals(
                "backward: a tensor of shape [2] is not a scalar; reduce it, or pass its gradient",
                assertThrows(ShapeException.class, y::backward).getMessage());
        Tensor wrong = Tensor.zeros(3).to(device);
        assertEquals(
                "backward: gradient of shape [3] for a tensor [2]",
                assertThrows(ShapeException.class, () -> y.backward(wrong)).getMessage());
        y.backward(Tensor.of(new float[] {10, 1}).to(device));
        assertGrad(x, 40, 6);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theGradientGivenToBackwardMustBeOfTheSameDeviceAndType(Device device) {
        Tensor x = leaf(device, 2, 3);
        Tensor y = x.add(x);
        Tensor doubles = Tensor.of(new double[] {1, 1});
        assertThrows(IllegalArgumentException.class, () -> y.backward(doubles));
        Tensor integers = Tensor.of(new long[] {1, 1}).to(device);
        assertThrows(IllegalArgumentException.class, () -> y.backward(integers));
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aChainOfTenThousandOperationsNeedsNoDeepStack(Device device) {
        Tensor x = leaf(device, 1);
        Tensor y = x;
        for (int i = 0; i < 10_000; i++) {
            y = i % 2 == 0 ? y.add(1) : y.mul(1);
        }
        y.backward();
        assertGrad(x, 1);
        assertEquals(5001, y.item());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void logitsAreReadableAfterBackward(Device device) {
        Tensor x = leaf(device, 1, 2);
        Tensor y = x.mul(3);
        y.sum().backward();
        assertArrayEquals(new float[] {3, 6}, y.toFloats());
    }

    @Test
    void onlyLeavesOfFloatsCanRequireGradients() {
        Tensor labels = Tensor.of(new long[] {1, 2});
        assertEquals(
                "requiresGrad: only floating-point tensors have gradients, this is int64",
                assertThrows(IllegalArgumentException.class, () -> labels.requiresGrad(true))
                        .getMessage());
        Tensor y = leaf(Device.cpu(), 1).mul(2);
        assertEquals(
                "requiresGrad: this tensor is the result of mul; only leaves can be asked,"
                        + " detach() makes one",
                assertThrows(IllegalStateException.class, () -> y.requiresGrad(false))
                        .getMessage());
    }

    @Test
    void aGradientCrossesDevices() {
        Tensor x = leaf(Device.cpu(), 2, 3);
        Tensor y = x.mul(x).to(Device.cpuScalar()).mul(2).to(Device.cpu());
        y.sum().backward();
        assertGrad(x, 8, 12);
        assertTrue(x.grad().device().sameAs(Device.cpu()));
    }

    @Test
    void twoThreadsWithGraphsOfTheirOwnDoNotDisturbEachOther() throws Exception {
        float[][] found = new float[4][];
        Thread[] threads = new Thread[found.length];
        for (int t = 0; t < threads.length; t++) {
            int number = t;
            threads[t] =
                    new Thread(
                            () -> {
                                Tensor x = leaf(Device.cpu(), 1, 2, 3);
                                for (int i = 0; i < 50; i++) {
                                    x.mul(number + 1).sum().backward();
                                }
                                found[number] = x.grad().toFloats();
                            });
            threads[t].start();
        }
        for (int t = 0; t < threads.length; t++) {
            threads[t].join();
            float g = 50f * (t + 1);
            assertArrayEquals(new float[] {g, g, g}, found[t]);
        }
    }
}
