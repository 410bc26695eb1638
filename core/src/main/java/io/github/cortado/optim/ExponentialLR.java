package io.github.cortado.optim;

/** Multiplies the rates by gamma every epoch. */
public final class ExponentialLR extends Schedule {
    private final double gamma;

    /** With this gamma. */
    public ExponentialLR(Optimizer optimizer, double gamma) {
        super(optimizer);
        this.gamma = gamma;
        begin();
    }

    @Override
    double next(int group) {
        return isInitial() ? lr(group) : lr(group) * gamma;
    }

    @Override
    double closed(int group) {
        return base(group) * StrictMath.pow(gamma, epoch());
    }
}
