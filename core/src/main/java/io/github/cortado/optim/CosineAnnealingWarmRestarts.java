package io.github.cortado.optim;

/**
 * Half a cosine from the first rates to {@code etaMin} in {@code t0} epochs, then again in {@code
 * tMult} times as many, and so on (Loshchilov and Hutter, arXiv 1608.03983).
 */
public final class CosineAnnealingWarmRestarts extends Schedule {
    private final int t0;
    private final int tMult;
    private final double etaMin;

    /** Down to 0, every time as long. */
    public CosineAnnealingWarmRestarts(Optimizer optimizer, int t0) {
        this(optimizer, t0, 1, 0);
    }

    /**
     * With other numbers.
     *
     * @throws IllegalArgumentException if {@code t0} or {@code tMult} is below 1
     */
    public CosineAnnealingWarmRestarts(Optimizer optimizer, int t0, int tMult, double etaMin) {
        super(optimizer);
        if (t0 < 1) {
            throw wrong("a number of epochs from", "1 up", t0);
        }
        if (tMult < 1) {
            throw wrong("a factor from", "1 up", tMult);
        }
        this.t0 = t0;
        this.tMult = tMult;
        this.etaMin = etaMin;
        begin();
    }

    @Override
    double next(int group) {
        long length = t0;
        long rest = epoch();
        while (rest >= length) {
            rest -= length;
            length *= tMult;
        }
        double cos = StrictMath.cos(Math.PI * rest / length);
        return etaMin + (base(group) - etaMin) * (1 + cos) / 2;
    }
}
