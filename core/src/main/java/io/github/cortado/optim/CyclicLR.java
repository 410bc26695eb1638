package io.github.cortado.optim;

import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Goes up and down between two rates (Smith, arXiv 1506.01186), 2000 steps each way, while the
 * momentum, or beta1, goes from 0.9 down to 0.8 and back. A {@link #step} follows every batch.
 */
public final class CyclicLR extends Schedule {
    private final double[] maxLrs;
    private final @Nullable CycledMomentum momentum;
    private double stepsUp = 2000;
    private double stepsDown = 2000;
    private double baseMomentum = 0.8;
    private double maxMomentum = 0.9;
    private DoubleUnaryOperator scale = cycle -> 1;
    private boolean isByCycle = true;

    /** The same rates for all groups. */
    public CyclicLR(Optimizer optimizer, double baseLr, double maxLr) {
        this(optimizer, new double[] {baseLr}, new double[] {maxLr}, true);
    }

    /**
     * With rates for each group, or one for all.
     *
     * @param cycleMomentum whether the momentum changes too
     * @throws IllegalArgumentException if there are another number of rates, or the optimizer has
     *     no momentum to cycle
     */
    public CyclicLR(Optimizer optimizer, double[] baseLrs, double[] maxLrs, boolean cycleMomentum) {
        super(optimizer);
        double[] first = perGroup("least rate", baseLrs);
        this.maxLrs = perGroup("greatest rate", maxLrs);
        for (int i = 0; i < first.length; i++) {
            setBase(i, first[i]);
        }
        this.momentum = cycleMomentum ? new CycledMomentum(this, optimizer) : null;
        begin();
    }

    /**
     * How many steps it goes up and down.
     *
     * @throws IllegalArgumentException if one is below 1
     */
    public CyclicLR stepSizes(int up, int down) {
        if (up < 1 || down < 1) {
            throw wrong("numbers of steps from", "1 up", up + " and " + down);
        }
        stepsUp = up;
        stepsDown = down;
        return again();
    }

    /** Halves the height of every cycle, PyTorch's {@code mode='triangular2'}. */
    public CyclicLR triangular2() {
        return scale(cycle -> 1 / StrictMath.pow(2, cycle - 1), true);
    }

    /** Multiplies the height by gamma every step, PyTorch's {@code mode='exp_range'}. */
    public CyclicLR expRange(double gamma) {
        return scale(step -> StrictMath.pow(gamma, step), false);
    }

    /**
     * Multiplies the height by a function of one's own.
     *
     * @param byCycle whether of the cycle's number, from 1 up, or of the step's, from 0 up
     */
    public CyclicLR scale(DoubleUnaryOperator f, boolean byCycle) {
        scale = f;
        isByCycle = byCycle;
        return again();
    }

    /** The momentum where the rate is greatest, and where it is least. */
    public CyclicLR momentums(double base, double max) {
        baseMomentum = base;
        maxMomentum = max;
        return again();
    }

    private CyclicLR again() {
        begin();
        return this;
    }

    @Override
    double next(int group) {
        return base(group) + (maxLrs[group] - base(group)) * height() * scaled();
    }

    @Override
    void epochChanged() {
        if (momentum != null) {
            double above = (maxMomentum - baseMomentum) * height();
            momentum.set(name(), maxMomentum - above * scaled());
        }
    }

    private double cycle() {
        return Math.floor(1 + epoch() / (stepsUp + stepsDown));
    }

    private double scaled() {
        return scale.applyAsDouble(isByCycle ? cycle() : epoch());
    }

    /** The share of the way up. */
    private double height() {
        double total = stepsUp + stepsDown;
        double x = 1 + epoch() / total - cycle();
        double turn = stepsUp / total;
        return x <= turn ? x / turn : (x - 1) / (turn - 1);
    }
}
