package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

class GradientsTest {
    private static Tensor withGradient(float... g) {
        Tensor p = Tensor.zeros(g.length).requiresGrad(true);
        p.grad(Tensor.of(g));
        return p;
    }

    /** What torch.nn.utils.clip_grad_norm_ makes of them: 1 / (13 + 1e-6) of each. */
    @Test
    void aNormThatIsTooLargeIsScaledOverAllParameters() {
        Tensor a = withGradient(3, -4);
        Tensor b = withGradient(12);
        Tensor none = Tensor.zeros(2).requiresGrad(true);
        Tensor norm = Gradients.clipNorm(List.of(a, none, b), 1);
        assertEquals(13, norm.item(), 1e-6);
        assertArrayEquals(new float[] {3 / 13f, -4 / 13f}, a.grad().toFloats(), 1e-6f);
        assertArrayEquals(new float[] {12 / 13f}, b.grad().toFloats(), 1e-6f);
    }

    @Test
    void aSmallNormIsLeftAlone() {
        Tensor a = withGradient(3, -4);
        assertEquals(5, Gradients.clipNorm(List.of(a), 5.1).item(), 1e-6);
        assertArrayEquals(new float[] {3, -4}, a.grad().toFloats());
        assertEquals(0, Gradients.clipNorm(List.of(Tensor.zeros(1)), 1).item());
    }

    @Test
    void valuesAreCutOff() {
        Tensor a = withGradient(3, -4, 0.5f);
        Gradients.clipValue(List.of(a), 2);
        assertArrayEquals(new float[] {2, -2, 0.5f}, a.grad().toFloats());
    }

    @Test
    void boundsThatAreNoneAreNamed() {
        var e =
                assertThrows(
                        IllegalArgumentException.class, () -> Gradients.clipNorm(List.of(), 0));
        assertEquals("Gradients.clipNorm: expected a norm above 0, got 0.0", e.getMessage());
        e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Gradients.clipValue(List.of(), Double.NaN));
        assertEquals("Gradients.clipValue: expected a limit above 0, got NaN", e.getMessage());
    }
}
