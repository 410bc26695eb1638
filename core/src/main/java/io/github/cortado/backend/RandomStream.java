package io.github.cortado.backend;

/**
 * A stream of dropout's random numbers, one for each element.
 *
 * @param seed the global seed
 * @param ordinal of the block that draws, in the order of making
 * @param forward how many forward passes that block made before, a long
 */
public record RandomStream(long seed, int ordinal, StepValue forward) {
    /** With the number of a pass that stays the same. */
    public RandomStream(long seed, int ordinal, long forward) {
        this(seed, ordinal, StepValue.of(forward));
    }
}
