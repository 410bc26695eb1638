package io.github.cortado.backend.formula;

/**
 * One value of a formula's code: a primitive of values before it.
 *
 * @param a number of the first operand's term, if it has one; for {@link Primitive#INPUT}, {@link
 *     Primitive#PARAMETER} and {@link Primitive#UNIFORM} which one it is
 * @param number of a {@link Primitive#CONSTANT}
 */
public record Term(Primitive primitive, int a, int b, int c, double number) {
    /** Number of the term that operand 0, 1 or 2 is. */
    public int operand(int i) {
        return i == 0 ? a : i == 1 ? b : c;
    }
}
