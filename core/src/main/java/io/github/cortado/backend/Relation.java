package io.github.cortado.backend;

/** How two whole numbers stand to each other, or two truths, of which true is above false. */
public enum Relation {
    /** {@code a = b}. */
    EQUAL(0b010, 0b1001),
    /** Not a = b; of truths, one of them alone. */
    NOT_EQUAL(0b101, 0b0110),
    /** {@code a < b}. */
    LESS(0b001, 0b0010),
    /** {@code a <= b}. */
    LESS_EQUAL(0b011, 0b1011),
    /** {@code a > b}. */
    GREATER(0b100, 0b0100),
    /** {@code a >= b}. */
    GREATER_EQUAL(0b110, 0b1101),
    /** Both; of truths alone. */
    AND(0, 0b1000),
    /** One or both; of truths alone. */
    OR(0, 0b1110);

    private final int numbers;
    private final int truths;

    Relation(int numbers, int truths) {
        this.numbers = numbers;
        this.truths = truths;
    }

    /** Whether it holds where a is below b, equal to it, above it: bits 0, 1 and 2. */
    public int ofNumbers() {
        assert numbers != 0 : this + " is of truths alone";
        return numbers;
    }

    /** Whether it holds for truths a and b: bit 2 a + b. */
    public int ofTruths() {
        return truths;
    }
}
