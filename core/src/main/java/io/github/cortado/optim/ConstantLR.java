package io.github.cortado.optim;

/** Multiplies the first rates by a factor until epoch {@code totalIters}. */
public final class ConstantLR extends Schedule {
    private final double factor;
    private final int totalIters;

    /** A third of the rates for 5 epochs. */
    public ConstantLR(Optimizer optimizer) {
        this(optimizer, 1.0 / 3, 5);
    }

    /**
     * With another factor.
     *
     * @throws IllegalArgumentException unless the factor is from 0 to 1
     */
    public ConstantLR(Optimizer optimizer, double factor, int totalIters) {
        super(optimizer);
        if (!(factor >= 0 && factor <= 1)) {
            throw wrong("a factor from", "0 to 1", factor);
        }
        this.factor = factor;
        this.totalIters = totalIters;
        begin();
    }

    @Override
    double next(int group) {
        if (epoch() == 0) {
            return lr(group) * factor;
        }
        return epoch() == totalIters ? lr(group) * (1 / factor) : lr(group);
    }

    @Override
    double closed(int group) {
        return base(group) * (factor + (epoch() >= totalIters ? 1 - factor : 0));
    }
}
