package io.github.cortado.autograd;

/** Says which element of a gradient {@link GradCheck} found wrong. */
public final class GradientMismatchException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int input;
    private final int index;
    private final double analytic;
    private final double numeric;

    GradientMismatchException(
            String what, int input, int index, String place, double analytic, double numeric) {
        super(
                "gradient of "
                        + what
                        + " at "
                        + place
                        + ": backward() gives "
                        + analytic
                        + ", the difference quotient "
                        + numeric);
        this.input = input;
        this.index = index;
        this.analytic = analytic;
        this.numeric = numeric;
    }

    /** Which input, or which parameter of a layer, counted from 0. */
    public int input() {
        return input;
    }

    /** Which element of it, counted row by row from 0. */
    public int index() {
        return index;
    }

    /** What was said to be the derivative. */
    public double analytic() {
        return analytic;
    }

    /** What the difference quotient gives. */
    public double numeric() {
        return numeric;
    }
}
