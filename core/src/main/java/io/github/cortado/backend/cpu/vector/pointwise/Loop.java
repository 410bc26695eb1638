package io.github.cortado.backend.cpu.vector.pointwise;

/** Some steps of a formula as one loop over a block; its subclasses are generated. */
abstract class Loop {
    /**
     * Computes n elements, whole vectors.
     *
     * @param numbers the formula's numbers, the same for all elements
     */
    abstract void run(Block k, float[] numbers, int n);
}
