package io.github.cortado.optim;

import java.util.Arrays;

/** Multiplies the rates by gamma at every milestone, once for each time that it is named. */
public final class MultiStepLR extends Schedule {
    private final int[] milestones;
    private final double gamma;

    /** With gamma 0.1. */
    public MultiStepLR(Optimizer optimizer, int... milestones) {
        this(optimizer, 0.1, milestones);
    }

    /** With another gamma. */
    public MultiStepLR(Optimizer optimizer, double gamma, int... milestones) {
        super(optimizer);
        this.milestones = milestones.clone();
        this.gamma = gamma;
        begin();
    }

    @Override
    double next(int group) {
        long times = Arrays.stream(milestones).filter(m -> m == epoch()).count();
        return times == 0 ? lr(group) : lr(group) * StrictMath.pow(gamma, times);
    }

    @Override
    double closed(int group) {
        long times = Arrays.stream(milestones).filter(m -> m <= epoch()).count();
        return base(group) * StrictMath.pow(gamma, times);
    }
}
