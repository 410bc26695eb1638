package io.github.cortado.examples.text;

import io.github.cortado.Tensor;
import io.github.cortado.random.PhiloxGenerator;
import io.github.cortado.random.Streams;
import java.util.Arrays;

/**
 * Stretches of a text to learn from, and what follows each of their characters. Where those of a
 * step begin is a function of the seed and the step alone.
 *
 * @param text numbers of characters
 * @param length of a stretch, below the text's
 */
record Stretches(long[] text, int length) {
    /** Where the stretches of a step begin. */
    long[] starts(long seed, int step, int count) {
        PhiloxGenerator draws = Streams.general(seed, step).generator();
        long[] starts = new long[count];
        for (int i = 0; i < count; i++) {
            starts[i] = draws.bounded(text.length - length);
        }
        return starts;
    }

    /** Beginnings of stretches one behind the other, as many as there is room for. */
    long[] allStarts() {
        long[] starts = new long[(text.length - 1) / length];
        for (int i = 0; i < starts.length; i++) {
            starts[i] = (long) i * length;
        }
        return starts;
    }

    /** Stretches [n, length] that begin there. */
    Tensor at(long[] starts) {
        return from(starts, 0);
    }

    /** What follows each of their characters, [n, length]. */
    Tensor behind(long[] starts) {
        return from(starts, 1);
    }

    private Tensor from(long[] starts, int offset) {
        long[] numbers = new long[starts.length * length];
        for (int i = 0; i < starts.length; i++) {
            System.arraycopy(text, (int) starts[i] + offset, numbers, i * length, length);
        }
        return Tensor.of(numbers, starts.length, length);
    }

    /** The text's beginning and its rest, as stretches of the same length. */
    Stretches[] split(int at) {
        return new Stretches[] {
            new Stretches(Arrays.copyOfRange(text, 0, at), length),
            new Stretches(Arrays.copyOfRange(text, at, text.length), length)
        };
    }
}
