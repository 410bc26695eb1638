package io.github.cortado.benchmarks;

import static io.github.cortado.nn.Functional.crossEntropy;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.optim.Adam;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** LeNet on one batch: the whole training step, and the forward pass as in evaluation. */
public class LeNetBenchmark extends DeviceBenchmark {
    /** Pictures. */
    @Param("100")
    public int batch;

    private final LeNet model = new LeNet();
    private final Adam optimizer = new Adam(model.parameters());
    private Tensor x = Tensor.zeros();
    private Tensor y = x;

    /** Moves the model to the device and makes the batch. */
    @Setup
    public void prepare() {
        model.to(device());
        x = random(batch, LeNet.CHANNELS, LeNet.SIDE, LeNet.SIDE);
        y = labels(batch);
    }

    /** Forward with dropout, cross-entropy, backward, Adam. */
    @Benchmark
    public Tensor trainingStep() {
        model.train();
        optimizer.zeroGrad();
        Tensor loss = crossEntropy(model.forward(x), y);
        loss.backward();
        optimizer.step();
        return loss;
    }

    /** Forward alone, without dropout and gradients. */
    @Benchmark
    public Tensor inference() {
        model.eval();
        try (var pause = Autograd.noGrad()) {
            return model.forward(x);
        }
    }
}
