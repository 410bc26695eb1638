package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Division rounds once: it is no product with a reciprocal. */
class DivisionTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void divisionByANumberRoundsOnce(Device device) {
        float[] x = {41, -41, 3e-39f, 1e-40f, -0f, 1e38f, 123, 1, Float.NaN};
        for (float c : new float[] {41, 1e-40f, -7, 1e38f, 3, 49, Float.POSITIVE_INFINITY}) {
            float[] right = new float[x.length];
            float[] slope = new float[x.length];
            for (int i = 0; i < x.length; i++) {
                right[i] = x[i] / c;
                slope[i] = 1 / c;
            }
            Tensor in = Tensor.of(x, x.length).to(device).copy().requiresGrad(true);
            Tensor y = in.div(c);
            assertArrayEquals(right, y.toFloats(), "x / " + c);
            y.sum().backward();
            assertArrayEquals(slope, in.grad().toFloats(), "the gradient of x / " + c);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void theMeanOfEqualNumbersIsThatNumber(Device device) {
        for (int n = 1; n <= 200; n++) {
            Tensor x = Tensor.full(3, 2, n).to(device).copy().requiresGrad(true);
            Tensor mean = x.mean(false, 1);
            assertArrayEquals(new float[] {3, 3}, mean.toFloats(), "of " + n);
            mean.sum().backward();
            float[] share = new float[2 * n];
            Arrays.fill(share, 1f / n);
            assertArrayEquals(share, x.grad().toFloats(), "the gradient of a mean of " + n);
            Tensor loss = Functional.mseLoss(x.detach(), Tensor.ones(2, n).to(device));
            assertEquals(4, loss.item(), "the mean of squares, of " + 2 * n);
        }
    }
}
