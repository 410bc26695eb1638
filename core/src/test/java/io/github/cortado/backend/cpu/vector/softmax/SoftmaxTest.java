package io.github.cortado.backend.cpu.vector.softmax;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.DType;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class SoftmaxTest {
    private static final long IGNORED = -100;

    private final Backend reference = new ScalarBackend();
    private final Softmax room = new Softmax();

    @Test
    void linesGoAsTheyLie() {
        assertEquals("within lines", room.ways.wayOf(new Axis(300, 100, 1)));
        assertEquals("across lines", room.ways.wayOf(new Axis(300, 3, 1)));
        assertEquals("across lines", room.ways.wayOf(new Axis(2, 16, 31)));
        assertEquals("across lines", room.ways.wayOf(new Axis(4, 3, 2)));
        assertEquals("across lines", room.ways.wayOf(new Axis(2, 100_000, 64)));
        assertEquals("copied lines", room.ways.wayOf(new Axis(1, 100_000, 3)));
    }

    /** Of every way, with lines that fill vectors and others. */
    private static final Axis[] AXES = {
        new Axis(37, 130, 1),
        new Axis(3, 9000, 1),
        new Axis(300, 3, 1),
        new Axis(3, 7, 5),
        new Axis(2, 30, 339),
        new Axis(2, 5000, 3)
    };

    @Test
    void everyWayGivesWhatTheReferenceGives() {
        for (Axis axis : AXES) {
            int length = axis.outer() * axis.n() * axis.inner();
            Floats x = new Floats(RandomValues.random(length, 1));
            Floats dy = new Floats(RandomValues.random(length, 2));
            Floats y = new Floats(new float[length]);
            Floats right = new Floats(new float[length]);
            room.softmax(x, y, axis, false);
            reference.softmax(x, right, axis, false);
            assertArrayEquals(right.array(), y.array(), 1e-6f, "softmax of " + axis);
            Floats dx = new Floats(new float[length]);
            room.softmaxGrad(right, dy, dx, axis, false);
            reference.softmaxGrad(right, dy, y, axis, false);
            assertArrayEquals(y.array(), dx.array(), 1e-6f, "softmaxGrad of " + axis);
            room.softmax(x, y, axis, true);
            reference.softmax(x, right, axis, true);
            assertArrayEquals(right.array(), y.array(), 2e-6f, "logSoftmax of " + axis);
            room.softmaxGrad(right, dy, dx, axis, true);
            reference.softmaxGrad(right, dy, y, axis, true);
            assertArrayEquals(y.array(), dx.array(), 1e-5f, "logSoftmaxGrad of " + axis);
        }
    }

    /** In floats e^-25 adds nothing to 1, of which it is the loss. */
    @Test
    void aLossOfAClassifierThatIsSureIsNoDifferenceOfLargeNumbers() {
        for (int inner : new int[] {1, 40}) {
            CrossEntropySpec s = new CrossEntropySpec(1, 64, inner, Reduction.NONE, IGNORED, 0);
            float[] logits = new float[64 * inner];
            Arrays.fill(logits, 0, inner, 25f);
            Buffer target = reference.allocate(DType.INT64, inner);
            Floats y = new Floats(new float[inner]);
            room.crossEntropy(new Floats(logits), target, y, null, null, s);
            double loss = Math.log1p(63 * Math.exp(-25));
            for (float found : y.array()) {
                assertEquals(loss, found, 1e-6 * loss, "inner " + inner);
            }
        }
    }

    @Test
    void lossesAndGradientsAreTheReferences() {
        int[][] sizes = {{23, 7, 1}, {23, 7, 4}, {9, 100, 1}, {2, 7, 200}, {1, 4200, 2}};
        for (int[] size : sizes) {
            for (Reduction reduction : Reduction.values()) {
                for (double smoothing : new double[] {0, 0.1}) {
                    CrossEntropySpec s = spec(size[0], size[1], size[2], reduction, smoothing);
                    float[][] right = losses(reference::crossEntropy, s);
                    float[][] found = losses(room::crossEntropy, s);
                    assertArrayEquals(right[0], found[0], 1e-6f, "gradients of " + s);
                    assertArrayEquals(right[1], found[1], 1e-4f, "losses of " + s);
                }
            }
        }
    }

    @Test
    void aTargetThatIsNoClassIsRefused() {
        for (int inner : new int[] {1, 4}) {
            CrossEntropySpec s = spec(2, 3, inner, Reduction.MEAN, 0);
            Floats logits = new Floats(new float[6 * inner]);
            Buffer target = reference.allocate(DType.INT64, 2 * inner);
            long[] classes = new long[2 * inner];
            classes[1] = 3;
            reference.upload(classes, target);
            Floats y = new Floats(new float[1]);
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> room.crossEntropy(logits, target, y, null, null, s));
            assertEquals(
                    "crossEntropy: target 3 at position 1 is not a class from 0 to 2",
                    e.getMessage());
        }
    }

    private interface CrossEntropy {
        void run(
                Buffer logits,
                Buffer target,
                Buffer y,
                Buffer dx,
                Buffer totals,
                CrossEntropySpec s);
    }

    /** Gradients and losses; every fifth target is ignored. */
    private float[][] losses(CrossEntropy f, CrossEntropySpec s) {
        int lines = s.n() * s.inner();
        long[] classes = new long[lines];
        for (int i = 0; i < lines; i++) {
            classes[i] = i % 5 == 2 ? IGNORED : i * 31 % s.classes();
        }
        Buffer target = reference.allocate(DType.INT64, lines);
        reference.upload(classes, target);
        Floats logits = new Floats(RandomValues.random(lines * s.classes(), 2));
        Floats dx = new Floats(new float[lines * s.classes()]);
        Floats y = new Floats(new float[s.reduction() == Reduction.NONE ? lines : 1]);
        f.run(logits, target, y, dx, null, s);
        Floats alone = new Floats(new float[y.length()]);
        f.run(logits, target, alone, null, null, s);
        assertArrayEquals(y.array(), alone.array());
        return new float[][] {dx.array(), y.array()};
    }

    private static CrossEntropySpec spec(
            int n, int classes, int inner, Reduction reduction, double smoothing) {
        return new CrossEntropySpec(n, classes, inner, reduction, IGNORED, smoothing);
    }
}
