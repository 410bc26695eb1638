package io.github.cortado.optim;

/** Multiplies the rates by gamma every {@code stepSize} epochs. */
public final class StepLR extends Schedule {
    private final int stepSize;
    private final double gamma;

    /** With gamma 0.1. */
    public StepLR(Optimizer optimizer, int stepSize) {
        this(optimizer, stepSize, 0.1);
    }

    /**
     * With another gamma.
     *
     * @throws IllegalArgumentException if {@code stepSize} is below 1
     */
    public StepLR(Optimizer optimizer, int stepSize, double gamma) {
        super(optimizer);
        if (stepSize < 1) {
            throw wrong("a step size from", "1 up", stepSize);
        }
        this.stepSize = stepSize;
        this.gamma = gamma;
        begin();
    }

    @Override
    double next(int group) {
        return epoch() == 0 || epoch() % stepSize != 0 ? lr(group) : lr(group) * gamma;
    }

    @Override
    double closed(int group) {
        return base(group) * StrictMath.pow(gamma, epoch() / stepSize);
    }
}
