package io.github.cortado.benchmarks;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.models.LeNet;
import io.github.cortado.nn.Init;
import io.github.cortado.random.Seed;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What the benchmarks of a device have in common; the figure is microseconds a call. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(value = 1, jvmArgsAppend = DeviceBenchmark.VECTOR_FLAG)
public abstract class DeviceBenchmark {
    static final String VECTOR_FLAG = "--add-modules=jdk.incubator.vector";

    /** Name of the device. */
    @Param({"cpu", "cpu-scalar"})
    public String device = "";

    /** The device. */
    final Device device() {
        return Device.of(device);
    }

    /** Lets no work of one iteration run into the next, where the device computes behind us. */
    @TearDown(Level.Iteration)
    public void finish() {
        device().synchronize();
    }

    /** Zeros on the device. */
    final Tensor zeros(int... shape) {
        return Tensor.zeros(device(), DType.FLOAT32, Shape.of(shape));
    }

    /** Numbers between -1 and 1 on the device. */
    final Tensor random(int... shape) {
        return Init.uniform(zeros(shape), -1, 1, Seed.nextParameter());
    }

    /** Class labels on the device. */
    final Tensor labels(int n) {
        long[] y = new long[n];
        for (int i = 0; i < n; i++) {
            y[i] = i * 7L % LeNet.CLASSES;
        }
        return Tensor.of(y, n).to(device());
    }
}
