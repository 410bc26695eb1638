package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.Threads;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.nn.Functional;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Formulas that follow products, convolutions and normalisations part by part. */
class FollowingTest {
    private final int threads = Threads.count();

    @BeforeEach
    void onVectors() {
        assumeTrue(
                Device.cpu().backend().name().equals("cpu-vector"),
                "the scalar backend follows nothing");
    }

    @AfterEach
    void restoreThreads() {
        Threads.setCount(threads);
    }

    private static Tensor random(int... shape) {
        Random random = new Random(shape[0]);
        int n = 1;
        for (int d : shape) {
            n *= d;
        }
        float[] values = new float[n];
        for (int i = 0; i < n; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, shape);
    }

    private static Tensor conv(Tensor x, Tensor w, int stride, int pad, int groups) {
        return Conv2d.apply(x, w, null, Conv2d.Options.of(stride, pad, 1, groups));
    }

    private record First(String op, Supplier<Tensor> result) {}

    private static First of(String op, Supplier<Tensor> result) {
        return new First(op, result);
    }

    /** Results of which some are ready before others, by what computes them. */
    private static List<First> firsts() {
        Tensor rows = random(150, 40);
        Tensor wide = random(70, 300);
        Tensor pictures = random(5, 64, 16, 16);
        Tensor small = random(7, 64, 4, 4);
        Tensor few = random(2, 6, 33, 29);
        Tensor one = random(1, 6, 40, 40);
        return List.of(
                of("linear", () -> Linear.apply(rows, random(50, 40), random(50))),
                of("linear", () -> Linear.apply(wide, random(601, 300), random(601))),
                of("conv2d", () -> conv(pictures, random(72, 64, 3, 3), 1, 1, 1)),
                of("conv2d", () -> conv(random(1, 64, 37, 35), random(72, 64, 3, 3), 1, 1, 1)),
                of("conv2d", () -> conv(random(3, 24, 32, 32), random(40, 24, 1, 1), 1, 0, 1)),
                of("conv2d", () -> conv(random(64, 24, 9, 9), random(41, 24, 1, 1), 1, 0, 1)),
                of("conv2d", () -> conv(random(32, 24, 32, 32), random(40, 24, 1, 1), 1, 0, 1)),
                of("conv2d", () -> conv(random(3, 6, 20, 20), random(6, 1, 3, 3), 1, 1, 6)),
                of("conv2d", () -> conv(few, random(11, 6, 5, 5), 1, 2, 1)),
                of("conv2d", () -> conv(one, random(11, 6, 5, 5), 1, 2, 1)),
                of("conv2d", () -> conv(few, random(12, 3, 3, 3), 1, 0, 2)),
                of("batchNorm", () -> norm(pictures, true)),
                of("batchNorm", () -> norm(small, false)),
                of("layerNorm", () -> Normalise.layerNorm(wide, new int[] {300}, null, null, 1e-5)),
                of("layerNorm", () -> Normalise.layerNorm(rows, new int[] {40}, null, null, 1e-5)));
    }

    private static Tensor norm(Tensor x, boolean training) {
        Tensor mean = random(x.dim(1));
        Tensor var = mean.mul(mean);
        return Normalise.batchNorm(x, mean, var, null, mean, training, 0.1, 1e-5);
    }

    @Test
    void whatFollowsHasTheBitsOfWhatIsComputedAfterwards() {
        for (First first : firsts()) {
            whatFollowsHasTheBitsOfWhatIsComputedAfterwards(first.op, first.result);
        }
    }

    private static void whatFollowsHasTheBitsOfWhatIsComputedAfterwards(
            String op, Supplier<Tensor> first) {
        Tensor other = random(first.get().shape().dims());
        Tensor stretched = random(first.get().dim(-1));
        RandomStream stream = new RandomStream(3, 0, StepValue.of(5L));
        Map<String, UnaryOperator<Tensor>> formulas =
                Map.of(
                        "add", z -> z.add(other),
                        "gelu", Functional::gelu,
                        "mul + sub", z -> z.mul(stretched).sub(other),
                        "dropout", z -> Dropout.apply(z, 0.3, stream),
                        "exp + mul", z -> z.mul(z.exp()));
        for (int count : new int[] {1, 2, 5}) {
            Threads.setCount(count);
            formulas.forEach(
                    (name, f) -> {
                        float[][] y = new float[2][];
                        Map<String, Integer> fused =
                                Pending.fusedIn(() -> y[0] = f.apply(first.get()).toFloats());
                        assertEquals(Map.of(op + " + " + name, 1), fused);
                        try (var pause = Pending.pause()) {
                            y[1] = f.apply(first.get()).toFloats();
                        }
                        assertArrayEquals(y[1], y[0], name);
                    });
        }
    }

    /**
     * Products by attention: of whole lines, of parts of them, and of lines that fill no vector.
     */
    private static List<First> scores() {
        Tensor q = random(2, 3, 64, 16);
        Tensor few = random(1, 2, 5, 9);
        Tensor wide = random(2, 300, 20);
        return List.of(
                of("matmul", () -> q.matmul(random(2, 3, 16, 64))),
                of("matmul", () -> q.matmul(random(1, 3, 16, 70))),
                of("matmul", () -> few.matmul(random(8, 1, 9, 6))),
                of("matmul", () -> wide.matmul(random(2, 20, 601))),
                of("matmul", () -> random(6, 130, 20).matmul(random(20, 300).unsqueeze(0))));
    }

    @Test
    void aSoftmaxOfAFormulaHasTheBitsOfOneThatIsComputedAfterwards() {
        List<First> all = new ArrayList<>(firsts());
        all.addAll(scores());
        for (First first : all) {
            Tensor mask = random(first.result.get().dim(-2), first.result.get().dim(-1));
            softmaxHasTheSameBits(
                    first,
                    Map.of(first.op + " + mul + add", 1, "add + softmax", 1),
                    z -> z.mul(0.3).add(mask).softmax(-1));
            softmaxHasTheSameBits(
                    first,
                    Map.of(first.op + " + mul", 1, "mul + logSoftmax", 1),
                    z -> z.mul(0.3).logSoftmax(-1));
        }
        for (First first : scores()) {
            softmaxHasTheSameBits(first, Map.of("matmul + softmax", 1), z -> z.softmax(-1));
        }
        Tensor x = random(40, 3, 230);
        softmaxHasTheSameBits(
                of("", () -> x), Map.of("gelu + softmax", 1), z -> Functional.gelu(z).softmax(2));
        softmaxHasTheSameBits(of("", () -> x), Map.of(), z -> Functional.gelu(z).softmax(1));
        Tensor longer = random(2, (1 << 15) + 1);
        softmaxHasTheSameBits(of("", () -> longer), Map.of(), z -> z.mul(3).softmax(1));
        Tensor longest = random(2, 1 << 15);
        softmaxHasTheSameBits(
                of("", () -> longest), Map.of("mul + softmax", 1), z -> z.mul(3).softmax(1));
    }

    private static void softmaxHasTheSameBits(
            First first, Map<String, Integer> expected, UnaryOperator<Tensor> f) {
        float[] right;
        try (var pause = Pending.pause()) {
            right = f.apply(first.result.get()).toFloats();
        }
        for (int count : new int[] {1, 2, 5}) {
            Threads.setCount(count);
            float[][] y = new float[1][];
            var fused = Pending.fusedIn(() -> y[0] = f.apply(first.result.get()).toFloats());
            assertArrayEquals(right, y[0], () -> first.op + expected);
            assertEquals(expected, fused);
        }
    }

    @Test
    void aSoftmaxOfInfiniteConvolutionsIsThatOfWhatIsWrittenOnceMore() {
        float[] values = random(5, 64, 16, 16).toFloats();
        values[0] = Float.NEGATIVE_INFINITY;
        Tensor x = Tensor.of(values, 5, 64, 16, 16);
        Tensor w = random(72, 64, 3, 3);
        softmaxHasTheSameBits(
                of("conv2d", () -> conv(x, w, 1, 1, 1)),
                Map.of("conv2d + mul", 1, "mul + softmax", 1),
                z -> z.mul(0.1).softmax(3));
    }

    /** Gradients of attention, and what it computed in between, read after a step. */
    private static List<float[]> attention() {
        Tensor w = random(8, 8).requiresGrad(true);
        Tensor x = random(3, 40, 8);
        Tensor scores = Linear.apply(x, w, null).matmul(x.transpose(1, 2));
        Tensor scaled = scores.mul(0.3);
        Tensor y = scaled.softmax(2);
        Tensor z = scaled.mul(2).logSoftmax(2);
        y.matmul(x).add(z.matmul(x)).sum(false, 0).sum().backward();
        new SGD(List.of(w), 0.1).step();
        return List.of(y.toFloats(), z.toFloats(), w.toFloats(), scores.toFloats());
    }

    @Test
    void gradientsOfAttentionAreThoseOfWhatIsComputedWhereItIsWritten() {
        List<float[]> right;
        try (var pause = Pending.pause()) {
            right = attention();
        }
        Map<String, Integer> fused =
                Pending.fusedIn(
                        () -> {
                            List<float[]> found = attention();
                            for (int i = 0; i < right.size(); i++) {
                                assertArrayEquals(right.get(i), found.get(i));
                            }
                        });
        String gradients = "softmaxGrad + mulGrad + add + mulGrad";
        assertEquals(
                Set.of("matmul + add", "matmul + mul", "mul + logSoftmax", gradients),
                fused.keySet());
    }

    @Test
    void whatIsWrittenOverAMaskDoesNotChangeTheSoftmaxBefore() {
        Tensor x = random(40, 20);
        Tensor mask = random(1, 20);
        Tensor y = x.add(mask).softmax(1);
        Tensor right = x.add(mask.copy()).softmax(1);
        mask.fill(Float.NaN);
        assertArrayEquals(right.toFloats(), y.toFloats());
    }

    @Test
    void aProductOfAParameterIsStoredAndMayBeReadAfterTheStep() {
        Tensor x = random(40, 20);
        for (boolean softmax : new boolean[] {true, false}) {
            Tensor w = random(20, 30).requiresGrad(true);
            Tensor z = x.matmul(w);
            Tensor y = softmax ? z.softmax(1) : z.add(1);
            y.mul(y).sum().backward();
            float[] expected = x.matmul(random(20, 30)).toFloats();
            new SGD(List.of(w), 0.1).step();
            assertArrayEquals(expected, z.toFloats());
        }
    }

    @Test
    void aConvolutionWithoutFiniteTransformsIsFollowedOnceMore() {
        float[] values = random(5, 64, 16, 16).toFloats();
        values[0] = Float.POSITIVE_INFINITY;
        Tensor x = Tensor.of(values, 5, 64, 16, 16);
        Tensor w = random(72, 64, 3, 3);
        float[] z;
        try (var pause = Pending.pause()) {
            z = conv(x, w, 1, 1, 1).toFloats();
        }
        float[] y = conv(x, w, 1, 1, 1).mul(-1).toFloats();
        int infinite = 0;
        for (int i = 0; i < z.length; i++) {
            infinite += Float.isInfinite(z[i]) ? 1 : 0;
            assertEquals(-z[i], y[i]);
        }
        assertEquals(72 * 4, infinite);
    }

    @Test
    void whatIsInTrainingIsStoredAndMayBeReadAfterTheStep() {
        Tensor x = random(40, 20);
        Tensor w = random(30, 20).requiresGrad(true);
        Tensor z = Linear.apply(x, w, null);
        Tensor y = z.add(1);
        y.max(1, false).values().sum().backward();
        float[] expected;
        try (var noGrad = Autograd.noGrad();
                var pause = Pending.pause()) {
            expected = Linear.apply(x, w, null).toFloats();
        }
        new SGD(List.of(w), 0.1).step();
        assertArrayEquals(expected, z.toFloats());
        assertEquals(expected[3] + 1, y.toFloats()[3]);
    }

    @Test
    void whatIsNotInTrainingIsComputedAgainWhereItIsRead() {
        Tensor z = Linear.apply(random(40, 20), random(30, 20), null);
        float[] y = z.add(1).toFloats();
        float[] read = z.toFloats();
        for (int i = 0; i < y.length; i++) {
            assertEquals(read[i] + 1, y[i]);
        }
    }

    @Test
    void whatIsReadElsewhereTooIsNotFollowed() {
        Tensor z = Linear.apply(random(40, 20), random(30, 20), null);
        Tensor y = z.add(1);
        Tensor other = z.mul(2);
        assertEquals(Map.of(), Pending.fusedIn(y::toFloats));
        assertEquals(2 * (y.toFloats()[9] - 1), other.toFloats()[9], 1e-5);
    }
}
