package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Products with and without the levels that their gradients need. */
class ProductTest {
    private static Tensor numbers(int... dims) {
        Random random = new Random(3);
        float[] values = new float[Shape.of(dims).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((0.5 + random.nextDouble()) * (random.nextBoolean() ? 1 : -1));
        }
        return Tensor.of(values, dims);
    }

    /** Lines of one element to a few hundred, and long ones, in memory's order and across it. */
    @Test
    void whatIsRecordedHasTheSameBits() {
        for (int n = 1; n < 300; n++) {
            same(3, n, 1);
            same(2, n, 3);
        }
        for (int n : new int[] {1_024, 4_095, 16_383, 16_384, 16_385, 70_001}) {
            same(2, n, 1);
        }
    }

    private static void same(int outer, int n, int inner) {
        Tensor x = numbers(outer, n, inner).requiresGrad(true);
        float[] recorded = x.prod(1, false).toFloats();
        try (var none = Autograd.noGrad()) {
            assertArrayEquals(recorded, x.prod(1, false).toFloats(), () -> "lines of " + n);
        }
    }

    @ParameterizedTest
    @CsvSource({"1", "3", "4", "5", "63", "65", "1000"})
    void eachElementIsAFactorOnce(int n) {
        for (int i = 0; i < n; i++) {
            float[] values = new float[n];
            Arrays.fill(values, 1);
            values[i] = 3;
            assertEquals(3, Tensor.of(values, n).prod(0, false).item());
        }
    }
}
