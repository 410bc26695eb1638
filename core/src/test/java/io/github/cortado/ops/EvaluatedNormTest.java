package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.nn.Functional;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A batch normalisation by running statistics that a convolution does along. */
class EvaluatedNormTest {
    /** A convolution's sizes: pictures, channels in and out, side, kernel, stride, groups. */
    private static final int[][] SIZES = {
        {2, 3, 5, 7, 3, 1, 1},
        {2, 3, 6, 9, 3, 2, 1},
        {1, 33, 36, 14, 3, 1, 1},
        {1, 8, 8, 15, 3, 1, 8},
        {2, 6, 6, 9, 3, 2, 6},
        {2, 4, 8, 9, 3, 1, 2},
        {2, 20, 12, 16, 1, 1, 1},
        {1, 130, 36, 4, 3, 1, 1},
    };

    private final long seed = Long.getLong("cortado.test.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** What a convolution and a normalisation read. */
    private record Case(
            int[] size,
            Tensor x,
            Tensor w,
            @Nullable Tensor b,
            Tensor mean,
            Tensor var,
            @Nullable Tensor scale,
            @Nullable Tensor shift) {
        Tensor norm(Tensor z, boolean training) {
            return Functional.batchNorm(z, mean, var, scale, shift, training, 0.1, 1e-5);
        }

        Tensor conv() {
            return Functional.conv2d(x, w, b, size[5], size[4] / 2, 1, size[6]);
        }

        Case to(Device device, DType dtype) {
            return new Case(
                    size,
                    x.to(device).to(dtype),
                    w.to(device).to(dtype),
                    b == null ? null : b.to(device).to(dtype),
                    mean.to(device).to(dtype),
                    var.to(device).to(dtype),
                    scale == null ? null : scale.to(device).to(dtype),
                    shift == null ? null : shift.to(device).to(dtype));
        }
    }

    private Case random(int[] s, double mean, double var) {
        boolean affine = random.nextInt(4) > 0;
        return new Case(
                s,
                tensor(0, 1, s[0], s[1], s[3], s[3]),
                tensor(0, 0.3, s[2], s[1] / s[6], s[4], s[4]),
                random.nextBoolean() ? tensor(0, 1, s[2]) : null,
                tensor(mean, 0.5, s[2]),
                tensor(1.5 * var, 0.5 * var, s[2]),
                affine ? tensor(0, 1, s[2]) : null,
                affine ? tensor(0, 1, s[2]) : null);
    }

    private Tensor tensor(double middle, double reach, int... shape) {
        int n = 1;
        for (int d : shape) {
            n *= d;
        }
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) (middle + reach * (2 * random.nextDouble() - 1));
        }
        return Tensor.of(values, shape);
    }

    private static final List<UnaryOperator<Tensor>> BEHIND =
            List.of(y -> y, Functional::relu, Functional::relu6);

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void itsResultsAreThoseOfTheTwoInDouble(String device) {
        for (int[] size : SIZES) {
            for (UnaryOperator<Tensor> behind : BEHIND) {
                check(random(size, 0, 1), device, behind);
            }
        }
    }

    /** Of channels that vary little around a large mean, both ways lose what floats do not hold. */
    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void soAreThoseOfStatisticsOfAllSizes(String device) {
        for (double mean : new double[] {0, 1e3, -1e5}) {
            for (double var : new double[] {0, 1e-12, 1e-3, 1e8}) {
                int[] size = SIZES[random.nextInt(SIZES.length)];
                check(random(size, mean, var), device, BEHIND.get(random.nextInt(3)));
            }
        }
    }

    @Test
    void oneThatMuchWasMadeOfIsThereAfterItsStatisticsWereWritten() {
        Case c = random(SIZES[0], 0, 1);
        try (var off = Autograd.noGrad()) {
            float[] expected = c.norm(c.conv(), false).toFloats();
            Tensor z = c.norm(c.conv(), false);
            Functional.relu(z).toFloats();
            List<Tensor> made = List.of(z.add(1), z.add(2), z.add(3));
            c.mean().fill(7);
            assertArrayEquals(expected, z.toFloats(), 1e-4f);
            assertEquals(expected[0] + 3, made.get(2).toFloats()[0], 1e-4f);
        }
    }

    private void check(Case c, String name, UnaryOperator<Tensor> behind) {
        Device device = Device.of(name);
        Case here = c.to(device, DType.FLOAT32);
        Case exact = c.to(Device.cpuScalar(), DType.FLOAT64);
        float[] found;
        float[] again;
        try (var pause = Autograd.noGrad()) {
            found = behind.apply(here.norm(here.conv(), false)).toFloats();
            again = behind.apply(here.norm(here.conv(), false)).toFloats();
        }
        assertArrayEquals(found, again);
        double[] expected;
        double[] sizes;
        try (var noGrad = Autograd.noGrad();
                var pause = Pending.pause()) {
            Tensor conv = exact.conv();
            expected = behind.apply(exact.norm(conv, false)).toDoubles();
            // What terms there are to a result: those of the sum, and the mean.
            Tensor all = absolute(exact).conv().add(abs(exact.mean).reshape(-1, 1, 1));
            Tensor factor = exact.var.add(1e-5).sqrt();
            factor =
                    exact.scale == null
                            ? factor.mul(0).add(1).div(factor)
                            : abs(exact.scale).div(factor);
            all = all.mul(factor.reshape(-1, 1, 1));
            sizes =
                    (exact.shift == null ? all : all.add(abs(exact.shift).reshape(-1, 1, 1)))
                            .toDoubles();
        }
        for (int i = 0; i < expected.length; i++) {
            double leeway = 5e-6 * sizes[i];
            assertEquals(
                    expected[i],
                    found[i],
                    leeway,
                    name
                            + ", seed "
                            + seed
                            + ", "
                            + List.of(c.size[2], c.size[4], c.size[6])
                            + ", element "
                            + i);
        }
    }

    private static Tensor abs(Tensor x) {
        return x.mul(x).sqrt();
    }

    private static Case absolute(Case c) {
        return new Case(
                c.size,
                abs(c.x),
                abs(c.w),
                c.b == null ? null : abs(c.b),
                c.mean,
                c.var,
                c.scale,
                c.shift);
    }

    @ParameterizedTest
    @ValueSource(strings = {"cpu", "cpu-scalar"})
    void itJoinsAConvolutionThatIsForItAloneWhereNoGradientIsRecorded(String device) {
        Case c = random(SIZES[0], 0, 1).to(Device.of(device), DType.FLOAT32);
        try (var pause = Autograd.noGrad()) {
            assertEquals(Map.of("conv2d + batchNorm", 1), fused(() -> c.norm(c.conv(), false)));
            assertEquals(
                    Map.of("conv2d + batchNorm + relu6", 1),
                    fused(() -> Functional.relu6(c.norm(c.conv(), false))));
            assertEquals(
                    Map.of("conv2d + batchNorm + relu", 1),
                    fused(() -> Functional.relu(c.norm(c.conv(), false))));
            // In training, or where the convolution's results are wanted too.
            assertEquals(
                    Map.of("batchNorm + relu", 1),
                    fused(() -> Functional.relu(c.norm(c.conv(), true))));
            assertEquals(
                    Map.of("batchNorm + relu", 1),
                    fused(
                            () -> {
                                Tensor z = c.conv();
                                Tensor y = Functional.relu(c.norm(z, false));
                                Tensor other = z.exp();
                                y.toFloats();
                                return other;
                            }));
        }
        Tensor w = c.w.copy().requiresGrad(true);
        Case trained = new Case(c.size, c.x, w, c.b, c.mean, c.var, c.scale, c.shift);
        assertEquals(
                Map.of("batchNorm + relu", 1),
                fused(() -> Functional.relu(trained.norm(trained.conv(), false))));
        // Nobody asked for a gradient.
        assertEquals(Map.of("conv2d + batchNorm", 1), fused(() -> c.norm(c.conv(), false)));
    }

    @Test
    void theConvolutionsResultsAreThereForWhoAsksLater() {
        Case c = random(SIZES[0], 0, 1);
        try (var pause = Autograd.noGrad()) {
            float[] expected = c.conv().toFloats();
            Tensor z = c.conv();
            c.norm(z, false).toFloats();
            assertArrayEquals(expected, z.toFloats());
        }
    }

    @Test
    void whatIsWrittenAfterItDoesNotChangeIt() {
        Case c = random(SIZES[0], 0, 1);
        try (var pause = Autograd.noGrad()) {
            float[] expected = c.norm(c.conv(), false).toFloats();
            for (Tensor t : List.of(c.w, c.mean, c.var)) {
                Tensor before = t.copy();
                Tensor y = c.norm(c.conv(), false);
                t.fill(3);
                assertArrayEquals(expected, y.toFloats(), 1e-4f);
                t.copyFrom(before);
            }
            Tensor y = c.norm(c.conv(), false);
            c.norm(c.conv(), true).toFloats();
            assertArrayEquals(expected, y.toFloats(), 1e-4f);
        }
    }

    /**
     * Though it was computed along with its ReLU, from statistics that training has moved since.
     */
    @Test
    void whatWasComputedAlongIsThereAfterTraining() {
        Case c = random(SIZES[0], 0, 1);
        try (var pause = Autograd.noGrad()) {
            float[] expected = c.norm(c.conv(), false).toFloats();
            Tensor y = c.norm(c.conv(), false);
            Functional.relu(y).toFloats();
            assertEquals(Map.of(), fused(() -> c.norm(c.conv(), true)));
            assertArrayEquals(expected, y.toFloats(), 1e-4f);
        }
    }

    private static Map<String, Integer> fused(Supplier<Tensor> code) {
        return Pending.fusedIn(() -> code.get().toFloats());
    }
}
