package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Linear;
import io.github.cortado.optim.SGD;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Results that are left open are those of operations that are computed one by one. */
class PendingTest {

    @Test
    void aSumThatNobodyReadsDoesNotGrow() {
        Tensor total = Tensor.zeros(3);
        for (int i = 0; i < 100_000; i++) {
            total = total.add(1);
        }
        int waiting = 0;
        for (Pending p = Internals.pending(total);
                p != null;
                p = Internals.pending(p.inputs().get(0))) {
            waiting++;
        }
        assertTrue(waiting < 20, waiting + " results wait");
        assertArrayEquals(new float[] {100_000, 100_000, 100_000}, total.toFloats());
    }

    @Test
    void whatASumWasComputedFromIsLetGo() throws Exception {
        Tensor total = Tensor.zeros(1000);
        WeakReference<Buffer> early = new WeakReference<>(total.buffer());
        for (int i = 0; i < 100; i++) {
            total = total.add(1);
            if (i == 10) {
                early = new WeakReference<>(total.buffer());
            }
        }
        for (int i = 0; i < 100 && early.get() != null; i++) {
            System.gc();
            Thread.sleep(10);
        }
        assertNull(early.get());
        assertEquals(100, total.toFloats()[0]);
    }

    @Test
    void whatNobodyReadsIsComputedAfterSomeMore() {
        Tensor x = Tensor.ones(3);
        List<Tensor> made = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            made.add(x.mul(i));
        }
        long waiting = made.stream().filter(y -> Internals.pending(y) != null).count();
        assertTrue(waiting > 0 && waiting <= 32, waiting + " results wait");
    }

    @Test
    void whatAStepHasOverwrittenIsAnErrorAndNotAnotherValue() {
        Linear layer = new Linear(4, 3);
        SGD sgd = new SGD(layer.parameters(), 0.5);
        Tensor x = Tensor.ones(2, 4);
        Tensor before = Functional.linear(x, layer.weight().copy(), layer.bias().get().copy());
        Tensor hidden = layer.forward(x);
        Tensor read = layer.forward(x);
        float[] values = read.toFloats();
        Functional.relu(hidden).add(Functional.relu(read)).sum().backward();
        Tensor unread = layer.forward(x);
        sgd.step();
        IllegalStateException e = assertThrows(IllegalStateException.class, hidden::toFloats);
        assertTrue(e.getMessage().startsWith("linear: this result of shape [2, 3]"), e.toString());
        assertTrue(e.getMessage().contains("keep()"), e.toString());
        assertArrayEquals(before.toFloats(), values);
        assertArrayEquals(values, read.toFloats());
        assertArrayEquals(values, unread.toFloats());
    }

    @Test
    void aWriteComesAfterWhatWasWrittenBeforeIt() {
        Tensor x = Tensor.of(new float[] {1, 2});
        Tensor view = x.reshape(2, 1);
        Tensor chain = Functional.relu(x.mul(3)).add(1);
        Tensor ofView = view.mul(5);
        Tensor inner = x.add(7);
        Tensor outer = inner.mul(2);
        assertArrayEquals(new float[] {16, 18}, outer.toFloats());
        x.fill(100);
        assertArrayEquals(new float[] {4, 7}, chain.toFloats());
        assertArrayEquals(new float[] {5, 10}, ofView.toFloats());
        assertArrayEquals(new float[] {8, 9}, inner.toFloats());
        assertArrayEquals(new float[] {300, 300}, x.mul(3).toFloats());
    }

    @Test
    void aGradientIsReadBeforeItsMemoryIsWrittenAgain() {
        Linear layer = new Linear(4, 3);
        SGD sgd = new SGD(layer.parameters(), 0);
        Tensor x = Tensor.ones(2, 4);
        for (int i = 0; i < 3; i++) {
            sgd.zeroGrad();
            layer.forward(x.mul(i)).sum().backward();
            sgd.step();
        }
        Tensor unread = layer.weight().grad().mul(10);
        Tensor inner = layer.weight().grad().add(1);
        assertEquals(10, inner.mul(2).toFloats()[0]);
        sgd.zeroGrad();
        layer.forward(x.mul(7)).sum().backward();
        assertEquals(40, unread.toFloats()[0]);
        assertThrows(IllegalStateException.class, inner::toFloats);
    }

    @Test
    void whoWaitsForADeviceWaitsForWhatIsOpenToo() {
        Tensor y = Tensor.full(2, 50).mul(3);
        assertFalse(Internals.pending(y) == null);
        Device.cpu().synchronize();
        assertTrue(Internals.pending(y) == null);
        Tensor[] timed = new Tensor[1];
        Device.cpu().nanoseconds(() -> timed[0] = y.mul(3));
        assertTrue(Internals.pending(timed[0]) == null);
    }

    @Test
    void twoThreadsMayAskForOneResult() throws Exception {
        Tensor x = Tensor.full(0.5, 1000);
        for (int i = 0; i < 200; i++) {
            Tensor y = Functional.gelu(x.mul(2)).add(1);
            float[][] found = new float[2][];
            Thread[] threads = new Thread[2];
            for (int t = 0; t < 2; t++) {
                int at = t;
                threads[t] = new Thread(() -> found[at] = y.mul(at + 1).toFloats());
                threads[t].start();
            }
            for (Thread t : threads) {
                t.join();
            }
            assertEquals(2 * found[0][999], found[1][999]);
            assertEquals(found[0][999], y.toFloats()[999]);
        }
    }

    @Test
    void aCompiledStepSaysWhatItComputedInOne() {
        Conv2d conv = new Conv2d(1, 2, 3);
        Linear fc = new Linear(8, 3);
        Tensor x = Tensor.ones(2, 1, 6, 6);
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y = Functional.relu(conv.forward(x));
                                    y = Functional.maxPool2d(y, 2).flatten(1);
                                    y = Functional.relu(fc.forward(y));
                                    y.mul(2).add(1).sum().backward();
                                    return y;
                                })) {
            step.run();
            String text = step.description();
            assertTrue(text.contains("; fused: conv2d + relu + maxPool2d, "), text);
            assertTrue(text.contains("gradients of conv2d + relu + maxPool2d"), text);
            assertTrue(text.contains("linear + relu"), text);
            assertTrue(text.contains("mul + add"), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void aNormalisationTakesInTheReluBehindItAndItsGradient(String device) {
        for (boolean training : new boolean[] {true, false}) {
            assertEquals(
                    Map.of("batchNorm + relu", 1, "gradients of batchNorm + relu", 1),
                    fusedInNorm(device, training, Functional::relu));
            assertEquals(
                    Map.of("batchNorm + relu6", 1, "gradients of batchNorm + relu6", 1),
                    fusedInNorm(device, training, Functional::relu6));
            // Where its results are wanted, or the gradient of another comes in.
            assertEquals(
                    follows(device) ? Map.of("batchNorm + relu6 + exp + mul + add", 1) : Map.of(),
                    fusedInNorm(device, training, z -> Functional.relu6(z).add(z.exp().mul(0.1))));
            assertEquals(
                    Map.of(),
                    fusedInNorm(
                            device,
                            training,
                            z -> {
                                float[] read = z.toFloats();
                                return Functional.relu(z).mul(read[0]);
                            }));
        }
        assertEquals(
                Map.of("batchNorm + relu6", 1),
                Pending.fusedIn(
                        () -> {
                            try (var pause = Autograd.noGrad()) {
                                Functional.relu6(norm(device, false, new Random(1))).toFloats();
                            }
                        }));
    }

    /** A loss, a norm: what is added up is not stored, unless it is wanted. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void whatIsAddedUpIsNotStored(String device) {
        Device d = Device.of(device);
        Tensor x = Tensor.of(new float[] {1, -2, 3, 4, 5, -6}, 2, 3).to(d).requiresGrad(true);
        Tensor y = Tensor.of(new float[] {1, 1, 2}, 3).to(d);
        String squares = follows(device) ? "sub + square + sum" : "sub + square";
        Tensor loss = x.sub(y).square().sum();
        assertEquals(Map.of(squares, 1), Pending.fusedIn(loss::item));
        assertEquals(9 + 1 + 9 + 16 + 64, loss.item());
        loss.backward();
        assertArrayEquals(new float[] {0, -6, 2, 6, 8, -16}, x.grad().toFloats());
        String square = "square + sum";
        Tensor rows = x.detach().square().sum(false, 1);
        assertEquals(
                follows(device) ? Map.of(square, 1) : Map.of(), Pending.fusedIn(rows::toFloats));
        assertArrayEquals(new float[] {14, 77}, rows.toFloats());
        // Not along neighbours; and read before, or afterwards.
        assertEquals(Map.of(), Pending.fusedIn(() -> x.detach().square().sum(false, 0).toFloats()));
        Tensor read = x.detach().square();
        Tensor sum = read.sum();
        assertEquals(36, read.toFloats()[5]);
        assertEquals(Map.of(), Pending.fusedIn(() -> assertEquals(91, sum.item())));
        Tensor twice = x.detach().square();
        Tensor first = twice.sum();
        Tensor second = twice.div(2);
        assertEquals(Map.of(), Pending.fusedIn(() -> assertEquals(91, first.item())));
        assertEquals(18, second.toFloats()[5]);
    }

    private static boolean follows(String device) {
        return Device.of(device).backend().name().equals("cpu-vector");
    }

    private static Map<String, Integer> fusedInNorm(
            String device, boolean training, UnaryOperator<Tensor> f) {
        Map<String, Integer> fused =
                Pending.fusedIn(
                        () ->
                                f.apply(norm(device, training, new Random(1)))
                                        .sum(false, 0)
                                        .sum()
                                        .backward());
        // What runs as one formula is another matter.
        fused.keySet().removeIf(what -> !what.contains("batchNorm"));
        return fused;
    }

    private static Tensor norm(String device, boolean training, Random random) {
        Tensor[] t = new Tensor[5];
        for (int i = 0; i < t.length; i++) {
            int[] shape = i == 0 ? new int[] {3, 2, 5, 5} : new int[] {2};
            float[] values = new float[i == 0 ? 150 : 2];
            for (int k = 0; k < values.length; k++) {
                values[k] = 0.1f + random.nextFloat();
            }
            t[i] = Tensor.of(values, shape).to(Device.of(device)).requiresGrad(i < 3);
        }
        return Functional.batchNorm(t[0], t[3], t[4], t[1], t[2], training, 0.1, 1e-5);
    }

    /**
     * The pooling's ReLU is one that nobody stored: its convolution's weights are others by then.
     */
    @Test
    void whatWasComputedAlongFromWhatIsGoneIsAnErrorToo() {
        Conv2d conv = new Conv2d(1, 2, 3);
        BatchNorm2d norm = new BatchNorm2d(2);
        List<Tensor> parameters = new ArrayList<>(conv.parameters());
        parameters.addAll(norm.parameters());
        SGD sgd = new SGD(parameters, 0.5);
        Tensor x = Tensor.ones(2, 1, 6, 6);
        Tensor relu = Functional.relu(conv.forward(x));
        Tensor pooled = Functional.maxPool2d(relu, 2);
        Tensor normalised = norm.forward(pooled);
        Functional.relu6(normalised).sum().backward();
        sgd.step();
        assertThrows(IllegalStateException.class, normalised::toFloats);
        assertThrows(IllegalStateException.class, relu::toFloats);
    }

    @Test
    void aGradientWhoseBiasHasChangedIsAnError() {
        Tensor w = Tensor.ones(2).requiresGrad(true);
        Tensor b = Tensor.ones(2).requiresGrad(true);
        Tensor x = Tensor.of(new float[] {1, 2, 3, -4}, 2, 2).requiresGrad(true);
        Tensor y = Functional.relu6(Functional.batchNorm(x, null, null, w, b, true, 0.1, 1e-5));
        float[] values = y.toFloats();
        b.copyFrom(w);
        assertThrows(IllegalStateException.class, () -> y.sum().backward());
        assertArrayEquals(values, y.toFloats());
    }

    @Test
    void whatIsOpenBeforeACompiledStepDoesNotLieInItsMemory() {
        Tensor x = Tensor.full(2, 50);
        Tensor[] before = new Tensor[1];
        try (CompiledStep<Tensor> step =
                Device.cpu().compile(() -> before[0].max(0, false).values())) {
            for (int i = 0; i < 6; i++) {
                before[0] = x.mul(i);
                Tensor kept = before[0];
                assertEquals(2 * i, step.run().item());
                step.run();
                assertEquals(2 * i, kept.toFloats()[49]);
            }
        }
    }

    @Test
    void whatACompiledStepReturnsIsComputedInItsMemory() {
        Tensor x = Tensor.full(2, 50);
        Tensor[] returned = new Tensor[6];
        try (CompiledStep<Tensor> step = Device.cpu().compile(() -> x.mul(3))) {
            for (int i = 0; i < 6; i++) {
                returned[i] = step.run();
            }
            assertEquals(6, returned[5].toFloats()[0]);
            // What lies there is the next run's.
            assertThrows(IllegalStateException.class, returned[4]::toFloats);
        }
    }
}
