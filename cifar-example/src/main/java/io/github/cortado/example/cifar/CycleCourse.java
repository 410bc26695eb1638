package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Reduction;
import io.github.cortado.optim.OneCycleLR;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.ParameterGroup;
import io.github.cortado.optim.SGD;
import io.github.cortado.optim.WeightAverage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What public speed-runs of CIFAR-10 train with: label smoothing; Nesterov momentum and weight
 * decay, with a far greater learning rate for biases, whose normalisations have no scale to train
 * (Jordan, 94 % on CIFAR-10 in 3.29 seconds on a single GPU, arXiv 2404.00498); one cycle of the
 * learning rate, up and down in lines; and averaged weights to predict with, running statistics
 * likewise.
 */
final class CycleCourse implements Course {
    private static final double SMOOTHING = 0.2;
    private static final double MOMENTUM = 0.85;
    private static final double DECAY = 1.33e-3;

    /** A bias learns so many times as fast, and decays as much a step as weights do. */
    private static final double BIAS = 64;

    /** The share of the steps in which the learning rate goes up. */
    private static final double RISING = 0.23;

    /** What the greatest learning rate is divided by for the first one, and this for the last. */
    private static final double FIRST = 5;

    private static final double LAST = 5;

    /** Of the average, after each step. */
    private static final double KEPT = 0.99;

    private static final long IGNORED_LABEL = -100;
    private static final String AVERAGED = "averaged";
    private static final String SCHEDULE = "schedule.";

    private final double lr;
    private final int steps;
    private final SGD optimizer;
    private final OneCycleLR schedule;
    private final WeightAverage average;
    private final State state;
    private int done;

    /** For a training of so many steps. */
    CycleCourse(Classifier model, double lr, int steps) {
        this.lr = lr;
        this.steps = steps;
        List<Tensor> biases = new ArrayList<>();
        List<Tensor> weights = new ArrayList<>();
        model.namedParameters()
                .forEach(
                        (name, p) -> {
                            if (p.requiresGrad()) {
                                (name.endsWith("bias") ? biases : weights).add(p);
                            }
                        });
        optimizer =
                new SGD(
                                lr,
                                new ParameterGroup(weights).weightDecay(DECAY),
                                new ParameterGroup(biases).lr(BIAS * lr).weightDecay(DECAY / BIAS))
                        .momentum(MOMENTUM)
                        .nesterov();
        schedule =
                new OneCycleLR(optimizer, new double[] {lr, BIAS * lr}, steps, false)
                        .pctStart(RISING)
                        .linear()
                        .divFactors(FIRST, LAST);
        average =
                WeightAverage.exponential(
                        model.stateDict().values().stream()
                                .filter(t -> t.dtype().isFloat())
                                .toList(),
                        KEPT);
        state = new State(model, average);
    }

    /** The same in words. */
    static String description(double lr) {
        return String.format(
                Locale.ROOT,
                "SGD with Nesterov momentum %s and weight decay %s, one cycle of the learning rate"
                        + " up to %s (biases: %s times that), label smoothing %s, averaged weights"
                        + " (%s kept)",
                MOMENTUM,
                DECAY,
                lr,
                BIAS,
                SMOOTHING,
                KEPT);
    }

    /** The network and the averages, under names of their own. */
    private static final class State extends Block {
        State(Classifier model, WeightAverage average) {
            add("network", model);
            List<Tensor> averages = average.averages();
            for (int i = 0; i < averages.size(); i++) {
                buffer("average" + i, averages.get(i));
            }
        }
    }

    @Override
    public Optimizer optimizer() {
        return optimizer;
    }

    @Override
    public double lr() {
        return lr;
    }

    @Override
    public Tensor loss(Tensor logits, Tensor labels) {
        return crossEntropy(logits, labels, Reduction.MEAN, IGNORED_LABEL, SMOOTHING);
    }

    @Override
    public Optional<String> obstacleToRecording() {
        return Optional.of("losses with label smoothing are not counted on the device");
    }

    @Override
    public void update() {
        optimizer.step();
        average.update();
    }

    @Override
    public void stepped() {
        done++;
        if (done < steps) {
            schedule.step();
        }
    }

    @Override
    public void swap() {
        average.swap();
    }

    @Override
    public Block state() {
        return state;
    }

    @Override
    public Map<String, String> words() {
        Map<String, String> words = new LinkedHashMap<>();
        words.put(AVERAGED, Long.toString(average.updates()));
        schedule.state().forEach((name, value) -> words.put(SCHEDULE + name, value));
        return words;
    }

    @Override
    public void restore(Map<String, String> words) {
        long updates = number(words.getOrDefault(AVERAGED, ""));
        Map<String, Tensor> averages = new LinkedHashMap<>();
        average.stateTensors().forEach((name, t) -> averages.put(name, t.copy()));
        average.loadState(averages, updates);
        Map<String, String> own = new LinkedHashMap<>();
        words.forEach(
                (name, value) -> {
                    if (name.startsWith(SCHEDULE)) {
                        own.put(name.substring(SCHEDULE.length()), value);
                    }
                });
        schedule.loadState(own);
        done = (int) updates;
    }

    private long number(String text) {
        try {
            long number = Long.parseLong(text);
            if (number >= 0 && number <= steps) {
                return number;
            }
        } catch (NumberFormatException e) {
            // The same mistake as a number out of range.
        }
        throw new IllegalArgumentException(
                "the number of averaged steps is '" + text + "', expected 0 to " + steps);
    }
}
