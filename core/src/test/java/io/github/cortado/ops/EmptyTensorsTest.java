package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Operations on nothing: values and gradients of the right shapes, or an error with the shapes. */
class EmptyTensorsTest {
    /** What each operation answers, as PyTorch 2.13 does where it answers at all. */
    static Stream<Arguments> operations() {
        Map<String, Map.Entry<String, Function<Device, Tensor>>> all = new LinkedHashMap<>();
        row(all, "linear, no features", "[2, 3] 0.0", d -> linear(d, 2, 0, 3));
        row(all, "linear, no rows", "[0, 3]", d -> linear(d, 0, 4, 3));
        row(all, "linear, nothing out", "[2, 0]", d -> linear(d, 2, 4, 0));
        row(all, "linearRelu, no features", "[2, 3] 0.0", d -> linearRelu(d, 2, 0, 3));
        row(all, "matmul, no terms", "[2, 3] 0.0", d -> x(d, 2, 0).matmul(x(d, 0, 3)));
        row(all, "matmul, no rows", "[0, 3]", d -> x(d, 0, 2).matmul(x(d, 2, 3)));
        row(all, "conv2d, no pictures", "[0, 2, 2, 2]", d -> conv(d, 0));
        row(all, "maxPool2d, no pictures", "[0, 3, 2, 2]", d -> maxPool(d, 0, 3));
        row(all, "maxPool2d, no channels", "[1, 0, 2, 2]", d -> maxPool(d, 1, 0));
        row(all, "avgPool2d, no channels", "[1, 0, 2, 2]", d -> avgPool(d, 1, 0));
        row(all, "batchNorm, no channels", "[2, 0, 4, 4]", d -> batchNorm(d, 2, 0, true));
        row(all, "batchNorm, no pictures, running", "[0, 3, 4, 4]", d -> batchNorm(d, 0, 3, false));
        row(all, "layerNorm, no rows", "[0, 2]", d -> layerNorm(d, 0, 2));
        row(all, "softmax, no classes", "[2, 0]", d -> x(d, 2, 0).softmax(1));
        row(all, "logSoftmax, no classes", "[2, 0]", d -> x(d, 2, 0).logSoftmax(1));
        row(all, "logSoftmax, no rows", "[0, 2]", d -> x(d, 0, 2).logSoftmax(1));
        row(all, "sum of nothing", "[] 0.0", d -> x(d, 0).sum());
        row(all, "sum of no rows", "[3] 0.0", d -> x(d, 0, 3).sum(false, 0));
        row(all, "mean of nothing", "[] NaN", d -> x(d, 0).mean());
        row(all, "div", "[0]", d -> x(d, 0).div(3));
        row(all, "embeddingBag, no columns", "[2, 0]", d -> bags(d, 2, x(d, 4, 0)));
        row(all, "embeddingBag, of none", "[2, 3] 0.0", d -> bags(d, 0, x(d, 4, 3)));
        row(all, "crossEntropy, no rows", "[] NaN", EmptyTensorsTest::crossEntropy);
        return all.entrySet().stream()
                .flatMap(
                        e ->
                                CpuDevices.all().stream()
                                        .map(
                                                d ->
                                                        Arguments.of(
                                                                e.getKey(),
                                                                d,
                                                                e.getValue().getKey(),
                                                                e.getValue().getValue())));
    }

    private static Tensor bags(Device device, int size, Tensor table) {
        Tensor index = Tensor.zeros(device, DType.INT64, Shape.of(2, size));
        return Functional.embeddingBag(index, table, "sum", -1);
    }

    private static void row(
            Map<String, Map.Entry<String, Function<Device, Tensor>>> all,
            String name,
            String expected,
            Function<Device, Tensor> f) {
        all.put(name, Map.entry(expected, f));
    }

    private static Tensor x(Device device, int... shape) {
        return Tensor.ones(shape).to(device).copy().requiresGrad(true);
    }

    private static Tensor linear(Device d, int rows, int in, int out) {
        return Functional.linear(x(d, rows, in), x(d, out, in), Tensor.zeros(out).to(d));
    }

    private static Tensor linearRelu(Device d, int rows, int in, int out) {
        return Functional.relu(linear(d, rows, in, out));
    }

    private static Tensor conv(Device d, int pictures) {
        return Functional.conv2d(x(d, pictures, 3, 4, 4), x(d, 2, 3, 3, 3), x(d, 2), 1, 0, 1, 1);
    }

    private static Tensor maxPool(Device d, int pictures, int channels) {
        return Functional.maxPool2d(x(d, pictures, channels, 4, 4), 2);
    }

    private static Tensor avgPool(Device d, int pictures, int channels) {
        return Functional.avgPool2d(x(d, pictures, channels, 4, 4), 2);
    }

    private static Tensor batchNorm(Device d, int pictures, int channels, boolean training) {
        Tensor mean = Tensor.zeros(channels).to(d);
        Tensor var = Tensor.ones(channels).to(d);
        Tensor in = x(d, pictures, channels, 4, 4);
        return Functional.batchNorm(
                in, mean, var, x(d, channels), x(d, channels), training, 0.1, 1e-5);
    }

    private static Tensor layerNorm(Device d, int rows, int n) {
        return Functional.layerNorm(x(d, rows, n), new int[] {n}, x(d, n), x(d, n), 1e-5);
    }

    private static Tensor crossEntropy(Device d) {
        return Functional.crossEntropy(x(d, 0, 3), Tensor.of(new long[0]).to(d));
    }

    @ParameterizedTest(name = "{0} on {1}")
    @MethodSource("operations")
    void whatIsComputedOfNothingIsTheSameOnEveryBackend(
            String name, Device device, String expected, Function<Device, Tensor> f) {
        Tensor y = f.apply(device);
        double[] values = Arrays.stream(y.toDoubles()).distinct().toArray();
        String found = y.shape().toString();
        for (double value : values) {
            found += " " + value;
        }
        assertEquals(expected, found);
        y.backward(Tensor.ones(y.shape().dims()).to(device));
    }
}
