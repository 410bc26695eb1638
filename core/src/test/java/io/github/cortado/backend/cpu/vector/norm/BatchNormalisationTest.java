package io.github.cortado.backend.cpu.vector.norm;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
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

    private static final Affine AS_IT_IS = new Affine(null, null);

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

    /** Vectors along channels and across them, with and without a rest; sums of many terms. */
    @Test
    void everySizeAgreesWithTheReference() {
        for (NormSpec s :
                new NormSpec[] {
                    new NormSpec(300, 70, 1, 1e-5, 0.1),
                    new NormSpec(5, 33, 3, 1e-5, 0.1),
                    new NormSpec(9, 40, 16, 1e-5, 0.1),
                    new NormSpec(4, 11, 49, 1e-5, 0.1),
                    new NormSpec(4, 11, 64, 1e-5, 0.1),
                    new NormSpec(2, 9, 199, 1e-5, 0.1),
                    new NormSpec(1, 3, 20_000, 1e-5, 0.1)
                }) {
            Values right = new Values(s, 0);
            right.compute(reference);
            Values found = new Values(s, 0);
            found.compute(room);
            found.compare(right, 2e-5f);
        }
    }

    /** Where the few elements that a pivot is made of are far from all others, it is no help. */
    @Test
    void statisticsAreExactForAChannelThatBeginsUnlikeItGoesOn() {
        for (NormSpec s :
                new NormSpec[] {
                    new NormSpec(20_000, 2, 8, 1e-5, 0.1), new NormSpec(64, 2, 4096, 1e-5, 0.1)
                }) {
            Values right = new Values(s, 1000);
            right.compute(reference);
            Values found = new Values(s, 1000);
            found.compute(room);
            for (int c = 0; c < s.channels(); c++) {
                double expected = right.of("invStd").get(c);
                assertEquals(expected, found.of("invStd").get(c), 1e-6 * expected, s.toString());
            }
        }
    }

    @Test
    void theBitsDoNotDependOnTheNumberOfThreads() {
        int threads = Parallel.threads();
        try {
            for (int inner : new int[] {1, 16, 100, 3000}) {
                NormSpec s = new NormSpec(12, 37, inner, 1e-5, 0.1);
                Parallel.setThreads(1);
                Values one = new Values(s, 0);
                one.compute(room);
                for (int count : new int[] {2, 7}) {
                    Parallel.setThreads(count);
                    Values several = new Values(s, 0);
                    several.compute(room);
                    several.compare(one, 0f);
                }
            }
        } finally {
            Parallel.setThreads(threads);
        }
    }

    /** All that there is of a batch normalisation, in arrays that begin anywhere. */
    private static final class Values {
        private final NormSpec s;
        private final Floats x;
        private final Floats dy;
        private final Map<String, Floats> results = new LinkedHashMap<>();

        /** Eight elements of each channel of the first picture are {@code apart} above others. */
        Values(NormSpec s, float apart) {
            this.s = s;
            int size = s.n() * s.channels() * s.inner();
            float[] values = RandomValues.random(3 + size, 5);
            int step = Math.max(1, s.inner() / 8);
            for (int i = 0; i < s.channels() * s.inner(); i += step) {
                values[3 + i] += apart;
            }
            x = from(3, values);
            dy = from(1, RandomValues.random(1 + size, 6));
            for (String name : List.of("mean", "invStd", "runningMean", "runningVar", "dw", "db")) {
                results.put(name, from(2, new float[2 + s.channels()]));
            }
            results.put("y", from(2, new float[2 + size]));
            results.put("dx", from(2, new float[2 + size]));
        }

        private static Floats from(int at, float[] array) {
            return new Floats(array).slice(at, array.length - at);
        }

        private Floats of(String name) {
            return Objects.requireNonNull(results.get(name));
        }

        private void compute(Backend backend) {
            compute(
                    backend::batchNormStatistics,
                    m -> backend.batchNorm(x, m, AS_IT_IS, of("y"), s),
                    m ->
                            backend.batchNormGrad(
                                    x, m, AS_IT_IS, dy, of("dx"), of("dw"), of("db"), s));
        }

        private void compute(BatchNormalisation room) {
            compute(
                    room::batchNormStatistics,
                    m -> room.batchNorm(x, m, AS_IT_IS, of("y"), s),
                    m -> room.batchNormGrad(x, m, AS_IT_IS, dy, of("dx"), of("dw"), of("db"), s));
        }

        private void compute(
                Statistics statistics, Consumer<Moments> forward, Consumer<Moments> backward) {
            Moments m = new Moments(of("mean"), of("invStd"), true);
            statistics.run(x, m, of("runningMean"), of("runningVar"), s);
            forward.accept(m);
            backward.accept(m);
        }

        private void compare(Values right, float tolerance) {
            results.forEach(
                    (name, found) -> {
                        Floats expected = right.of(name);
                        for (int i = 0; i < found.length(); i++) {
                            double e = expected.get(i);
                            double most = tolerance * (name.equals("dw") ? s.n() : 1);
                            most *= Math.max(1, Math.abs(e));
                            assertEquals(e, found.get(i), most, name + " " + i + " of " + s);
                        }
                    });
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
                Affine affine,
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
                new Affine(new Floats(w), null),
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
