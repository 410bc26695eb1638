package io.github.cortado.optim;

/** The first rates times (1 - epoch / totalIters)^power, 0 from epoch {@code totalIters} on. */
public final class PolynomialLR extends Schedule {
    private final int totalIters;
    private final double power;

    /** In a line to 0 within 5 epochs. */
    public PolynomialLR(Optimizer optimizer) {
        this(optimizer, 5, 1);
    }

    /**
     * With another power.
     *
     * @throws IllegalArgumentException if {@code totalIters} is below 1
     */
    public PolynomialLR(Optimizer optimizer, int totalIters, double power) {
        super(optimizer);
        if (totalIters < 1) {
            throw wrong("a number of epochs from", "1 up", totalIters);
        }
        this.totalIters = totalIters;
        this.power = power;
        begin();
    }

    @Override
    double next(int group) {
        if (isInitial() || epoch() > totalIters) {
            return lr(group);
        }
        double now = 1 - (double) epoch() / totalIters;
        double before = 1 - (double) (epoch() - 1) / totalIters;
        return lr(group) * StrictMath.pow(now / before, power);
    }

    @Override
    double closed(int group) {
        double rest = 1 - (double) Math.min(totalIters, epoch()) / totalIters;
        return base(group) * StrictMath.pow(rest, power);
    }
}
