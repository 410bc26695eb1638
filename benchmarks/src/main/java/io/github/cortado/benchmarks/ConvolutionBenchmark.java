package io.github.cortado.benchmarks;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Setup;

/**
 * LeNet's three convolutions, 3x3 with padding 1, in their three directions; through the seam,
 * since autograd would time them together. 18 batch out in side^2 operations a call.
 */
public class ConvolutionBenchmark extends DeviceBenchmark {
    /** Which of LeNet's convolutions. */
    @Param({"conv1", "conv2", "conv3"})
    public LeNetLayer layer = LeNetLayer.conv1;

    /** Pictures. */
    @Param("100")
    public int batch;

    private Backend backend = Device.cpuScalar().backend();
    private Conv2dSpec spec = layer.convolution(1);
    private Tensor x = Tensor.zeros();
    private Tensor w = x;
    private Tensor b = x;
    private Tensor dy = x;
    private Tensor y = x;
    private Tensor dx = x;
    private Tensor dw = x;
    private Tensor db = x;

    /** Makes the tensors. */
    @Setup
    public void prepare() {
        backend = device().backend();
        spec = layer.convolution(batch);
        x = random(batch, layer.in, layer.side, layer.side);
        w = random(layer.out, layer.in, 3, 3);
        b = random(layer.out);
        dy = random(batch, layer.out, layer.side, layer.side);
        y = zeros(batch, layer.out, layer.side, layer.side);
        dx = zeros(batch, layer.in, layer.side, layer.side);
        dw = zeros(layer.out, layer.in, 3, 3);
        db = zeros(layer.out);
    }

    /** Output and bias. */
    @Benchmark
    public Buffer forward() {
        backend.conv2d(x.buffer(), w.buffer(), b.buffer(), y.buffer(), null, spec);
        return y.buffer();
    }

    /** Gradient of the input. */
    @Benchmark
    public Buffer gradInput() {
        gradients(dx.buffer(), null, null);
        return dx.buffer();
    }

    /** Gradients of weight and bias. */
    @Benchmark
    public Buffer gradWeight() {
        gradients(null, dw.buffer(), db.buffer());
        return dw.buffer();
    }

    private void gradients(@Nullable Buffer toX, @Nullable Buffer toW, @Nullable Buffer toB) {
        backend.conv2dGrad(x.buffer(), w.buffer(), dy.buffer(), null, toX, toW, toB, spec);
    }
}
