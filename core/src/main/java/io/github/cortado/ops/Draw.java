package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Shuffle;
import java.util.Arrays;

/** Tensors of random numbers, each from the next stream of the present seed. */
public final class Draw {
    private Draw() {}

    /** Evenly from 0 to below 1. */
    public static Tensor uniform(Shape shape) {
        float[] values = new float[shape.size()];
        Seed.nextTensor().uniforms(0, 0f, 1f, values, 0, values.length);
        return Tensor.of(values, shape);
    }

    /** Normally distributed, by Commons Math's generator over the stream. */
    public static Tensor normal(Shape shape) {
        var generator = Seed.nextTensor().generator();
        float[] values = new float[shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) generator.nextGaussian();
        }
        return Tensor.of(values, shape);
    }

    /** Whole numbers, evenly from {@code low} to below {@code high}. */
    public static Tensor integers(long low, long high, Shape shape) {
        if (low >= high) {
            throw new IllegalArgumentException(
                    "randint: expected a range, got " + low + " to below " + high);
        }
        long span = Math.subtractExact(high, low);
        var generator = Seed.nextTensor().generator();
        long[] values = new long[shape.size()];
        Arrays.setAll(values, i -> low + generator.nextLong(span));
        return Tensor.of(values, shape);
    }

    /** 0 to below n in a random order. */
    public static Tensor permutation(int n) {
        int[] order = Shuffle.permutation(n, Seed.nextTensor().generator());
        return Tensor.of(Arrays.stream(order).asLongStream().toArray(), n);
    }
}
