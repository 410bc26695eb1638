package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class SyntheticShapesTest {
    private static final int HASH = -1230816619;

    @Test
    void picturesDependOnSeedAndNumberAlone() {
        SyntheticShapes all = SyntheticShapes.train(50, 1);
        SyntheticShapes few = SyntheticShapes.train(20, 1);
        for (int i = 0; i < 20; i++) {
            assertEquals(all.image(i), few.image(i));
            assertEquals(all.label(i), few.label(i));
            assertNotEquals(all.image(i), SyntheticShapes.train(20, 2).image(i));
            assertNotEquals(all.image(i), SyntheticShapes.test(20, 1).image(i));
        }
    }

    @Test
    void thePixelsAreTheSameOnEveryMachine() {
        SyntheticShapes shapes = SyntheticShapes.train(100, 0);
        int hash = 0;
        for (int i = 0; i < 100; i++) {
            hash = 31 * hash + shapes.image(i).hashCode() + shapes.label(i);
        }
        assertEquals(HASH, hash);
    }

    @Test
    void thereAreTenClassesOfEqualSizeWithShortNames() {
        SyntheticShapes shapes = SyntheticShapes.train(5000, 3);
        assertEquals(10, shapes.classNames().size());
        assertTrue(shapes.classNames().stream().allMatch(name -> name.length() <= 5));
        int[] counts = new int[10];
        for (int i = 0; i < shapes.size(); i++) {
            counts[shapes.label(i)]++;
        }
        for (int count : counts) {
            assertEquals(500, count, 80);
        }
        assertEquals(0, SyntheticShapes.train(0, 0).size());
        assertThrows(IllegalArgumentException.class, () -> SyntheticShapes.train(-1, 0));
        assertThrows(IndexOutOfBoundsException.class, () -> shapes.image(5000));
    }

    @Test
    void aLinearModelDoesNotSuffice() {
        SyntheticShapes train = SyntheticShapes.train(1500, 0);
        SyntheticShapes test = SyntheticShapes.test(1000, 0);
        LinearModel model = new LinearModel();
        for (int epoch = 0; epoch < 4; epoch++) {
            for (int i = 0; i < train.size(); i++) {
                model.learn(train.image(i).toBytes(), train.label(i));
            }
        }
        int right = 0;
        for (int i = 0; i < test.size(); i++) {
            right += model.classify(test.image(i).toBytes()) == test.label(i) ? 1 : 0;
        }
        System.out.printf("shapes: a linear model finds %.1f %%%n", right / 10.0);
        assertTrue(right < 600, "a linear model finds " + right / 10.0 + " %");
    }

    /** Softmax regression on the pixels, by stochastic gradient descent. */
    private static final class LinearModel {
        private final float[][] w = new float[10][3073];

        void learn(byte[] x, int label) {
            float[] p = scores(x);
            float max = Float.NEGATIVE_INFINITY;
            for (float score : p) {
                max = Math.max(max, score);
            }
            float sum = 0;
            for (int k = 0; k < 10; k++) {
                p[k] = (float) Math.exp(p[k] - max);
                sum += p[k];
            }
            for (int k = 0; k < 10; k++) {
                float step = 0.0005f * (p[k] / sum - (k == label ? 1 : 0));
                for (int i = 0; i < 3072; i++) {
                    w[k][i] -= step * value(x[i]);
                }
                w[k][3072] -= step;
            }
        }

        int classify(byte[] x) {
            float[] scores = scores(x);
            int best = 0;
            for (int k = 1; k < 10; k++) {
                best = scores[k] > scores[best] ? k : best;
            }
            return best;
        }

        private float[] scores(byte[] x) {
            float[] scores = new float[10];
            for (int k = 0; k < 10; k++) {
                scores[k] = w[k][3072];
                for (int i = 0; i < 3072; i++) {
                    scores[k] += w[k][i] * value(x[i]);
                }
            }
            return scores;
        }

        private static float value(byte x) {
            return ((x & 0xff) - 128) / 64f;
        }
    }
}
