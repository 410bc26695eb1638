package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.Optimizer;
import java.util.Map;
import java.util.Optional;

/** The reference program's: cross-entropy, and Adam with one learning rate. */
final class PlainCourse implements Course {
    private final Classifier model;
    private final double lr;
    private final Adam optimizer;

    PlainCourse(Classifier model, double lr) {
        this.model = model;
        this.lr = lr;
        this.optimizer = new Adam(model.parameters(), lr);
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
        return crossEntropy(logits, labels);
    }

    @Override
    public Optional<String> obstacleToRecording() {
        return Optional.empty();
    }

    @Override
    public void update() {
        optimizer.step();
    }

    @Override
    public void stepped() {}

    @Override
    public void swap() {}

    @Override
    public Block state() {
        return model;
    }

    @Override
    public Map<String, String> words() {
        return Map.of();
    }

    @Override
    public void restore(Map<String, String> words) {}
}
