package io.github.cortado.benchmarks;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/** LeNet's three 2x2 max-poolings, alone and with the ReLU before, through the seam. */
public class PoolingBenchmark extends DeviceBenchmark {
    /** Behind which of LeNet's convolutions. */
    @Param({"conv1", "conv2", "conv3"})
    public LeNetLayer layer = LeNetLayer.conv1;

    /** Pictures. */
    @Param("100")
    public int batch;

    private Backend backend = Device.cpuScalar().backend();
    private Pool2dSpec spec = layer.pooling(1);
    private Tensor x = Tensor.zeros();
    private Tensor dy = x;
    private Tensor y = x;
    private Tensor dx = x;
    private Buffer index = x.buffer();

    /** Makes the tensors. */
    @Setup
    public void prepare() {
        backend = device().backend();
        spec = layer.pooling(batch);
        x = random(batch, layer.out, layer.side, layer.side);
        dy = random(batch, layer.out, layer.side / 2, layer.side / 2);
        y = zeros(batch, layer.out, layer.side / 2, layer.side / 2);
        dx = zeros(batch, layer.out, layer.side, layer.side);
        index = backend.allocate(DType.UINT8, y.size());
        backend.maxPool2d(x.buffer(), y.buffer(), index, spec.withRelu());
    }

    /** Largest value of each window. */
    @Benchmark
    public Buffer forward() {
        backend.maxPool2d(x.buffer(), y.buffer(), null, spec);
        return y.buffer();
    }

    /** Largest value of each window and 0, and where it is. */
    @Benchmark
    public Buffer reluForward() {
        backend.maxPool2d(x.buffer(), y.buffer(), index, spec.withRelu());
        return y.buffer();
    }

    /** Gradient of the input of both. */
    @Benchmark
    public Buffer reluBackward() {
        backend.maxPool2dGrad(null, index, dy.buffer(), dx.buffer(), spec);
        return dx.buffer();
    }

    /** Gradient of the input. */
    @Benchmark
    public Buffer backward() {
        backend.maxPool2dGrad(x.buffer(), null, dy.buffer(), dx.buffer(), spec);
        return dx.buffer();
    }
}
