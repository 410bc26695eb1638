package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import java.util.Arrays;
import java.util.function.BiFunction;

/**
 * Sums of products as they should be, and how far from them tensor cores may be.
 *
 * <p>An instruction adds four products and the sum so far at once, on the GPUs with the coarsest of
 * these adders (an A100's; the source is cited in {@code tensor_cpu.h}). All five lose what lies 24
 * bits below the largest of them, and the sum loses what lies 23 bits below itself: at most 5 times
 * 2^-24 and once 2^-23 of whichever is larger, that is 7/4 times 2^-24 a product. What it is
 * relative to is the sum so far. Where the products have either sign it wanders about as far from 0
 * as the root of the sum of their squares, and on its way to a result that is larger, not beyond
 * that.
 */
final class Sums {
    private static final double OF_A_TERM = 1.75 * 0x1p-24;

    /** What is added or rounded besides: a bias, parts of a sum by other blocks, the result. */
    private static final int OTHERS = 8;

    /** Added in double. */
    private final float[] values;

    /** Of the products' squares. */
    private final float[] squares;

    /** Products in a sum. */
    private final int terms;

    private Sums(float[] values, float[] squares, int terms) {
        this.values = values;
        this.squares = squares;
        this.terms = terms;
    }

    /**
     * What a backend that adds in double makes of inputs that need no rounding; squared inputs give
     * squared products.
     *
     * @param results the length of the result
     */
    static Sums of(
            Backend exact,
            int terms,
            int results,
            BiFunction<Backend, Buffer[], Buffer> work,
            float[]... inputs) {
        float[][] squared = new float[inputs.length][];
        for (int i = 0; i < inputs.length; i++) {
            squared[i] = new float[inputs[i].length];
            for (int j = 0; j < squared[i].length; j++) {
                squared[i][j] = inputs[i][j] * inputs[i][j];
            }
        }
        return new Sums(
                run(exact, results, work, inputs), run(exact, results, work, squared), terms);
    }

    /** The result of some work on a backend. */
    static float[] run(
            Backend b, int results, BiFunction<Backend, Buffer[], Buffer> work, float[]... inputs) {
        Buffer[] buffers = Arrays.stream(inputs).map(v -> in(b, v)).toArray(Buffer[]::new);
        float[] found = new float[results];
        b.download(work.apply(b, buffers), found);
        return found;
    }

    private static Buffer in(Backend b, float[] v) {
        Buffer buffer = b.allocate(DType.FLOAT32, v.length);
        b.upload(v, buffer);
        return buffer;
    }

    /** By how much the i-th may be off. */
    private double limit(int i) {
        double magnitude = Math.max(Math.sqrt(squares[i]), Math.abs(values[i]));
        return OF_A_TERM * (terms + OTHERS) * magnitude;
    }

    /** How far the i-th of these is off, in what is allowed; NaN is infinitely far. */
    double distance(float[] found, int i) {
        double off = Math.abs((double) found[i] - values[i]);
        return off == 0 ? 0 : off <= Float.MAX_VALUE ? off / limit(i) : Double.POSITIVE_INFINITY;
    }

    /** Which of these is the farthest off. */
    int farthest(float[] found) {
        int worst = 0;
        for (int i = 1; i < values.length; i++) {
            if (distance(found, i) > distance(found, worst)) {
                worst = i;
            }
        }
        return worst;
    }

    String describe(float[] found, int i) {
        return found[i] + ", expected " + values[i] + " within " + limit(i);
    }
}
