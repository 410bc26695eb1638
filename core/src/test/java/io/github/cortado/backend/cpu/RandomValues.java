package io.github.cortado.backend.cpu;

import java.util.Random;

/** Input for tests, without a class of the Vector API behind it. */
public final class RandomValues {
    private RandomValues() {}

    /** Uniform in [-0.5, 0.5), the same for every run. */
    public static float[] random(int length, long seed) {
        Random random = new Random(seed);
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }
}
