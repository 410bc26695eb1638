package io.github.cortado.backend;

/**
 * Which elements dropout zeroes: element e is kept when the uniform number of the dropout stream
 * (seed, module, forward, e) is at least p, and scaled by 1 / (1 - p).
 *
 * @param p probability of zeroing, 0 to below 1
 * @param seed the global seed
 * @param module ordinal of the dropout module
 * @param forward how many forward passes that module made before, a long
 */
public record DropoutSpec(double p, long seed, int module, StepValue forward) {
    /** With the number of a pass that stays the same. */
    public DropoutSpec(double p, long seed, int module, long forward) {
        this(p, seed, module, StepValue.of(forward));
    }
}
