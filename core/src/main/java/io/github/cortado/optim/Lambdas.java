package io.github.cortado.optim;

import java.util.Arrays;
import java.util.function.IntToDoubleFunction;

/** Functions of the epoch. */
final class Lambdas {
    private Lambdas() {}

    /** One function for each group, where one is given for all. */
    static IntToDoubleFunction[] perGroup(Schedule owner, IntToDoubleFunction... lambdas) {
        int groups = owner.optimizer().groups().size();
        if (lambdas.length != groups && lambdas.length != 1) {
            throw owner.wrong(
                    "one function or one for each of the groups,", groups, lambdas.length);
        }
        IntToDoubleFunction[] all = Arrays.copyOf(lambdas, groups);
        if (lambdas.length == 1) {
            Arrays.fill(all, lambdas[0]);
        }
        return all;
    }
}
