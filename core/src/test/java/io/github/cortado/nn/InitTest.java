package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Init.FanMode;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** First values of parameters: their intervals, deviations and bounds are PyTorch's. */
class InitTest {
    private static final PhiloxStream STREAM = Streams.general(5, 6);

    private static Tensor kernel() {
        return Tensor.zeros(40, 20, 3, 3);
    }

    /** Of fan_in 180 and fan_out 360. */
    @Test
    void kaimingAndXavierCountWhatIsReadAndWritten() {
        bounded(
                Init.kaimingUniform(kernel(), 0, FanMode.FAN_IN, "leaky_relu", STREAM),
                Math.sqrt(6.0 / 180));
        bounded(
                Init.kaimingUniform(kernel(), Math.sqrt(5), FanMode.FAN_IN, "leaky_relu", STREAM),
                Math.sqrt(1.0 / 180));
        bounded(
                Init.kaimingUniform(kernel(), 0, FanMode.FAN_OUT, "tanh", STREAM),
                5.0 / 3 * Math.sqrt(3.0 / 360));
        deviates(
                Init.kaimingNormal(kernel(), 0, FanMode.FAN_OUT, "relu", STREAM),
                Math.sqrt(2.0 / 360));
        deviates(
                Init.kaimingNormal(kernel(), 0, FanMode.FAN_IN, "linear", STREAM),
                Math.sqrt(1.0 / 180));
        bounded(Init.xavierUniform(kernel(), STREAM), Math.sqrt(6.0 / 540));
        bounded(Init.xavierUniform(kernel(), 2, STREAM), 2 * Math.sqrt(6.0 / 540));
        deviates(Init.xavierNormal(kernel(), 3, STREAM), 3 * Math.sqrt(2.0 / 540));
    }

    private static void bounded(Tensor x, double bound) {
        double most = Arrays.stream(x.toDoubles()).map(Math::abs).max().orElseThrow();
        assertTrue(most <= bound * (1 + 1e-6) && most > 0.99 * bound, most + " of " + bound);
    }

    private static void deviates(Tensor x, double deviation) {
        assertEquals(deviation, x.std().item(), 0.03 * deviation);
        assertEquals(0, x.mean().item(), 0.05 * deviation);
    }

    @Test
    void gainsArePyTorchs() {
        assertEquals(1, Init.calculateGain("conv_transpose2d"));
        assertEquals(1, Init.calculateGain("sigmoid"));
        assertEquals(5.0 / 3, Init.calculateGain("tanh"));
        assertEquals(Math.sqrt(2), Init.calculateGain("relu"));
        assertEquals(1.4141428569978354, Init.calculateGain("leaky_relu"), 1e-15);
        assertEquals(1.3867504905630728, Init.calculateGain("leaky_relu", 0.2), 1e-15);
        assertEquals(0.75, Init.calculateGain("selu"));
        assertEquals(
                "calculateGain: expected linear, sigmoid, a convolution, tanh, relu, leaky_relu or"
                        + " selu, got gelu",
                assertThrows(IllegalArgumentException.class, () -> Init.calculateGain("gelu"))
                        .getMessage());
    }

    @Test
    void truncatedNormalNumbersStayInside() {
        Tensor usual = Init.truncNormal(Tensor.zeros(20000), 0, 1, -2, 2, STREAM);
        bounded(usual, 2);
        // Of a normal distribution cut off at twice its deviation.
        assertEquals(0.8796, usual.std().item(), 0.02);
        Tensor tail = Init.truncNormal(Tensor.zeros(20000), 0, 1, 3, 6, STREAM);
        double[] values = tail.toDoubles();
        assertTrue(Arrays.stream(values).allMatch(v -> v >= 3 && v <= 6));
        // phi(3) / (1 - Phi(3)).
        assertEquals(3.2831, tail.mean().item(), 0.01);
        assertThrows(
                IllegalArgumentException.class,
                () -> Init.truncNormal(Tensor.zeros(2), 0, 1, 2, 2, STREAM));
    }

    @Test
    void orthogonalLinesAreOrthogonalAndTheirSignsEven() {
        for (int[] shape : List.of(new int[] {6, 4}, new int[] {4, 3, 2}, new int[] {5, 5})) {
            Tensor x = Init.orthogonal(Tensor.zeros(shape), 2, STREAM);
            Tensor m = x.reshape(shape[0], -1);
            Tensor product =
                    m.dim(0) > m.dim(1) ? m.transpose(0, 1).matmul(m) : m.matmul(m.transpose(0, 1));
            assertArrayEquals(
                    Tensor.eye(product.dim(0)).mul(4).toFloats(), product.toFloats(), 1e-5f);
        }
        // The diagonal of Q alone has one sign, as Householder's reflections leave it.
        int positive = 0;
        for (int i = 0; i < 60; i++) {
            Tensor q = Init.orthogonal(Tensor.zeros(3, 3), 1, Streams.general(9, i));
            positive += q.get(0, 0) > 0 ? 1 : 0;
        }
        assertEquals(30, positive, 14);
    }

    @Test
    void theSameStreamMakesTheSameNumbersAndConstantsAreConstant() {
        assertArrayEquals(
                Init.orthogonal(Tensor.zeros(3, 4), 1, STREAM).toFloats(),
                Init.orthogonal(Tensor.zeros(3, 4), 1, STREAM).toFloats());
        assertArrayEquals(new float[] {2.5f, 2.5f}, Init.constant(Tensor.zeros(2), 2.5).toFloats());
        assertEquals(
                "kaimingNormal: expects a weight [out, in, ...], got [4]",
                assertThrows(
                                ShapeException.class,
                                () ->
                                        Init.kaimingNormal(
                                                Tensor.zeros(4), 0, FanMode.FAN_IN, "relu", STREAM))
                        .getMessage());
    }
}
