package io.github.cortado.optim;

/**
 * Multiplies the first rates by a factor that goes in a line from one to another until epoch {@code
 * totalIters}, as for warming up.
 */
public final class LinearLR extends Schedule {
    private final double start;
    private final double end;
    private final int totalIters;

    /** From a third of the rates to all within 5 epochs. */
    public LinearLR(Optimizer optimizer) {
        this(optimizer, 1.0 / 3, 1, 5);
    }

    /**
     * With other factors.
     *
     * @throws IllegalArgumentException unless the first factor is above 0, and both at most 1
     */
    public LinearLR(Optimizer optimizer, double startFactor, double endFactor, int totalIters) {
        super(optimizer);
        if (!(startFactor > 0 && startFactor <= 1)) {
            throw wrong("a start factor from", "above 0 to 1", startFactor);
        }
        if (!(endFactor >= 0 && endFactor <= 1)) {
            throw wrong("an end factor from", "0 to 1", endFactor);
        }
        this.start = startFactor;
        this.end = endFactor;
        this.totalIters = totalIters;
        begin();
    }

    @Override
    double next(int group) {
        if (epoch() == 0) {
            return lr(group) * start;
        }
        if (isInitial() || epoch() > totalIters) {
            return lr(group);
        }
        double before = totalIters * start + (epoch() - 1) * (end - start);
        return lr(group) * (1 + (end - start) / before);
    }

    @Override
    double closed(int group) {
        return base(group) * (start + (end - start) * Math.min(totalIters, epoch()) / totalIters);
    }
}
