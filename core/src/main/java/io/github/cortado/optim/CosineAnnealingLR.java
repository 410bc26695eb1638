package io.github.cortado.optim;

/**
 * Half a cosine from the first rates to {@code etaMin} in {@code tMax} epochs, and back (Loshchilov
 * and Hutter, arXiv 1608.03983).
 */
public final class CosineAnnealingLR extends Schedule {
    private final int tMax;
    private final double etaMin;

    /** Down to 0. */
    public CosineAnnealingLR(Optimizer optimizer, int tMax) {
        this(optimizer, tMax, 0);
    }

    /**
     * With another least rate.
     *
     * @throws IllegalArgumentException if {@code tMax} is below 1
     */
    public CosineAnnealingLR(Optimizer optimizer, int tMax, double etaMin) {
        super(optimizer);
        if (tMax < 1) {
            throw wrong("a number of epochs from", "1 up", tMax);
        }
        this.tMax = tMax;
        this.etaMin = etaMin;
        begin();
    }

    @Override
    double next(int group) {
        if (isInitial()) {
            return lr(group);
        }
        if (Math.floorMod(epoch() - 1 - tMax, 2 * tMax) == 0) {
            return lr(group) + (base(group) - etaMin) * (1 - StrictMath.cos(Math.PI / tMax)) / 2;
        }
        return (1 + cos(epoch())) / (1 + cos(epoch() - 1)) * (lr(group) - etaMin) + etaMin;
    }

    @Override
    double closed(int group) {
        return etaMin + (base(group) - etaMin) * (1 + cos(epoch())) / 2;
    }

    private double cos(int t) {
        return StrictMath.cos(Math.PI * t / tMax);
    }
}
