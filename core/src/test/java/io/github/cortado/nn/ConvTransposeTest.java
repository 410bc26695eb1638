package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.CpuDevices;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What is at the end of a transposed convolution; the numbers are PyTorch 2.13's. */
class ConvTransposeTest {
    static Stream<Device> devices() {
        return CpuDevices.all().stream();
    }

    private static Tensor numbers(Device device, int period, int first, int... shape) {
        double[] values = new double[Shape.of(shape).size()];
        Arrays.setAll(values, i -> i % period + first);
        return Tensor.of(values, shape).to(DType.FLOAT32).to(device).copy().requiresGrad(true);
    }

    /** The gradients are those of the sum of the results times 1, 2, 3, 4, 1, 2, ... */
    private static void assertTransposed(
            Tensor x,
            Tensor w,
            Function<Tensor, Tensor> f,
            String values,
            String ofInput,
            String ofWeight) {
        Tensor y = f.apply(x);
        assertEquals(values, whole(y));
        y.mul(numbers(x.device(), 4, 1, y.shape().dims()).detach()).sum().backward();
        assertEquals(ofInput, whole(x.grad()));
        assertEquals(ofWeight, whole(w.grad()));
    }

    private static String whole(Tensor x) {
        String all = Arrays.toString(Arrays.stream(x.toDoubles()).mapToLong(Math::round).toArray());
        return all.substring(1, all.length() - 1);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void aTransposedConvolutionsEndIsThereWherePaddingCuts(Device device) {
        Tensor short1 = Tensor.of(new float[] {1, 2, 3}, 1, 1, 1, 3).to(device);
        Tensor ones = Tensor.ones(1, 1, 1, 3).to(device);
        Conv2dOptions options = new Conv2dOptions(1, 1, 0, 2, 1, 2, 1);
        assertEquals(
                "3, 2, 5, 3", whole(Functional.convTranspose2d(ones, short1, null, options, 0, 1)));

        Tensor w1 = numbers(device, 5, -1, 2, 3, 3);
        Tensor b1 = Tensor.of(new float[] {0, 1, 2}).to(device);
        assertTransposed(
                numbers(device, 7, 1, 1, 2, 4),
                w1,
                x -> Functional.convTranspose1d(x, w1, b1, 1, 2, 1, 1, 2),
                "13, -7, -6, 1, 3, 27, 28, 38, 31, 19, -4, 3, 12, 16, 15",
                "10, 20, 21, 9, 16, 9, 16, 3",
                "11, 30, 14, 18, 24, 12, 25, 22, 14, 9, 42, 46, 17, 57, 40, 25, 48, 38");
        Tensor w2 = numbers(device, 5, -1, 2, 1, 3);
        assertTransposed(
                numbers(device, 7, 1, 1, 2, 4),
                w2,
                x -> Functional.convTranspose1d(x, w2, null, 2, 2, 2, 1, 3),
                "10, 15, 11, 18, -6, 21, -4, 3, -4, 0, 3",
                "1, 2, -2, 2, 5, 11, 11, 11",
                "15, 32, 22, 28, 52, 33");
        Tensor w3 = numbers(device, 5, -1, 1, 1, 2, 3);
        assertTransposed(
                numbers(device, 7, 1, 1, 1, 2, 3),
                w3,
                x ->
                        Functional.convTranspose2d(
                                x, w3, null, new Conv2dOptions(1, 2, 0, 2, 3, 1, 1), 2, 1),
                "-1, 0, -1, 0, -1, 0, -1, 0, 0, 0, 0, 0, 3, 6, 4, 9, 6, 15, 7, 18, 0, 0, 0, 0, 0,"
                        + " 0, 0, 0",
                "0, 7, 15, 0, 7, 15",
                "34, 50, 26, 34, 50, 26");
        Tensor w4 = numbers(device, 5, -1, 1, 2, 3, 2);
        assertTransposed(
                numbers(device, 7, 1, 1, 1, 3, 2),
                w4,
                x ->
                        Functional.convTranspose2d(
                                x, w4, null, new Conv2dOptions(2, 1, 3, 1, 3, 2, 1), 2, 1),
                "2, 2, 4, -6, 0, 0, 4, 6, 8, 6, -1, -2, 6, 10, 12, 12, -3, -4, 0, 0, 0, 4, 3, 6, 0,"
                        + " 5, 6, 8, 9, 12, -2, 0, 0, 12, 15, 18, -4, 0, 0, 0, 0, 0",
                "10, 22, 10, 28, 15, 22",
                "24, 17, 20, 52, 20, 22, 6, 28, 32, 61, 10, 24");
        // All that is asked for lies behind the end.
        Tensor w5 = numbers(device, 5, -1, 1, 1, 1);
        assertTransposed(
                numbers(device, 7, 1, 1, 1, 2),
                w5,
                x -> Functional.convTranspose1d(x, w5, null, 1, 3, 8, 1, 9),
                "0, 0, 0, 0",
                "0, 0",
                "0");
    }
}
