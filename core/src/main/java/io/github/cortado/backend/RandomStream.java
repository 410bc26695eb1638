package io.github.cortado.backend;

/**
 * A stream of dropout's random numbers, one for each element.
 *
 * @param seed the global seed
 * @param module ordinal of the module that draws
 * @param forward how many forward passes that module made before, a long
 */
public record RandomStream(long seed, int module, StepValue forward) {
    /** With the number of a pass that stays the same. */
    public RandomStream(long seed, int module, long forward) {
        this(seed, module, StepValue.of(forward));
    }
}
