package io.github.cortado.backend.cpu;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
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
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

class StepMemoryTest {
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
            assertTrue(taken.matches(".* in [2-9],[0-9]{3},[0-9]{3} bytes"), taken);
            for (int i = 0; i < 4; i++) {
                step.run();
            }
            assertEquals(taken, step.description());
        }
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
