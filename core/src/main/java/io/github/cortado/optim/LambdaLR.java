package io.github.cortado.optim;

import java.util.function.IntToDoubleFunction;

/** The first rates times a function of the epoch. */
public final class LambdaLR extends Schedule {
    private final IntToDoubleFunction[] lambdas;

    /**
     * With one function for all groups, or one for each.
     *
     * @throws IllegalArgumentException if there are another number of them
     */
    public LambdaLR(Optimizer optimizer, IntToDoubleFunction... lambdas) {
        super(optimizer);
        this.lambdas = Lambdas.perGroup(this, lambdas);
        begin();
    }

    @Override
    double next(int group) {
        return base(group) * lambdas[group].applyAsDouble(epoch());
    }
}
