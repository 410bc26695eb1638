package io.github.cortado.benchmarks;

import io.github.cortado.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** Products of two square matrices; 2 size^3 operations a call. */
public class GemmBenchmark extends DeviceBenchmark {
    /** Rows and columns. */
    @Param({"512", "1024", "2048"})
    public int size;

    private Tensor a = Tensor.zeros();
    private Tensor b = Tensor.zeros();

    /** Makes the matrices. */
    @Setup
    public void prepare() {
        a = random(size, size);
        b = random(size, size);
    }

    /** y = a b. */
    @Benchmark
    public Tensor matmul() {
        return a.matmul(b);
    }
}
