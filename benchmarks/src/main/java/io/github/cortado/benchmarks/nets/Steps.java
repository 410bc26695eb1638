package io.github.cortado.benchmarks.nets;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Layer;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.random.Seed;

/**
 * The steps of a network, on one and the same batch unless another is given. One of training is
 * forward, cross-entropy, backward, the optimizer, and reading the loss; one of inference forward
 * alone, in evaluation mode and without gradients, and reading the first logit.
 */
public final class Steps {
    private final Layer model;
    private final Optimizer optimizer;
    private final Tensor x;
    private final Tensor y;
    private final boolean infer;
    private final CompiledStep<Tensor> compiled;

    /** On random examples that are kept on the model's device. */
    public Steps(Network net, Device device, int batch, boolean infer) {
        this(net, model(net, device), net.examples(batch), net.randomLabels(batch), infer);
    }

    /** On these examples, of a model that is on their device or will be where they are moved to. */
    Steps(Network net, Layer model, Tensor x, Tensor y, boolean infer) {
        this.model = model;
        this.infer = infer;
        Device device = model.parameters().get(0).device();
        this.x = x.to(device).keep();
        this.y = y.to(device).keep();
        model.train(!infer);
        optimizer = net.optimizer(model);
        compiled = device.compile(this::written);
    }

    /** Takes the next steps on this batch, of the same shape. */
    void give(Tensor examples, Tensor labels) {
        x.copyFrom(examples);
        y.copyFrom(labels);
    }

    private static Layer model(Network net, Device device) {
        Seed.manualSeed(0);
        return net.model().to(device);
    }

    private Tensor written() {
        if (infer) {
            try (var pause = Autograd.noGrad()) {
                return model.forward(x);
            }
        }
        Tensor loss = loss(model.forward(x));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss.detach();
    }

    /** Of logits for each of a batch, for each pixel of it, or for each symbol of its sequences. */
    private Tensor loss(Tensor logits) {
        return logits.shape().rank() == 3
                ? crossEntropy(logits.reshape(-1, logits.dim(2)), y.reshape(-1))
                : crossEntropy(logits, y);
    }

    /** Takes a step as a device compiles it; returns its loss or first logit. */
    public double compiled() {
        return read(compiled.run());
    }

    /** Takes a step as it is written; returns its loss or first logit. */
    public double eager() {
        return read(written());
    }

    private double read(Tensor result) {
        return infer ? result.get(new int[result.shape().rank()]) : result.item();
    }

    /** How a compiled step runs, in one line. */
    public String description() {
        return compiled.description();
    }

    /** Numbers that training changes. */
    public int parameters() {
        return model.parameters().stream().mapToInt(Tensor::size).sum();
    }
}
