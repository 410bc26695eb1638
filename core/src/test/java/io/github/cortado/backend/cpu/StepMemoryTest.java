package io.github.cortado.backend.cpu;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.MaxPool2d;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;

public class StepMemoryTest {
    private final Tensor x = Tensor.of(RandomValues.random(16 * 3 * 16 * 16, 1), 16, 3, 16, 16);
    private final Tensor labels =
            Tensor.of(new long[] {0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0});

    private static Sequential model() {
        Seed.manualSeed(3);
        return new Sequential(
                new Conv2d(3, 16, 3).padding(1),
                new BatchNorm2d(16),
                new ReLU(),
                new MaxPool2d(2),
                new Conv2d(16, 32, 3).padding(1),
                new ReLU(),
                new MaxPool2d(2),
                new Flatten(),
                new Dropout(0.5),
                new Linear(512, 5));
    }

    private Supplier<Tensor> training(Sequential model) {
        Adam adam = new Adam(model.parameters(), 1e-3);
        return () -> {
            adam.zeroGrad();
            Tensor loss = crossEntropy(model.forward(x), labels);
            loss.backward();
            adam.step();
            return loss;
        };
    }

    @Test
    void theSameBitsAsWithoutIt() {
        Supplier<Tensor> plain = training(model());
        List<Float> expected = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            expected.add((float) plain.get().item());
        }
        List<Float> actual = new ArrayList<>();
        try (CompiledStep<Tensor> step = Device.cpu().compile(training(model()))) {
            for (int i = 0; i < 8; i++) {
                actual.add((float) (i == 5 ? step.runEagerly() : step.run()).item());
            }
            assertTrue(step.description().contains("again and again in"), step.description());
        }
        assertEquals(expected, actual);
    }

    @Test
    void aRunTakesNothingThatTheOneBeforeItDidNotTake() {
        try (CompiledStep<Tensor> step = Device.cpu().compile(training(model()))) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            String taken = step.description();
            // The outputs of the first convolution alone take 262,144 bytes.
            assertTrue(taken.matches(".* in [1-9],[0-9]{3},[0-9]{3} bytes;.*"), taken);
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            assertEquals(taken, step.description());
        }
    }

    @Test
    void everNewShapesTakeNoMoreThanTheFirstEightAndTheLogSaysSoOnce() {
        List<String> log = new ArrayList<>();
        Logger logger = Logger.getLogger("io.github.cortado");
        Handler handler = handler(log);
        logger.addHandler(handler);
        Tensor[] input = {x};
        try (CompiledStep<Tensor> step = Device.cpu().compile(() -> input[0].mul(3).add(1))) {
            String frozen = "";
            for (int n = 1; n <= 40; n++) {
                input[0] = Tensor.full(n, n);
                assertArrayEquals(new float[] {3 * n + 1}, step.run().narrow(0, 0, 1).toFloats());
                frozen = n == 10 ? step.description() : frozen;
            }
            // The first two runs are not counted; an array of 3 to 10 floats is kept, for what
            // comes before the sum is never stored.
            assertTrue(frozen.startsWith("runs as it is written, again and again in 208 bytes;"));
            assertEquals(
                    frozen.replace(" bytes;", " bytes, new shapes apart;"), step.description());
            Tensor eager = step.run();
            step.run();
            assertEquals(121, eager.narrow(0, 0, 1).item(), "no memory of the step");
            input[0] = Tensor.full(7, 7);
            Tensor again = step.run();
            assertEquals(22, again.narrow(0, 0, 1).item());
            step.run();
            assertThrows(IllegalStateException.class, again::toFloats);
        } finally {
            logger.removeHandler(handler);
        }
        assertEquals(
                List.of(
                        "A compiled step got its shape number 9, where a float32 tensor has 11"
                                + " elements. Shapes are frozen after 8: the new ones run without"
                                + " memory of their own, as runEagerly() does. Batches of a few"
                                + " sizes avoid it."),
                log);
    }

    @Test
    void aSmallerLastBatchOfEveryEpochHasArraysOfItsOwn() {
        Tensor[] input = {x};
        try (CompiledStep<Tensor> step = Device.cpu().compile(() -> input[0].mul(3).sum())) {
            String taken = "";
            for (int epoch = 0; epoch < 20; epoch++) {
                for (int batch = 0; batch < 3; batch++) {
                    input[0] = batch < 2 ? x : x.narrow(0, 0, 5);
                    step.run();
                }
                taken = epoch == 1 ? step.description() : taken;
            }
            assertEquals(taken, step.description());
        }
    }

    @Test
    void keptTensorsDoNotCountAsTheStepsMemory() {
        try (CompiledStep<Tensor> step = Device.cpu().compile(() -> x.add(1).keep())) {
            for (int i = 0; i < 10; i++) {
                step.run();
            }
            String most = String.format(Locale.ROOT, " in %,d bytes", 4 * x.size());
            assertTrue(step.description().endsWith(most), step.description());
        }
    }

    @Test
    void gradientsOnTheirWayGoBackAtOnce() {
        Tensor leaf = x.copy().requiresGrad(true);
        SGD sgd = new SGD(List.of(leaf), 0.5);
        sgd.step();
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y = leaf;
                                    for (int i = 0; i < 20; i++) {
                                        y = y.exp().log();
                                    }
                                    sgd.zeroGrad();
                                    y.backward(x);
                                    return y;
                                })) {
            for (int i = 0; i < 5; i++) {
                step.run();
            }
            // 20 exponentials, which gradients read, the ends of chains, and gradients in turn; the
            // last one is computed to where the optimizer keeps it.
            String most = String.format(Locale.ROOT, " in %,d bytes;", 25 * 4 * x.size());
            assertTrue(step.description().contains(most), step.description());
        }
    }

    @Test
    void aTensorTooLargeForTheHeapSaysHowMuchItTakesAndWhatSetsIt() {
        int length = (int) Math.min(Integer.MAX_VALUE - 64, Runtime.getRuntime().maxMemory() / 8);
        OutOfMemoryError e =
                assertThrows(
                        OutOfMemoryError.class, () -> HostBuffer.allocate(DType.FLOAT64, length));
        assertTrue(
                e.getMessage()
                        .matches(
                                "a tensor of \\d+ float64 values: \\d+ MiB are needed, and the heap has"
                                        + " \\d+ MiB in all; java -Xmx\\d+m would give it enough"),
                e::getMessage);
    }

    private static Handler handler(List<String> log) {
        return new Handler() {
            @Override
            public void publish(LogRecord line) {
                log.add(line.getMessage());
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
    }

    @Test
    void whatWasMadeInARunIsThereUntilTheNextOneAndLongerIfKept() {
        List<Tensor> made = new ArrayList<>();
        Tensor a = Tensor.of(new float[] {1, 2, 3});
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y = a.mul(made.size());
                                    made.add(y);
                                    made.add(a.add(made.size()).keep());
                                    made.add(y.reshape(3, 1));
                                    return y;
                                })) {
            step.run();
            step.run();
            Tensor last = step.run();
            assertArrayEquals(new float[] {6, 12, 18}, last.toFloats());
            step.run();
        }
        assertArrayEquals(new float[] {3, 6, 9}, made.get(3).toFloats());
        assertArrayEquals(new float[] {8, 9, 10}, made.get(7).toFloats());
        String message =
                assertThrows(IllegalStateException.class, () -> made.get(6).toFloats())
                        .getMessage();
        assertEquals(
                "the memory of this float32 tensor of 3 elements is gone: it was made in a run of a"
                        + " compiled step, and the next run has begun; call keep() on it before",
                message);
        assertThrows(IllegalStateException.class, () -> made.get(8).add(1));
        message =
                assertThrows(IllegalStateException.class, () -> made.get(9).toFloats())
                        .getMessage();
        assertTrue(message.contains("closed"), message);
    }

    @Test
    void gradientsAndStateLastFromRunToRun() {
        Tensor w = Tensor.of(new float[] {1, -2}).requiresGrad(true);
        SGD sgd = new SGD(List.of(w), 0.5).momentum(0.5);
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor loss = w.mul(w).sum();
                                    loss.backward();
                                    sgd.step();
                                    return loss;
                                })) {
            for (int i = 0; i < 5; i++) {
                step.run();
                // Gradients add up, since nobody drops them.
                assertEquals(2, w.grad().size());
            }
        }
        Tensor v = Tensor.of(new float[] {1, -2}).requiresGrad(true);
        SGD plain = new SGD(List.of(v), 0.5).momentum(0.5);
        for (int i = 0; i < 5; i++) {
            v.mul(v).sum().backward();
            plain.step();
        }
        assertArrayEquals(v.toFloats(), w.toFloats());
        assertArrayEquals(v.grad().toFloats(), w.grad().toFloats());
    }

    @Test
    void aStepThatThrowsLeavesNothingBehind() {
        int[] runs = {0};
        try (CompiledStep<Tensor> step =
                Device.cpu()
                        .compile(
                                () -> {
                                    Tensor y = x.add(1);
                                    if (runs[0]++ == 3) {
                                        throw new ArithmeticException("here");
                                    }
                                    return y.sum();
                                })) {
            for (int i = 0; i < 3; i++) {
                step.run();
            }
            assertThrows(ArithmeticException.class, step::run);
            Tensor after = x.add(1);
            double sum = step.run().item();
            step.run();
            assertEquals(after.sum().item(), sum);
        }
    }

    @Test
    void stepsDoNotNestAndDoNotRunOnceClosed() {
        CompiledStep<Tensor> inner = Device.cpu().compile(() -> x.add(1));
        CompiledStep<Tensor> outer = Device.cpu().compile(inner::run);
        outer.run();
        outer.run();
        assertThrows(IllegalStateException.class, outer::run);
        inner.close();
        assertThrows(IllegalStateException.class, inner::run);
    }
}
