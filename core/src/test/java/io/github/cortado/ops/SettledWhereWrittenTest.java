package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Scope;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Linear;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.util.Arrays;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What an operation means is settled in the line that it is written in, whenever it is computed.
 */
class SettledWhereWrittenTest {
    private static float[] values(int n) {
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (i * 7 % 11 - 5) / 3f;
        }
        return values;
    }

    private static Tensor tensor(int... shape) {
        return Tensor.of(values(Arrays.stream(shape).reduce(1, (a, b) -> a * b)), shape);
    }

    private static float[][] unfused(Supplier<float[][]> code) {
        try (var off = Pending.pause()) {
            return code.get();
        }
    }

    private static void assertSameAsUnfused(Supplier<float[][]> code) {
        float[][] expected = unfused(code);
        float[][] found = code.get();
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], found[i], "values " + i);
        }
    }

    @Test
    void dropoutsPlaceInItsStream() {
        assertSameAsUnfused(
                () -> {
                    Seed.manualSeed(5);
                    Dropout dropout = new Dropout(0.5);
                    Tensor first = dropout.forward(tensor(100));
                    Tensor second = dropout.forward(tensor(100));
                    float[] read = second.toFloats();
                    return new float[][] {first.toFloats(), read};
                });
    }

    @Test
    void theModeOfALayer() {
        assertSameAsUnfused(
                () -> {
                    Seed.manualSeed(5);
                    Dropout dropout = new Dropout(0.5);
                    BatchNorm2d norm = new BatchNorm2d(2);
                    Tensor x = tensor(3, 2, 4, 4);
                    Tensor dropped = dropout.forward(x);
                    Tensor trained = Functional.relu(norm.forward(x));
                    dropout.eval();
                    norm.eval();
                    Tensor whole = dropout.forward(x.mul(2));
                    Tensor evaluated = Functional.relu(norm.forward(x));
                    dropout.train();
                    norm.train();
                    return new float[][] {
                        evaluated.toFloats(),
                        whole.toFloats(),
                        trained.toFloats(),
                        dropped.toFloats()
                    };
                });
    }

    @Test
    void whetherGradientsAreRecorded() {
        Tensor w = tensor(6).requiresGrad(true);
        Tensor without;
        Tensor product;
        try (var off = Autograd.noGrad()) {
            without = Functional.relu(w.mul(2));
            product = Functional.linear(w, tensor(1, 6).requiresGrad(true), null);
        }
        assertFalse(product.requiresGrad());
        Tensor with = Functional.relu(w.mul(2));
        try (var off = Autograd.noGrad()) {
            assertArrayEquals(with.toFloats(), without.toFloats());
        }
        assertFalse(without.requiresGrad());
        assertTrue(with.requiresGrad());
        without.mul(w).sum().add(with.sum()).backward();
        float[] expected = new float[6];
        for (int i = 0; i < 6; i++) {
            float v = values(6)[i];
            expected[i] = v > 0 ? 2 * v + 2 : 0;
        }
        assertArrayEquals(expected, w.grad().toFloats());
    }

    /** A compiled step's memory is given back, as a GPU's is. */
    private static void inAStep(Runnable code) {
        Tensor any = Tensor.ones(1);
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    code.run();
                                    return any;
                                })) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
        }
    }

    @Test
    void whatIsWrittenOutsideOfAScopeOutlivesIt() {
        inAStep(
                () -> {
                    Tensor x = tensor(50).requiresGrad(true);
                    Tensor alone = x.mul(3);
                    Tensor along = Functional.relu(x.mul(2));
                    try (Scope scope = Scope.open()) {
                        alone.toFloats();
                        along.add(1).toFloats();
                    }
                    assertEquals(3 * values(50)[0], alone.toFloats()[0]);
                    assertEquals(0, along.toFloats()[0]);
                    along.sum().backward();
                    assertEquals(0, x.grad().toFloats()[0]);
                });
    }

    @Test
    void whatIsWrittenInAScopeGoesWithIt() {
        int[] runs = new int[1];
        inAStep(
                () -> {
                    Tensor x = tensor(50);
                    Tensor unread;
                    Tensor kept;
                    Tensor gone;
                    try (Scope scope = Scope.open()) {
                        Tensor inner = x.mul(2);
                        inner.toFloats();
                        gone = inner.add(1);
                        unread = x.mul(2);
                        kept = x.mul(4).keep();
                    }
                    Device.cpu().synchronize();
                    assertEquals(4 * values(50)[0], kept.toFloats()[0]);
                    // The first two runs make what lasts.
                    if (runs[0]++ >= 2) {
                        assertThrows(IllegalStateException.class, unread::toFloats);
                        assertThrows(IllegalStateException.class, gone::toFloats);
                    }
                });
    }

    @Test
    void runningStatisticsMoveThoughNobodyReadsTheResult() {
        BatchNorm2d norm = new BatchNorm2d(2);
        Tensor before = norm.stateDict().get("running_mean").mul(1);
        Tensor x = tensor(3, 2, 4, 4).add(2);
        try (var off = Autograd.noGrad()) {
            norm.forward(x);
        }
        float[] once = norm.stateDict().get("running_mean").toFloats();
        assertArrayEquals(new float[2], before.toFloats());
        assertTrue(once[0] > 0.1, once[0] + " after a batch around 2");
        norm.forward(x);
        assertTrue(norm.stateDict().get("running_mean").toFloats()[0] > 1.5 * once[0]);
        assertEquals(2, norm.stateDict().get("num_batches_tracked").toLongs()[0]);
        norm.eval();
        float[] twice = norm.stateDict().get("running_mean").toFloats();
        norm.forward(x).toFloats();
        assertArrayEquals(twice, norm.stateDict().get("running_mean").toFloats());
    }

    @Test
    void mistakesInShapesLabelsAndIndices() {
        Tensor x = Functional.relu(tensor(2, 3).mul(2));
        assertThrows(ShapeException.class, () -> x.add(tensor(4)));
        assertThrows(ShapeException.class, () -> new Linear(4, 2).forward(x));
        assertThrows(ShapeException.class, () -> new Conv2d(3, 1, 3).forward(x));
        assertThrows(
                ShapeException.class, () -> Functional.maxPool2d(tensor(1, 1, 2, 2).mul(2), 3));
        assertThrows(
                ShapeException.class,
                () -> Functional.batchNorm(x, null, null, tensor(2), null, true, 0.1, 1e-5));
        assertThrows(ShapeException.class, () -> x.narrow(0, 1, 2));
        assertThrows(IndexOutOfBoundsException.class, () -> x.get(0, 3));
        assertThrows(
                IllegalArgumentException.class,
                () -> Functional.crossEntropy(x, Tensor.of(new long[] {0, 3})));
        assertThrows(IllegalArgumentException.class, () -> x.add(Tensor.of(new long[] {0, 3, 1})));
        assertThrows(IllegalArgumentException.class, () -> Functional.dropout(x, 1.5, 1, 1, 1));
    }

    /** After it products and convolutions would be computed with other roundings. */
    @Test
    void whetherInputsAreRoundedToTf32() {
        Tensor x = tensor(2, 3);
        Tensor w = tensor(4, 3);
        Tensor unread = Functional.linear(x, w, null);
        Tensor inner = Functional.linear(x, w, null);
        Tensor outer = Functional.relu(inner);
        outer.toFloats();
        Device.cpu().allowTf32(false);
        assertNull(Internals.pending(unread));
        assertNull(Internals.pending(inner));
    }

    /** Steps of a small network, dropout on, whose values a user may look at. */
    private static float[][] train(boolean looks) {
        Seed.manualSeed(9);
        Conv2d conv = new Conv2d(1, 4, 3);
        BatchNorm2d norm = new BatchNorm2d(4);
        Dropout dropout = new Dropout(0.4);
        Linear fc = new Linear(16, 3);
        SGD sgd =
                new SGD(
                                Stream.of(conv, norm, fc)
                                        .flatMap(layer -> layer.parameters().stream())
                                        .toList(),
                                0.1)
                        .momentum(0.9);
        Tensor x = tensor(5, 1, 6, 6);
        float[][] losses = new float[4][];
        for (int i = 0; i < losses.length; i++) {
            Tensor a = look(looks, conv.forward(x));
            Tensor b = look(looks, norm.forward(a));
            Tensor c = look(looks, Functional.relu(b));
            Tensor d = look(looks, Functional.maxPool2d(c, 2).flatten(1));
            Tensor e = look(looks, dropout.forward(Functional.gelu(d)));
            e = look(looks, dropout.forward(e.add(0.1)));
            Tensor loss = look(looks, look(looks, fc.forward(e)).mul(0.5).exp().mean());
            sgd.zeroGrad();
            loss.backward();
            look(looks, conv.weight().grad());
            sgd.step();
            losses[i] = loss.toFloats();
        }
        return losses;
    }

    private static Tensor look(boolean looks, Tensor x) {
        if (looks) {
            assertNotEquals("", x.toString());
            x.detach().toFloats();
            x.keep();
            Device.cpu().synchronize();
        }
        return x;
    }

    @Test
    void printingReadingAndKeepingChangeNoLaterStep() {
        float[][] expected = train(false);
        float[][] found = train(true);
        for (int i = 0; i < expected.length; i++) {
            assertArrayEquals(expected[i], found[i], "loss of step " + i);
        }
    }

    /** Waiting for a device takes no value away that could be had before. */
    @Test
    void whoWaitsForADeviceMayReadAfterAWriteWhatWasComputedAlong() {
        Tensor x = tensor(6);
        Tensor inner = x.mul(2);
        Tensor outer = Functional.relu(inner);
        outer.toFloats();
        Device.cpu().synchronize();
        Device.cpu().nanoseconds(() -> {});
        x.fill(0);
        assertEquals(2 * values(6)[0], inner.toFloats()[0]);
    }
}
