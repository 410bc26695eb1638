package io.github.cortado.backend.cpu.vector.norm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class BatchNormalisationTest {
    private static final NormSpec SPEC = new NormSpec(3, 2, 5000, 1e-5, 0.1);
    private static final int SIZE = SPEC.n() * SPEC.channels() * SPEC.inner();

    private final Backend reference = new ScalarBackend();
    private final BatchNormalisation room = new BatchNormalisation(reference);

    @Test
    void statisticsAreTheReferencesThoughSquaresOverflowFloats() {
        for (float scale : new float[] {1, 1e30f}) {
            Floats x = random(SIZE, scale);
            float[][] right = statistics(reference::batchNormStatistics, x);
            float[][] found = statistics(room::batchNormStatistics, x);
            for (int i = 0; i < right.length; i++) {
                for (int c = 0; c < SPEC.channels(); c++) {
                    String where = "result " + i + " of channel " + c + ", scale " + scale;
                    // A mean is what is left of numbers as large as the scale.
                    float size = i == 1 ? right[i][c] : 1e-3f * scale;
                    assertEquals(right[i][c], found[i][c], 1e-5f * size, where);
                }
            }
        }
    }

    private interface Statistics {
        void run(Buffer x, Moments m, @Nullable Buffer mean, @Nullable Buffer var, NormSpec s);
    }

    /** The batch's mean and inverse deviation, and the running mean. */
    private static float[][] statistics(Statistics f, Floats x) {
        float[][] results = new float[3][SPEC.channels()];
        Moments m = new Moments(new Floats(results[0]), new Floats(results[1]), true);
        f.run(x, m, new Floats(results[2]), null, SPEC);
        return results;
    }

    @Test
    void aGradientOnVectorsIsNearTheReferences() {
        float[][] right = gradients(reference::batchNormGrad, 1);
        float[][] found = gradients(room::batchNormGrad, 1);
        for (int i = 0; i < right.length; i++) {
            assertArrayEquals(right[i], found[i], 2e-3f, "result " + i);
        }
    }

    /** The factor of x - mean would be 1e-40 here, of which a float holds few digits. */
    @Test
    void aGradientWhoseFactorsUnderflowIsTheReferences() {
        float[][] right = gradients(reference::batchNormGrad, 1e-20f);
        float[][] found = gradients(room::batchNormGrad, 1e-20f);
        for (int i = 0; i < right.length; i++) {
            assertArrayEquals(right[i], found[i], 0f, "result " + i);
        }
    }

    private interface Gradient {
        void run(
                Buffer x,
                Moments m,
                @Nullable Buffer w,
                Buffer dy,
                Buffer dx,
                Buffer dw,
                Buffer db,
                NormSpec s);
    }

    /** dx, dw and db where the inverse deviation is given and x is as large as it says. */
    private static float[][] gradients(Gradient f, float invStd) {
        float[][] results = {
            new float[SIZE], new float[SPEC.channels()], new float[SPEC.channels()]
        };
        Moments m =
                new Moments(
                        new Floats(new float[] {0.25f / invStd, -0.25f / invStd}),
                        new Floats(new float[] {invStd, invStd}),
                        true);
        f.run(
                random(SIZE, 1 / invStd),
                m,
                new Floats(new float[] {1.5f, -0.5f}),
                random(SIZE, 1),
                new Floats(results[0]),
                new Floats(results[1]),
                new Floats(results[2]),
                SPEC);
        return results;
    }

    private static Floats random(int length, float scale) {
        float[] values = RandomValues.random(length, 1);
        for (int i = 0; i < length; i++) {
            values[i] *= scale;
        }
        return new Floats(values);
    }
}
