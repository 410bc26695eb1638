package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.GLU;
import io.github.cortado.nn.Reduction;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What the numbers of the oracle and the gradients do not show: sizes, limits and refusals. */
class PartsAndStatisticsTest {
    private static final Tensor FIVE = Tensor.of(new float[] {1, 2, 3, 4, 5}, 5);

    private static List<Integer> sizes(List<Tensor> parts) {
        return parts.stream().map(Tensor::size).toList();
    }

    @Test
    void partsAreOfOneSizeButForTheLast() {
        assertEquals(List.of(2, 2, 1), sizes(FIVE.split(2, 0)));
        assertEquals(List.of(5), sizes(FIVE.split(7, 0)));
        assertEquals(List.of(2, 2, 1), sizes(FIVE.chunk(4, 0)));
        assertEquals(List.of(3, 2), sizes(FIVE.chunk(2, -1)));
        assertEquals(List.of(1, 1, 1, 1, 1), sizes(FIVE.chunk(9, 0)));
        assertEquals(List.of(0), sizes(Tensor.zeros(2, 0).chunk(3, 1)));
        assertThrows(ShapeException.class, () -> FIVE.split(0, 0));
        assertThrows(ShapeException.class, () -> FIVE.chunk(0, 0));
        assertThrows(ShapeException.class, () -> FIVE.chunk(2, 1));
    }

    @Test
    void whatIsStackedHasANewDimension() {
        Tensor a = Tensor.of(new float[] {1, 2}, 2);
        Tensor b = Tensor.of(new float[] {3, 4}, 2);
        assertArrayEquals(new float[] {1, 2, 3, 4}, Tensor.stack(0, a, b).toFloats());
        Tensor columns = Tensor.stack(-1, a, b);
        assertEquals(Shape.of(2, 2), columns.shape());
        assertArrayEquals(new float[] {1, 3, 2, 4}, columns.toFloats());
        var e = assertThrows(ShapeException.class, () -> Tensor.stack(0, a, b, FIVE));
        assertTrue(e.getMessage().contains("number 2 has"), e.getMessage());
        assertThrows(ShapeException.class, () -> Tensor.stack(0));
    }

    /** As in PyTorch, where dims is empty or None. */
    @Test
    void withoutDimensionsAllAreReduced() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
        assertEquals(10, x.sum(false).item());
        assertEquals(2.5, x.mean(false).item());
        assertEquals(1.66667, x.var(false).item(), 1e-5);
        assertEquals(1.25, x.var(0, false).item(), 1e-5);
        assertEquals(1.29099, x.std(false).item(), 1e-5);
        assertEquals(1.11803, x.std(0, false).item(), 1e-5);
        assertEquals(5.47723, x.norm(false).item(), 1e-5);
        assertTrue(x.any(false).toBooleans()[0]);
        assertTrue(x.all(false).toBooleans()[0]);
        for (Tensor y :
                List.of(
                        x.sum(true),
                        x.mean(true),
                        x.var(true),
                        x.std(true),
                        x.norm(true),
                        x.any(true),
                        x.all(true))) {
            assertEquals(Shape.of(1, 1), y.shape());
        }
        assertEquals(3, Tensor.scalar(3f).sum(true).item());
    }

    @Test
    void wholeNumbersThatNoDoubleHasAreReadAsTheyAre() {
        long large = 1L << 60;
        Tensor x = Tensor.of(new long[] {large + 1, -large - 1, Long.MIN_VALUE});
        String text = x.toString();
        assertTrue(
                text.startsWith(
                        "tensor([1152921504606846977, -1152921504606846977, -9223372036854775808]"),
                text);
        Tensor next = Tensor.of(new long[] {large, -large - 1, Long.MIN_VALUE});
        assertFalse(x.allClose(next, 0, 0));
        assertTrue(x.allClose(x, 0, 0));
        assertTrue(x.allClose(next, 0, 1));
        assertTrue(x.allClose(next));
        Tensor most = Tensor.scalar(Long.MAX_VALUE);
        assertFalse(most.allClose(Tensor.scalar(Long.MIN_VALUE)));
    }

    /** PyTorch's grad is None. */
    @Test
    void aLeafThatWasFrozenAfterTheForwardPassGetsNoGradient() {
        Tensor x = Tensor.of(new float[] {2, 3}).requiresGrad(true);
        Tensor w = Tensor.of(new float[] {5, 7}).requiresGrad(true);
        Tensor y = x.mul(w).sum();
        Tensor again = x.mul(2).sum();
        x.requiresGrad(false);
        y.backward();
        assertNull(x.grad());
        assertArrayEquals(new float[] {2, 3}, w.grad().toFloats());
        x.requiresGrad(true);
        again.backward();
        assertArrayEquals(new float[] {2, 2}, x.grad().toFloats());
    }

    /** A sum hands its gradient to both of its terms; one of them has a part, too. */
    @Test
    void aPartsGradientLeavesAnotherTensorsAlone() {
        Tensor p = Tensor.ones(3).requiresGrad(true);
        Tensor q = Tensor.ones(3).requiresGrad(true);
        Tensor a = p.mul(2);
        Tensor b = q.mul(3);
        Tensor part = a.narrow(0, 1, 1);
        Tensor all = a.add(b);
        all.backward(all.detach().copy().fill(1));
        assertArrayEquals(new float[] {2, 2, 2}, p.grad().toFloats());

        p.grad(null);
        q.grad(null);
        a = p.mul(2);
        b = q.mul(3);
        part = a.narrow(0, 1, 1);
        all = a.add(b);
        Tensor.cat(0, part, all).backward(Tensor.ones(4));
        assertArrayEquals(new float[] {2, 4, 2}, p.grad().toFloats());
        assertArrayEquals(new float[] {3, 3, 3}, q.grad().toFloats());
    }

    /**
     * Many parts, of rows and of columns, some of them twice, and the whole of it before and after.
     */
    @Test
    void manyPartsAndTheWholeAddUp() {
        Tensor x = Tensor.ones(4, 6).requiresGrad(true);
        Tensor y = x.mul(1);
        Tensor sum = y.mul(5).sum();
        for (int i = 0; i < 4; i++) {
            sum = sum.add(y.narrow(0, i, 1).sum().mul(i));
        }
        for (int j = 0; j < 5; j++) {
            sum = sum.add(y.narrow(1, j, 2).sum().mul(10));
        }
        sum.add(y.sum()).backward();
        float[] g = x.grad().toFloats();
        for (int i = 0; i < g.length; i++) {
            int column = i % 6;
            int twice = column == 0 || column == 5 ? 1 : 2;
            assertEquals(6 + i / 6 + 10 * twice, g[i], "element " + i);
        }
    }

    @Test
    void aVarianceOfOneElementIsNoNumber() {
        assertEquals(2.5f, FIVE.var().item(), 1e-6);
        assertEquals(2f, FIVE.var(0, false, 0).item(), 1e-6);
        assertTrue(Double.isNaN(Tensor.ones(1).var().item()));
        assertEquals(Double.POSITIVE_INFINITY, FIVE.var(5, false, 0).item());
        assertThrows(ShapeException.class, () -> FIVE.var(-1, false, 0));
    }

    static Stream<Arguments> mistakes() {
        Tensor none = Tensor.zeros(2, 0);
        Tensor whole = Tensor.of(new long[] {1, 2});
        return Stream.of(
                mistake("min: dimension 1 of [2, 0] is empty", () -> none.min(1, false)),
                mistake("max: dimension 1 of [2, 0] is empty", () -> none.max(1, false)),
                mistake("logSumExp: dimension 1 of [2, 0] is empty", () -> none.logSumExp(1, true)),
                mistake(
                        "min: dimension 1 does not exist in a tensor of shape [5]",
                        () -> FIVE.min(1, false)),
                mistake(
                        "var: dimension 1 does not exist in a tensor of shape [5]",
                        () -> FIVE.var(false, 1)),
                mistake(
                        "norm: dimension 1 does not exist in a tensor of shape [5]",
                        () -> FIVE.norm(false, 1)),
                mistake(
                        "any: dimension 1 does not exist in a tensor of shape [5]",
                        () -> FIVE.any(false, 1)),
                mistake(
                        "all: dimension 1 does not exist in a tensor of shape [5]",
                        () -> FIVE.all(false, 1)),
                mistake("var: dimension 0 is named twice for [5]", () -> FIVE.var(false, 0, 0)),
                mistake("norm: dimension 0 is named twice for [5]", () -> FIVE.norm(false, 0, 0)),
                mistake("any: dimension 0 is named twice for [5]", () -> FIVE.any(false, 0, 0)),
                mistake("all: dimension -1 is named twice for [5]", () -> FIVE.all(false, 0, -1)),
                mistake("flip: dimension 0 is named twice for [5]", () -> FIVE.flip(0, 0)),
                mistake("flip: dimension -1 is named twice for [5]", () -> FIVE.flip(0, -1)),
                mistake(
                        "min: expects floating-point numbers, got int64 [2]",
                        () -> whole.min(0, false)));
    }

    private static Arguments mistake(String message, Executable run) {
        return Arguments.of(message, run);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("mistakes")
    void aMistakeIsNamedByWhatWasCalled(String message, Executable run) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, run).getMessage());
    }

    @Test
    void aResultThatIsChangedBeforeItsGradientIsAnError() {
        Tensor x = Tensor.of(new float[] {1, 2, 3}, 1, 3).requiresGrad(true);
        Tensor y = x.logSumExp(1, false);
        y.detach().fill(0);
        assertThrows(IllegalStateException.class, () -> y.sum().backward());
    }

    @Test
    void boundsAndWidthsAreChecked() {
        assertArrayEquals(new float[] {2, 2, 2, 2, 2}, FIVE.clamp(3, 2).toFloats());
        assertThrows(IllegalArgumentException.class, () -> FIVE.clamp(Double.NaN, 2));
        Tensor zero = Tensor.zeros(5);
        assertEquals(3f, Functional.smoothL1Loss(FIVE, zero, Reduction.MEAN, 0).item());
        assertThrows(
                IllegalArgumentException.class,
                () -> Functional.smoothL1Loss(FIVE, zero, Reduction.MEAN, -1));
        assertThrows(
                IllegalArgumentException.class,
                () -> Functional.huberLoss(FIVE, zero, Reduction.MEAN, 0));
        assertThrows(ShapeException.class, () -> Functional.l1Loss(FIVE, Tensor.zeros(4)));
        assertThrows(ShapeException.class, () -> new GLU().forward(FIVE));
        assertThrows(IllegalArgumentException.class, () -> new GELU("erf"));
        assertEquals("GELU(approximate='tanh')", new GELU("tanh").toString());
        assertEquals("GLU(dim=-1)", new GLU().toString());
    }
}
