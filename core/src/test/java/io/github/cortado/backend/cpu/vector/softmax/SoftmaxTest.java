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
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class SoftmaxTest {
    private static final long IGNORED = -100;

    private final Backend reference = new ScalarBackend();
    private final Softmax room = new Softmax(reference);

    @Test
    void rowsThatLieTogetherGoOnVectorsAndOthersToTheReference() {
        assertEquals("rows that lie together", room.softmax.wayOf(new Axis(300, 10, 1)));
        assertEquals("reference", room.softmax.wayOf(new Axis(2, 16, 31)));
        assertEquals("rows that lie together", room.logSoftmax.wayOf(new Axis(1, 1000, 1)));
        assertEquals("reference", room.logSoftmax.wayOf(new Axis(4, 3, 2)));
        assertEquals("rows that lie together", room.crossEntropy.wayOf(new Axis(100, 10, 1)));
        assertEquals("reference", room.crossEntropy.wayOf(new Axis(2, 5, 9)));
        assertEquals(
                List.of(
                        "softmax of Axis[outer=2, n=16, inner=31]: reference (rows that lie together: what is"
                                + " added up lies 31 elements apart)"),
                room.softmax.slow());
    }

    @Test
    void bothWaysGiveWhatTheReferenceGives() {
        for (Axis axis :
                new Axis[] {new Axis(37, 10, 1), new Axis(3, 9000, 1), new Axis(3, 7, 5)}) {
            int length = axis.outer() * axis.n() * axis.inner();
            Floats x = new Floats(RandomValues.random(length, 1));
            Floats y = new Floats(new float[length]);
            Floats right = new Floats(new float[length]);
            room.softmax(x, y, axis);
            reference.softmax(x, right, axis);
            assertArrayEquals(right.array(), y.array(), 1e-6f, "softmax of " + axis);
            room.logSoftmax(x, y, axis);
            reference.logSoftmax(x, right, axis);
            assertArrayEquals(right.array(), y.array(), 2e-6f, "logSoftmax of " + axis);
        }
    }

    @Test
    void bothWaysGiveTheReferencesLossesAndProbabilities() {
        for (int inner : new int[] {1, 4}) {
            for (Reduction reduction : Reduction.values()) {
                for (double smoothing : new double[] {0, 0.1}) {
                    CrossEntropySpec s = spec(23, 7, inner, reduction, smoothing);
                    float[][] right = losses(reference::crossEntropy, s);
                    float[][] found = losses(room::crossEntropy, s);
                    assertArrayEquals(right[0], found[0], 1e-6f, "probabilities of " + s);
                    assertArrayEquals(right[1], found[1], 1e-4f, "losses of " + s);
                }
            }
        }
    }

    @Test
    void bothWaysRefuseATargetThatIsNoClass() {
        for (int inner : new int[] {1, 4}) {
            CrossEntropySpec s = spec(2, 3, inner, Reduction.MEAN, 0);
            Floats logits = new Floats(new float[6 * inner]);
            Buffer target = reference.allocate(DType.INT64, 2 * inner);
            long[] classes = new long[2 * inner];
            classes[1] = 3;
            reference.upload(classes, target);
            Floats p = new Floats(new float[6 * inner]);
            Floats y = new Floats(new float[1]);
            IllegalArgumentException e =
                    assertThrows(
                            IllegalArgumentException.class,
                            () -> room.crossEntropy(logits, target, p, y, s));
            assertEquals(
                    "crossEntropy: target 3 at position 1 is not a class from 0 to 2",
                    e.getMessage());
        }
    }

    private interface CrossEntropy {
        void run(Buffer logits, Buffer target, Buffer probabilities, Buffer y, CrossEntropySpec s);
    }

    /** Probabilities and losses; every fifth target is ignored. */
    private float[][] losses(CrossEntropy f, CrossEntropySpec s) {
        int lines = s.n() * s.inner();
        long[] classes = new long[lines];
        for (int i = 0; i < lines; i++) {
            classes[i] = i % 5 == 2 ? IGNORED : i * 31 % s.classes();
        }
        Buffer target = reference.allocate(DType.INT64, lines);
        reference.upload(classes, target);
        Floats logits = new Floats(RandomValues.random(lines * s.classes(), 2));
        Floats p = new Floats(new float[lines * s.classes()]);
        Floats y = new Floats(new float[s.reduction() == Reduction.NONE ? lines : 1]);
        f.run(logits, target, p, y, s);
        return new float[][] {p.array(), y.array()};
    }

    private static CrossEntropySpec spec(
            int n, int classes, int inner, Reduction reduction, double smoothing) {
        return new CrossEntropySpec(n, classes, inner, reduction, IGNORED, smoothing);
    }
}
