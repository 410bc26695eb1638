package io.github.cortado.optim;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Reduction;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Supplier;

/** Optimizers, schedulers, averages and losses of classes in steps compiled and not: same bits. */
public final class CompiledTraining {
    private static final int STEPS = 9;

    /** From weights and biases to an optimizer. */
    private static final Map<String, BiFunction<ParameterGroup, ParameterGroup, Optimizer>> ALL =
            new LinkedHashMap<>();

    static {
        ALL.put("SGD", (w, b) -> new SGD(0.1, w.momentum(0.5), b.lr(0.01).momentum(0.3)));
        ALL.put("Adam", (w, b) -> new Adam(0.1, w.weightDecay(0.1), b.lr(0.01)).amsgrad());
        ALL.put("NAdam", (w, b) -> new NAdam(0.1, w, b.lr(0.01)));
        ALL.put("ASGD", (w, b) -> new ASGD(0.1, w, b.lr(0.01)).t0(3));
        ALL.put("RAdam", (w, b) -> new RAdam(0.1, w.betas(0.9, 0.95), b.lr(0.01)));
        ALL.put("RMSprop", (w, b) -> new RMSprop(0.1, w, b.lr(0.01)).momentum(0.4).centered());
    }

    private CompiledTraining() {}

    /**
     * Passes if a device trains the same weights in both ways.
     *
     * @throws AssertionError if it does not
     */
    public static void check(Device device) {
        ALL.forEach(
                (name, make) -> {
                    List<float[]> expected = run(device, make, false);
                    List<float[]> found = run(device, make, true);
                    for (int i = 0; i < expected.size(); i++) {
                        assertArrayEquals(expected.get(i), found.get(i), name + ", " + i);
                        for (float x : found.get(i)) {
                            assertTrue(Float.isFinite(x), name);
                        }
                    }
                    float first = expected.get(0)[0];
                    assertTrue(expected.get(STEPS - 1)[0] < first, () -> name + ": " + first);
                });
    }

    /** The loss of each step, then the weights and their averages. */
    private static List<float[]> run(
            Device device,
            BiFunction<ParameterGroup, ParameterGroup, Optimizer> make,
            boolean compiled) {
        Tensor x = uniform(device, 1, 6, 2, 5);
        Tensor w = uniform(device, 2, 5, 4).requiresGrad(true);
        Tensor b = uniform(device, 3, 4).requiresGrad(true);
        List<Tensor> weights = List.of(w);
        Optimizer optimizer =
                make.apply(new ParameterGroup(weights), new ParameterGroup(List.of(b)));
        boolean hasMomentum = !(optimizer instanceof ASGD);
        OneCycleLR cycle =
                new OneCycleLR(optimizer, new double[] {0.1, 0.02}, STEPS, hasMomentum)
                        .momentums(0.4, 0.8);
        WeightAverage average = WeightAverage.exponential(List.of(w, b), 0.7);
        Tensor labels = Tensor.of(new long[] {1, 1, 3, 2, 0, 0}, 2, 3).to(device);
        Tensor frames = Tensor.of(new long[] {6, 5}).to(device);
        Tensor lengths = Tensor.of(new long[] {3, 1}).to(device);
        Tensor target = Tensor.of(new long[] {2, -100}).to(device);
        Tensor classes = Tensor.of(new long[] {3, 1}).to(device);
        Tensor byClass = Tensor.of(new float[] {1, 2, 0.5f, 1}).to(device);
        Supplier<Tensor> step =
                () -> {
                    optimizer.zeroGrad();
                    Tensor y = x.matmul(w).add(b);
                    Tensor loss =
                            Functional.ctcLoss(y.logSoftmax(2), labels, frames, lengths)
                                    .add(last(y, target, byClass))
                                    .add(
                                            Functional.multiMarginLoss(
                                                    y.narrow(0, 0, 1).squeeze(0), classes));
                    loss.backward();
                    optimizer.step();
                    average.update();
                    return loss;
                };
        List<float[]> all = new ArrayList<>();
        if (compiled) {
            try (CompiledStep<Tensor> recorded = device.compile(step)) {
                for (int i = 0; i < STEPS; i++) {
                    all.add(recorded.run().toFloats());
                    cycle.step();
                }
            }
        } else {
            for (int i = 0; i < STEPS; i++) {
                all.add(step.get().toFloats());
                cycle.step();
            }
        }
        all.add(w.toFloats());
        all.add(b.toFloats());
        average.averages().forEach(a -> all.add(a.toFloats()));
        return all;
    }

    private static Tensor last(Tensor y, Tensor target, Tensor byClass) {
        Tensor at = y.narrow(0, 5, 1).squeeze(0);
        return Functional.crossEntropy(at, target, byClass, Reduction.MEAN, -100, 0.1);
    }

    private static Tensor uniform(Device device, int stream, int... shape) {
        float[] v = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
        Streams.general(8, stream).uniforms(0, -1, 1, v, 0, v.length);
        return Tensor.of(v, shape).to(device).copy();
    }
}
