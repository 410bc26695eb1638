package io.github.cortado.models;

import java.util.Arrays;

/**
 * How {@link GPT#generate} chooses a symbol by logits: with the probability softmax(logits /
 * temperature), of the k most likely alone where {@code topK} says so.
 *
 * @param temperature below 1 for what is likely, above 1 for what is not; 0 takes the most likely
 * @param topK how many are chosen from, with those that are as likely as the last of them; 0 means
 *     all, 1 takes the most likely
 * @param seed of the random numbers: the same model, prompt and seed give the same symbols
 */
public record Sampling(double temperature, int topK, long seed) {
    /**
     * Refuses what is no temperature or number.
     *
     * @throws IllegalArgumentException if the temperature is negative, infinite or NaN, or topK is
     *     negative
     */
    public Sampling {
        if (!(temperature >= 0 && temperature < Double.POSITIVE_INFINITY) || topK < 0) {
            throw new IllegalArgumentException(
                    "Sampling: expected a temperature and topK of at least 0, got "
                            + temperature
                            + " and "
                            + topK);
        }
    }

    /** Always the most likely, the first of several. */
    public static Sampling greedy() {
        return new Sampling(0, 1, 0);
    }

    /** From all, as likely as the model says. */
    public static Sampling random(long seed) {
        return new Sampling(1, 0, seed);
    }

    /**
     * Chooses a symbol.
     *
     * @param draw even from 0 to below 1
     */
    int choose(float[] logits, double draw) {
        int likeliest = 0;
        for (int i = 0; i < logits.length; i++) {
            if (Float.isNaN(logits[i])) {
                throw new IllegalStateException("GPT.generate: the logits are NaN");
            }
            if (logits[i] > logits[likeliest]) {
                likeliest = i;
            }
        }
        if (temperature == 0 || topK == 1) {
            return likeliest;
        }
        float least = least(logits);
        double[] weights = new double[logits.length];
        double sum = 0;
        for (int i = 0; i < logits.length; i++) {
            if (logits[i] >= least) {
                weights[i] = Math.exp(((double) logits[i] - logits[likeliest]) / temperature);
                sum += weights[i];
            }
        }
        double left = draw * sum;
        for (int i = 0; i < weights.length; i++) {
            left -= weights[i];
            if (left < 0) {
                return i;
            }
        }
        return likeliest; // where rounding has left some of the sum
    }

    private float least(float[] logits) {
        if (topK == 0 || topK >= logits.length) {
            return Float.NEGATIVE_INFINITY;
        }
        float[] sorted = logits.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length - topK];
    }
}
