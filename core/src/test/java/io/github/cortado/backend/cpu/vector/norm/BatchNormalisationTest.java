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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

@Tag("vector-only")
class BatchNormalisationTest {
    /** Wide channels, narrow ones, of which the last are fewer, and columns. */
    private static final NormSpec[] SPECS = {
        new NormSpec(3, 2, 5000, 1e-5, 0.1),
        new NormSpec(150, 20, 9, 1e-5, 0.1),
        new NormSpec(301, 150, 1, 1e-5, 0.1)
    };

    private final Backend reference = new ScalarBackend();
    private final BatchNormalisation room = new BatchNormalisation();

    @ParameterizedTest
    @FieldSource("SPECS")
    void statisticsAreTheReferencesThoughSquaresOverflowFloats(NormSpec s) {
        for (float scale : new float[] {1, 1e30f}) {
            Floats x = random(size(s), scale);
            float[][] right = statistics(reference::batchNormStatistics, x, s);
            float[][] found = statistics(room::batchNormStatistics, x, s);
            for (int i = 0; i < right.length; i++) {
                for (int c = 0; c < s.channels(); c++) {
                    String where = "result " + i + " of channel " + c + ", scale " + scale;
                    // A mean is what is left of numbers as large as the scale.
                    float size = i == 1 ? right[i][c] : 1e-2f * scale;
                    assertEquals(right[i][c], found[i][c], 1e-5f * size, where);
                }
            }
        }
    }

    private interface Statistics {
        void run(Buffer x, Moments m, @Nullable Buffer mean, @Nullable Buffer var, NormSpec s);
    }

    /** The batch's mean and inverse deviation, and the running mean. */
    private static float[][] statistics(Statistics f, Floats x, NormSpec s) {
        float[][] results = new float[3][s.channels()];
        Moments m = new Moments(new Floats(results[0]), new Floats(results[1]), true);
        f.run(x, m, new Floats(results[2]), null, s);
        return results;
    }

    /** What all values have in common takes nothing from how well they are told apart. */
    @ParameterizedTest
    @FieldSource("SPECS")
    void whatLiesFarFromZeroIsNormalisedAsWell(NormSpec s) {
        Floats x = random(size(s), 1);
        for (int i = 0; i < x.length(); i++) {
            x.set(i, 3000 + x.get(i));
        }
        float[][] right = statistics(reference::batchNormStatistics, x, s);
        float[][] found = statistics(room::batchNormStatistics, x, s);
        for (int c = 0; c < s.channels(); c++) {
            assertEquals(right[0][c], found[0][c], Math.ulp(3000f), "mean");
            assertEquals(right[1][c], found[1][c], 1e-5f * right[1][c], "deviation");
        }
    }

    @ParameterizedTest
    @FieldSource("SPECS")
    void aGradientOnVectorsIsNearTheReferences(NormSpec s) {
        float[][] right = gradients(reference::batchNormGrad, 1, s);
        float[][] found = gradients(room::batchNormGrad, 1, s);
        for (int i = 0; i < right.length; i++) {
            assertArrayEquals(right[i], found[i], 2e-3f, "result " + i);
        }
    }

    /** The factor of x - mean would be 1e-40 here, of which a float holds few digits. */
    @ParameterizedTest
    @FieldSource("SPECS")
    void aGradientWhoseFactorsUnderflowIsTheReferences(NormSpec s) {
        float[][] right = gradients(reference::batchNormGrad, 1e-20f, s);
        float[][] found = gradients(room::batchNormGrad, 1e-20f, s);
        for (int i = 0; i < right.length; i++) {
            for (int j = 0; j < right[i].length; j++) {
                float size = Math.abs(right[i][j]);
                assertEquals(right[i][j], found[i][j], 1e-6f * size, "result " + i);
            }
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
    private static float[][] gradients(Gradient f, float invStd, NormSpec s) {
        float[][] results = {new float[size(s)], new float[s.channels()], new float[s.channels()]};
        float[] means = new float[s.channels()];
        float[] inverses = new float[s.channels()];
        float[] w = new float[s.channels()];
        for (int c = 0; c < s.channels(); c++) {
            means[c] = (c % 2 == 0 ? 0.25f : -0.25f) / invStd;
            inverses[c] = invStd;
            w[c] = c % 2 == 0 ? 1.5f : -0.5f;
        }
        Moments m = new Moments(new Floats(means), new Floats(inverses), true);
        f.run(
                random(size(s), 1 / invStd),
                m,
                new Floats(w),
                random(size(s), 1),
                new Floats(results[0]),
                new Floats(results[1]),
                new Floats(results[2]),
                s);
        return results;
    }

    private static int size(NormSpec s) {
        return s.n() * s.channels() * s.inner();
    }

    private static Floats random(int length, float scale) {
        float[] values = RandomValues.random(length, 1);
        for (int i = 0; i < length; i++) {
            values[i] *= scale;
        }
        return new Floats(values);
    }
}
