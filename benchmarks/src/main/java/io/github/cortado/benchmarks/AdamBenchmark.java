package io.github.cortado.benchmarks;

import io.github.cortado.models.LeNet;
import io.github.cortado.optim.Adam;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Setup;

/** One step of Adam on LeNet's 541,094 parameters. */
public class AdamBenchmark extends DeviceBenchmark {
    private final LeNet model = new LeNet();
    private final Adam optimizer = new Adam(model.parameters());

    /** Makes the parameters and their gradients. */
    @Setup
    public void prepare() {
        model.to(device());
        model.parameters().forEach(w -> w.grad(random(w.shape().dims())));
    }

    /** Moves every parameter. */
    @Benchmark
    public void step() {
        optimizer.step();
    }
}
