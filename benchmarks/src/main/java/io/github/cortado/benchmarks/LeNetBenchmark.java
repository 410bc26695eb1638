package io.github.cortado.benchmarks;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.CompiledStep;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** LeNet on one batch: the whole training step, and the forward pass as in evaluation. */
public class LeNetBenchmark extends DeviceBenchmark {
    /** Pictures. */
    @Param("100")
    public int batch;

    /** How it runs: as it is written, or as {@link io.github.cortado.Device#compile} makes it. */
    @Param({"compiled", "eager"})
    public String mode = "";

    private final LeNet model = new LeNet();
    private final Adam optimizer = new Adam(model.parameters());
    private Tensor x = Tensor.zeros();
    private Tensor y = x;
    private @Nullable CompiledStep<Tensor> training;
    private @Nullable CompiledStep<Tensor> inference;

    /** Moves the model to the device and makes the batch. */
    @Setup
    public void prepare() {
        model.to(device());
        x = random(batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE).keep();
        y = labels(batch).keep();
        training = device().compile(this::train);
        inference = device().compile(this::infer);
    }

    /** Forward with dropout, cross-entropy, backward, Adam. */
    @Benchmark
    public Tensor trainingStep() {
        model.train();
        return run(training);
    }

    /** Forward alone, without dropout and gradients. */
    @Benchmark
    public Tensor inference() {
        model.eval();
        return run(inference);
    }

    private Tensor run(@Nullable CompiledStep<Tensor> step) {
        CompiledStep<Tensor> s = Objects.requireNonNull(step);
        return mode.equals("eager") ? s.runEagerly() : s.run();
    }

    private Tensor train() {
        optimizer.zeroGrad();
        Tensor loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        return loss;
    }

    private Tensor infer() {
        try (var pause = Autograd.noGrad()) {
            return model.forward(x);
        }
    }
}
