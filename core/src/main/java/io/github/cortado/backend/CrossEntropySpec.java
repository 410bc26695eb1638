package io.github.cortado.backend;

/**
 * Sizes and options of cross-entropy: logits [n, classes, inner], int64 targets [n, inner].
 *
 * @param reduction what becomes of the n * inner single losses
 * @param ignoreIndex targets with this value contribute neither loss nor gradient
 * @param labelSmoothing share of the target distribution that is spread evenly, 0 to 1
 */
public record CrossEntropySpec(
        int n,
        int classes,
        int inner,
        Reduction reduction,
        long ignoreIndex,
        double labelSmoothing) {

    /** What becomes of the losses of single samples. */
    public enum Reduction {
        /** They are kept. */
        NONE,
        /** Their sum, divided by the number of targets that are not ignored. */
        MEAN,
        /** Their sum. */
        SUM
    }
}
