package io.github.cortado.examples.text;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.GPT;
import io.github.cortado.nn.Gradients;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.LambdaLR;
import io.github.cortado.optim.ParameterGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Trains a model to say what follows each character. AdamW, weights decay and biases do not; the
 * learning rate goes up in a line and down by half a cosine to a tenth; gradients have a norm of 1
 * at most.
 */
final class GptTraining implements AutoCloseable {
    static final double DECAY = 0.1;
    static final double LARGEST_NORM = 1;

    /** The share of the greatest learning rate that is left at the end. */
    private static final double REST = 0.1;

    private final GPT model;
    private final Settings settings;
    private final Stretches text;
    private final Device device;
    private final AdamW optimizer;
    private final LambdaLR schedule;
    private final CompiledStep<Tensor> step;
    private final Tensor x;
    private final Tensor y;
    private int done;

    /**
     * How to train.
     *
     * @param steps of the whole training
     * @param warmUp steps in which the learning rate rises
     */
    record Settings(int steps, int warmUp, int batch, double lr, long seed) {
        /** The learning rate of a step from 0 on, as a share of the greatest. */
        double share(int step) {
            if (step < warmUp) {
                return (step + 1.0) / warmUp;
            }
            double way = (double) (step - warmUp) / Math.max(1, steps - warmUp);
            return REST + (1 - REST) * (1 + StrictMath.cos(Math.PI * Math.min(1, way))) / 2;
        }
    }

    GptTraining(GPT model, Settings settings, Stretches text, Device device) {
        this.model = model;
        this.settings = settings;
        this.text = text;
        this.device = device;
        List<Tensor> all = model.parameters();
        optimizer =
                new AdamW(
                        settings.lr,
                        new ParameterGroup(all.stream().filter(p -> p.shape().rank() > 1).toList())
                                .weightDecay(DECAY),
                        new ParameterGroup(all.stream().filter(p -> p.shape().rank() == 1).toList())
                                .weightDecay(0));
        schedule = new LambdaLR(optimizer, settings::share);
        long[] zeros = new long[settings.batch];
        x = text.at(zeros).to(device).keep();
        y = text.behind(zeros).to(device).keep();
        step = device.compile(this::step);
    }

    /** Where the stretches of a step begin. */
    long[] starts(int step) {
        return text.starts(settings.seed, step, settings.batch);
    }

    /**
     * Writes all that another program needs to take the same steps: the weights as they are, where
     * the stretches of each step begin, and the learning rates.
     */
    void export(Path file, int context, int layers, int heads, double dropout) throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.stateDict().forEach((name, t) -> tensors.put("model." + name, t));
        int batch = settings.batch;
        long[] starts = new long[settings.steps * batch];
        double[] rates = new double[settings.steps];
        for (int step = 0; step < settings.steps; step++) {
            System.arraycopy(starts(step), 0, starts, step * batch, batch);
            rates[step] = settings.lr * settings.share(step);
        }
        tensors.put("starts", Tensor.of(starts, settings.steps, batch));
        tensors.put("rates", Tensor.of(rates, settings.steps));
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("context", Integer.toString(context));
        metadata.put("layers", Integer.toString(layers));
        metadata.put("heads", Integer.toString(heads));
        metadata.put("dropout", Double.toString(dropout));
        metadata.put("decay", Double.toString(DECAY));
        metadata.put("largest_norm", Double.toString(LARGEST_NORM));
        SafeTensors.save(file, tensors, metadata);
    }

    /** Takes the next step, and returns the loss before it. */
    double next() {
        long[] starts = starts(done);
        x.copyFrom(text.at(starts));
        y.copyFrom(text.behind(starts));
        model.train();
        double loss = step.run().item();
        schedule.step();
        done++;
        return loss;
    }

    private Tensor step() {
        Tensor loss = loss(x, y);
        optimizer.zeroGrad();
        loss.backward();
        Gradients.clipNorm(model.parameters(), LARGEST_NORM);
        optimizer.step();
        return loss;
    }

    private Tensor loss(Tensor from, Tensor to) {
        Tensor logits = model.forward(from);
        return crossEntropy(logits.reshape(-1, logits.dim(2)), to.reshape(-1));
    }

    /** The mean loss over another text, without dropout. */
    double lossOf(Stretches other) {
        model.eval();
        long[] starts = other.allStarts();
        double sum = 0;
        try (var pause = Autograd.noGrad()) {
            for (int from = 0; from < starts.length; from += settings.batch) {
                int to = Math.min(starts.length, from + settings.batch);
                long[] some = Arrays.copyOfRange(starts, from, to);
                Tensor loss = loss(other.at(some).to(device), other.behind(some).to(device));
                sum += loss.item() * some.length;
            }
        }
        return sum / starts.length;
    }

    @Override
    public void close() {
        step.close();
    }
}
