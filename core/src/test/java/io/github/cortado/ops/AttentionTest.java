package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.Parallel;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Init;
import io.github.cortado.random.Streams;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Attention as one operation is what it is composed of, and which of them it is. */
class AttentionTest {
    /** Composes it: dropout of nothing. */
    private static final UnaryOperator<Tensor> COMPOSED = weights -> weights;

    static List<Device> devices() {
        return CpuDevices.all();
    }

    private static Tensor random(Device device, int number, int... shape) {
        Tensor x = Tensor.zeros(shape);
        return Init.uniform(x, -1, 1, Streams.general(5, number)).to(device).requiresGrad(true);
    }

    private static String op(Tensor y) {
        return Internals.node(y).op();
    }

    /** Results and gradients, one after the other. */
    private static List<float[]> all(Function<List<Tensor>, Tensor> f, List<Tensor> x) {
        Tensor y = f.apply(x);
        Tensor dy = random(y.device(), 9, y.shape().dims()).detach();
        List<float[]> found = new ArrayList<>(List.of(y.toFloats()));
        Autograd.grad(y.mul(dy).sum(), x.toArray(Tensor[]::new))
                .forEach(dx -> found.add(dx.toFloats()));
        return found;
    }

    private static void near(
            Function<List<Tensor>, Tensor> fused,
            Function<List<Tensor>, Tensor> composed,
            List<Tensor> x) {
        assertEquals("scaledDotProductAttention", op(fused.apply(x)));
        assertTrue(!op(composed.apply(x)).equals("scaledDotProductAttention"));
        List<float[]> right = all(composed, x);
        List<float[]> found = all(fused, x);
        for (int i = 0; i < right.size(); i++) {
            assertArrayEquals(right.get(i), found.get(i), 1e-5f, "result " + i);
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void itIsWhatItIsComposedOf(Device device) {
        int[][] sizes = {{1, 1, 1}, {5, 7, 4}, {65, 65, 32}, {70, 300, 48}, {33, 17, 128}};
        for (int[] s : sizes) {
            List<Tensor> x =
                    List.of(
                            random(device, 0, 2, 3, s[0], s[2]),
                            random(device, 1, 2, 3, s[1], s[2]),
                            random(device, 2, 2, 3, s[1], 5));
            near(
                    t -> Functional.scaledDotProductAttention(t.get(0), t.get(1), t.get(2)),
                    t -> Attention.apply(t.get(0), t.get(1), t.get(2), null, COMPOSED),
                    x);
            near(
                    t -> Functional.scaledDotProductAttention(t.get(0), t.get(1), t.get(2), true),
                    t -> Attention.causal(t.get(0), t.get(1), t.get(2), COMPOSED),
                    x);
            for (int[] shape :
                    new int[][] {
                        {s[0], s[1]}, {s[1]}, {2, 1, 1, s[1]}, {3, s[0], 1}, {2, 3, s[0], s[1]}, {}
                    }) {
                Tensor mask = random(device, 3, shape).detach();
                near(
                        t -> Attention.apply(t.get(0), t.get(1), t.get(2), mask, null),
                        t -> Attention.apply(t.get(0), t.get(1), t.get(2), mask, COMPOSED),
                        x);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void headsMayLieSideBySide(Device device) {
        for (boolean batchFirst : new boolean[] {true, false}) {
            for (boolean causal : new boolean[] {true, false}) {
                near(
                        t -> Attention.ofHeads(t, 4, batchFirst, null, causal, null),
                        t -> Attention.ofHeads(t, 4, batchFirst, null, causal, COMPOSED),
                        List.of(random(device, 0, 9, 5, 3 * 12)));
            }
            int[] few = batchFirst ? new int[] {2, 5, 12} : new int[] {5, 2, 12};
            int[] many = batchFirst ? new int[] {2, 20, 12} : new int[] {20, 2, 12};
            Tensor mask = random(device, 3, 2, 1, 1, 20).detach();
            near(
                    t -> Attention.ofHeads(t, 3, batchFirst, mask, false, null),
                    t -> Attention.ofHeads(t, 3, batchFirst, mask, false, COMPOSED),
                    List.of(
                            random(device, 0, few),
                            random(device, 1, many),
                            random(device, 2, many)));
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whatSeesNothingIsZeroAndHasNoGradient(Device device) {
        Tensor x = random(device, 0, 2, 20, 8);
        float[] hidden = new float[20 * 20];
        Arrays.fill(hidden, 60, 80, Float.NEGATIVE_INFINITY);
        Tensor mask = Tensor.of(hidden, 20, 20).to(device);
        Tensor y = Functional.scaledDotProductAttention(x, x, x, mask);
        assertArrayEquals(new float[16], y.narrow(1, 3, 1).toFloats());
        Tensor dx = Autograd.grad(y.narrow(1, 3, 1).sum(), x).get(0);
        assertArrayEquals(new float[x.size()], dx.toFloats());
    }

    /** Their softmax is exact, for one score is far above all others. */
    @ParameterizedTest
    @MethodSource("devices")
    void hugeScoresChooseOneKey(Device device) {
        float[] keys = new float[30 * 4];
        for (int i = 0; i < 30; i++) {
            keys[i * 4] = (i * 7 + 3) % 30;
        }
        Tensor k = Tensor.of(keys, 30, 4).to(device);
        Tensor q = Tensor.full(2e4, 3, 4).to(device);
        Tensor v = random(device, 2, 30, 6).detach();
        Tensor y = Functional.scaledDotProductAttention(q, k, v);
        int largest = 0;
        while ((largest * 7 + 3) % 30 != 29) {
            largest++;
        }
        assertArrayEquals(v.narrow(0, largest, 1).toFloats(), y.narrow(0, 1, 1).toFloats());
    }

    @ParameterizedTest
    @MethodSource("devices")
    void whereItIsNotOneOperationItIsComposed(Device device) {
        Tensor q = random(device, 0, 2, 3, 4);
        Tensor bias = random(device, 1, 3, 3);
        assertEquals("matmul", op(Functional.scaledDotProductAttention(q, q, q, bias)));
        Tensor wide = random(device, 0, 2, 3, 129);
        assertEquals("matmul", op(Functional.scaledDotProductAttention(wide, wide, wide)));
        assertEquals("matmul", op(Functional.scaledDotProductAttention(q, q, wide)));
        Tensor one = random(device, 2, 1, 3, 4);
        assertEquals("matmul", op(Functional.scaledDotProductAttention(q, one, one)));
        String fused = "scaledDotProductAttention";
        assertEquals(fused, op(Functional.scaledDotProductAttention(q, q, q, bias.detach())));
        try (var pause = Autograd.noGrad()) {
            Tensor y = Functional.scaledDotProductAttention(q, q, q, bias);
            assertArrayEquals(
                    Attention.apply(q, q, q, bias, COMPOSED).toFloats(), y.toFloats(), 1e-6f);
        }
        Tensor none = Tensor.zeros(2, 0, 4).to(device);
        Tensor y = Functional.scaledDotProductAttention(q, none, none);
        assertArrayEquals(new float[24], y.toFloats());
    }

    @Test
    void bitsDoNotDependOnTheNumberOfThreads() {
        int threads = Parallel.threads();
        List<Tensor> few = List.of(random(Device.cpu(), 0, 2, 400, 3 * 32));
        List<Tensor> many = List.of(random(Device.cpu(), 1, 4, 130, 3 * 48));
        try {
            for (boolean causal : new boolean[] {true, false}) {
                for (List<Tensor> x : List.of(few, many)) {
                    Function<List<Tensor>, Tensor> f =
                            t -> Attention.ofHeads(t, 1, true, null, causal, null);
                    Parallel.setThreads(1);
                    List<float[]> alone = all(f, x);
                    Parallel.setThreads(3);
                    List<float[]> together = all(f, x);
                    for (int i = 0; i < alone.size(); i++) {
                        assertArrayEquals(alone.get(i), together.get(i));
                    }
                }
            }
        } finally {
            Parallel.setThreads(threads);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() {
        var e =
                assertThrows(
                        ShapeException.class,
                        () -> Functional.selfAttention(Tensor.zeros(2, 3, 12), 3, true));
        assertEquals(
                "scaledDotProductAttention: 3 heads expect [n, t, width] with a width that they can"
                        + " share, three times, got [2, 3, 12]",
                e.getMessage());
        Tensor x = Tensor.zeros(2, 3, 12);
        Tensor fewer = Tensor.zeros(2, 2, 12);
        e =
                assertThrows(
                        ShapeException.class,
                        () -> Attention.ofHeads(List.of(x, x, fewer), 3, true, null, false, null));
        assertEquals(
                "scaledDotProductAttention: queries [2, 3, 12], keys [2, 3, 12] and values [2, 2,"
                        + " 12]: expected keys as wide as queries, and as many as values",
                e.getMessage());
    }
}
