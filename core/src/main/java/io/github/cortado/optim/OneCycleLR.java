package io.github.cortado.optim;

import org.jspecify.annotations.Nullable;

/**
 * One cycle for a whole training (Smith and Topin, arXiv 1708.07120): from {@code maxLr / 25} up to
 * {@code maxLr} within the first 0.3 of the steps and down to a 10000th of the first by the last,
 * by halves of cosines; the momentum, or beta1, from 0.95 down to 0.85 and back. A {@link #step}
 * follows every batch.
 */
public final class OneCycleLR extends Schedule {
    private final double[] maxLrs;
    private final int totalSteps;
    private final @Nullable CycledMomentum momentum;
    private double pctStart = 0.3;
    private boolean isLinear;
    private boolean isThreePhase;
    private double baseMomentum = 0.85;
    private double maxMomentum = 0.95;
    private double divFactor = 25;
    private double finalDivFactor = 1e4;

    /** One greatest rate for all groups. */
    public OneCycleLR(Optimizer optimizer, double maxLr, int totalSteps) {
        this(optimizer, new double[] {maxLr}, totalSteps, true);
    }

    /**
     * With a greatest rate for each group, or one for all.
     *
     * @param cycleMomentum whether the momentum changes too
     * @throws IllegalArgumentException if there are another number of rates, {@code totalSteps} is
     *     below 1, or the optimizer has no momentum to cycle
     */
    public OneCycleLR(Optimizer optimizer, double[] maxLrs, int totalSteps, boolean cycleMomentum) {
        super(optimizer);
        this.maxLrs = perGroup("greatest rate", maxLrs);
        if (totalSteps < 1) {
            throw wrong("a number of steps from", "1 up", totalSteps);
        }
        this.totalSteps = totalSteps;
        this.momentum = cycleMomentum ? new CycledMomentum(this, optimizer) : null;
        first();
    }

    /**
     * The share of the steps in which the rate goes up.
     *
     * @throws IllegalArgumentException unless it is from 0 to 1
     */
    public OneCycleLR pctStart(double share) {
        if (!(share >= 0 && share <= 1)) {
            throw wrong("a share from", "0 to 1", share);
        }
        pctStart = share;
        return first();
    }

    /** Goes in lines, PyTorch's {@code anneal_strategy='linear'}. */
    public OneCycleLR linear() {
        isLinear = true;
        return first();
    }

    /** Goes down to the first rate in as many steps as up, and then to the last one. */
    public OneCycleLR threePhase() {
        isThreePhase = true;
        return first();
    }

    /** The momentum where the rate is greatest, and the one at both ends. */
    public OneCycleLR momentums(double base, double max) {
        baseMomentum = base;
        maxMomentum = max;
        return first();
    }

    /** What the greatest rate is divided by for the first one, and this for the last one. */
    public OneCycleLR divFactors(double first, double last) {
        divFactor = first;
        finalDivFactor = last;
        return first();
    }

    private OneCycleLR first() {
        for (int i = 0; i < maxLrs.length; i++) {
            setBase(i, maxLrs[i] / divFactor);
        }
        begin();
        return this;
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalStateException if there are no more steps
     */
    @Override
    double next(int group) {
        if (epoch() > totalSteps) {
            throw new IllegalStateException(
                    name() + ": step " + epoch() + " of " + totalSteps + " steps");
        }
        double first = base(group);
        double most = maxLrs[group];
        double last = first / finalDivFactor;
        return isThreePhase ? at(first, most, first, last) : at(first, most, last);
    }

    @Override
    void epochChanged() {
        if (momentum != null) {
            double most = maxMomentum;
            momentum.set(
                    name(),
                    isThreePhase
                            ? at(most, baseMomentum, most, most)
                            : at(most, baseMomentum, most));
        }
    }

    /** Between two of the numbers, those at the ends of phases. */
    private double at(double... numbers) {
        double[] ends = new double[numbers.length];
        ends[1] = pctStart * totalSteps - 1;
        ends[ends.length - 2] = isThreePhase ? 2 * pctStart * totalSteps - 2 : ends[1];
        ends[ends.length - 1] = totalSteps - 1;
        int phase = 1;
        while (phase < ends.length - 1 && epoch() > ends[phase]) {
            phase++;
        }
        double share = (epoch() - ends[phase - 1]) / (ends[phase] - ends[phase - 1]);
        double from = numbers[phase - 1];
        double to = numbers[phase];
        return isLinear
                ? (to - from) * share + from
                : to + (from - to) / 2 * (StrictMath.cos(Math.PI * share) + 1);
    }
}
