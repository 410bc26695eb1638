package io.github.cortado.optim;

/**
 * From the present rates to one that stays, by half a cosine within 10 epochs: for stochastic
 * weight averaging (Izmailov et al., arXiv 1803.05407), beside {@link WeightAverage#equal}.
 */
public final class SWALR extends Schedule {
    private final double[] swaLrs;
    private final int annealEpochs;
    private boolean isLinear;

    /** One last rate for all groups. */
    public SWALR(Optimizer optimizer, double swaLr) {
        this(optimizer, 10, swaLr);
    }

    /**
     * With another number of epochs, and a last rate for each group or one for all.
     *
     * @throws IllegalArgumentException if {@code annealEpochs} is negative, or there are another
     *     number of rates
     */
    public SWALR(Optimizer optimizer, int annealEpochs, double... swaLrs) {
        super(optimizer);
        if (annealEpochs < 0) {
            throw wrong("a number of epochs from", "0 up", annealEpochs);
        }
        this.swaLrs = perGroup("last rate", swaLrs);
        this.annealEpochs = annealEpochs;
        begin();
    }

    /** Goes in a line, PyTorch's {@code anneal_strategy='linear'}. */
    public SWALR linear() {
        isLinear = true;
        return this;
    }

    @Override
    double next(int group) {
        int now = annealEpochs == 0 ? Math.max(1, epoch()) : epoch();
        double before = share(now - 1);
        double last = swaLrs[group];
        // What the present rate would have been without this.
        double first = before == 1 ? last : (lr(group) - before * last) / (1 - before);
        return last * share(now) + first * (1 - share(now));
    }

    private double share(int epoch) {
        double t = Math.max(0, Math.min(1, (double) epoch / Math.max(1, annealEpochs)));
        return isLinear ? t : (1 - StrictMath.cos(Math.PI * t)) / 2;
    }
}
