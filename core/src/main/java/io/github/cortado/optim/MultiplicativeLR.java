package io.github.cortado.optim;

import java.util.function.IntToDoubleFunction;

/** Multiplies the rates by a function of the epoch. */
public final class MultiplicativeLR extends Schedule {
    private final IntToDoubleFunction[] lambdas;

    /**
     * With one function for all groups, or one for each.
     *
     * @throws IllegalArgumentException if there are another number of them
     */
    public MultiplicativeLR(Optimizer optimizer, IntToDoubleFunction... lambdas) {
        super(optimizer);
        this.lambdas = Lambdas.perGroup(this, lambdas);
        begin();
    }

    @Override
    double next(int group) {
        return isInitial() ? lr(group) : lr(group) * lambdas[group].applyAsDouble(epoch());
    }
}
