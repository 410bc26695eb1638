package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class DeclinesTest {
    private static final float[] ODD = {
        0f,
        -0f,
        Float.NaN,
        Float.NEGATIVE_INFINITY,
        -1e-40f,
        -1e-8f,
        -87.4f,
        -103.9f,
        -104.1f,
        -1e30f,
        40f,
        1e-40f,
        1e-8f
    };

    /** From 40 to below where the smallest float is, and numbers that are none. */
    private static float[] values(int n) {
        float[] x = new float[n];
        for (int i = 0; i < n; i++) {
            x[i] = i < ODD.length ? ODD[i] : 40f - 150f * i / n;
        }
        return x;
    }

    @Test
    void theBitsAreThoseOfTheExponential() {
        for (int n : new int[] {VL, VL + 1, 2 * VL - 1, 30_011}) {
            float[] x = values(n);
            float[] right = new float[n];
            ElementaryFunctions.exp(x, 0, right, 0, n);
            float[] y = new float[n + 5];
            Declines.run(x, 0, 0f, y, 5, n);
            assertArrayEquals(right, Arrays.copyOfRange(y, 5, n + 5), "n = " + n);
        }
    }

    @Test
    void eachLaneHasItsOwnDistance() {
        int n = 64 * VL;
        float[] less = new float[n];
        float[] x = values(n);
        for (int i = 0; i < n; i++) {
            less[i] = i % 7 + 0.5f;
        }
        float[] right = new float[n];
        for (int i = 0; i < n; i++) {
            right[i] = x[i] - less[i];
        }
        ElementaryFunctions.exp(right, 0, right, 0, n);
        float[] y = new float[n];
        Declines.run(x, 0, less, y, 0, n);
        assertArrayEquals(right, y);
    }
}
