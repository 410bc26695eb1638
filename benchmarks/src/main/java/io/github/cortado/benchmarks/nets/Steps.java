package io.github.cortado.benchmarks.nets;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Layer;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.random.Seed;
import java.util.SplittableRandom;

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

    /** On random pictures that are kept on the model's device. */
    public Steps(Network net, Device device, int batch, boolean infer) {
        this(net, model(net, device), pictures(net, batch), labels(batch), infer);
    }

    /** On these pictures, of a model that is on their device or will be where they are moved to. */
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
    void give(Tensor pictures, Tensor labels) {
        x.copyFrom(pictures);
        y.copyFrom(labels);
    }

    private static Layer model(Network net, Device device) {
        Seed.manualSeed(0);
        return net.model().to(device);
    }

    private static Tensor pictures(Network net, int batch) {
        SplittableRandom random = new SplittableRandom(0);
        float[] pixels = new float[net.input(batch).size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) (2 * random.nextDouble() - 1);
        }
        return Tensor.of(pixels, net.input(batch));
    }

    private static Tensor labels(int batch) {
        return Tensor.of(new SplittableRandom(1).longs(batch, 0, Network.CLASSES).toArray(), batch);
    }

    private Tensor written() {
        if (infer) {
            try (var pause = Autograd.noGrad()) {
                return model.forward(x);
            }
        }
        Tensor loss = crossEntropy(model.forward(x), y);
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
        return loss.detach();
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
        return infer ? result.get(0, 0) : result.item();
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
