package io.github.cortado.ops;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;

/**
 * Programs of ten to thirty random {@linkplain RandomStatements statements} over a few pictures,
 * with training steps in between, all drawn from a seed. What a program shows is everything that a
 * user could see of it.
 */
final class RandomGraphs {
    private static final int KINDS = 62;
    private static final int TRAINING = 65;

    private final Random random;
    private final RandomStatements at;
    private final SGD sgd;

    /** Asked after each statement, with a value; changes nothing. */
    private final Consumer<Tensor> onlooker;

    private RandomGraphs(long seed, Device device, Consumer<Tensor> onlooker) {
        this.random = new Random(seed);
        this.at = new RandomStatements(random, device);
        this.sgd = new SGD(at.parameters, 0.05).momentum(0.5);
        this.onlooker = onlooker;
    }

    /** The program of a seed, with {@code onlooker} asked in between. */
    static Shown run(long seed, Device device, Consumer<Tensor> onlooker) {
        RandomGraphs graph = new RandomGraphs(seed, device, onlooker);
        graph.program(0);
        return graph.shown();
    }

    /** The program of a seed as a compiled step, which is run four times. */
    static Shown compiled(long seed, Device device, Consumer<Tensor> onlooker) {
        RandomGraphs graph = new RandomGraphs(seed, device, onlooker);
        graph.at.isStep = true;
        long statements = graph.random.nextLong();
        int[] run = new int[1];
        try (CompiledStep<Tensor> step =
                device.compile(
                        () -> {
                            graph.random.setSeed(statements);
                            graph.at.values.clear();
                            graph.at.leaves.clear();
                            graph.program(100 * run[0]++);
                            return graph.at.mean;
                        })) {
            for (int i = 0; i < 4; i++) {
                step.run();
            }
        }
        return graph.shown();
    }

    private Shown shown() {
        return new Shown(at.seen, at.text.toString());
    }

    private void program(int first) {
        try {
            statements(first);
        } catch (RuntimeException e) {
            throw new AssertionError("after\n" + at.text, e);
        } finally {
            at.pause(false);
        }
    }

    private void statements(int first) {
        for (int i = 0; i < 3; i++) {
            at.addLeaf();
        }
        int statements = 10 + random.nextInt(21);
        for (int i = first; i < first + statements; i++) {
            int kind = random.nextInt(TRAINING);
            try {
                if (kind < KINDS) {
                    at.run(i, kind);
                } else {
                    train(i);
                }
                onlooker.accept(at.pick(at.values));
            } catch (IllegalStateException e) {
                at.note(i + " throws", e.getMessage());
                at.seen.put(i + " throws", new double[0]);
            }
        }
        at.pause(false);
        train(first + statements);
        for (int i = 0; i < at.stale.size(); i++) {
            at.see(first + Shown.STALE + i, at.stale.get(i));
        }
        at.see(first + "mean", at.mean);
        at.see(first + "var", at.var);
        for (int i = 0; i < at.parameters.size(); i++) {
            at.see(first + "parameter " + i, at.parameters.get(i));
        }
    }

    /** A loss of some values, its gradients, and an update of the parameters. */
    private void train(int i) {
        at.note(i, "training step");
        Tensor loss = Tensor.zeros(at.device, at.dtype, Shape.of());
        for (int term = 0; term < 3; term++) {
            loss = loss.add(at.pick(at.values).mul(0.1).sum());
        }
        if (!at.halves.isEmpty()) {
            loss = loss.add(at.pick(at.halves).sum());
        }
        List<Tensor> lasting = new ArrayList<>();
        for (Tensor x : at.values) {
            if (random.nextInt(3) == 0) {
                lasting.add(x.keep());
            } else {
                at.stale.add(x);
            }
        }
        at.stale.addAll(at.halves);
        sgd.zeroGrad();
        if (loss.requiresGrad()) {
            try {
                loss.backward();
            } catch (IllegalStateException e) {
                at.note(i + " backward throws", e.getMessage());
                at.seen.put(i + " backward throws", new double[0]);
            }
        }
        at.see(i + " loss", loss);
        seeGradients(i, at.leaves);
        seeGradients(i, at.parameters);
        sgd.step();
        at.values.clear();
        at.halves.clear();
        lasting.forEach(x -> at.values.add(x.detach()));
        at.addLeaf();
    }

    private void seeGradients(int i, List<Tensor> some) {
        for (int k = 0; k < some.size(); k++) {
            Tensor gradient = some.get(k).grad();
            if (gradient != null) {
                at.see(i + " gradient " + some.get(k).shape() + k, gradient);
                onlooker.accept(gradient);
            }
        }
    }
}
