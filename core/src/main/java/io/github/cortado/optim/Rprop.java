package io.github.cortado.optim;

import static io.github.cortado.optim.Setting.LR;

import io.github.cortado.Tensor;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Updates;
import io.github.cortado.optim.FlatStorage.Run;
import java.util.List;
import java.util.Map;

/**
 * Rprop (Riedmiller and Braun, 1993), which moves every number by a size of its own and looks at
 * signs alone, for whole data sets; with PyTorch's formula and defaults: etas 0.5 and 1.2, sizes
 * 1e-6 to 50. The learning rate is the size of the first step.
 */
public final class Rprop extends Optimizer {
    private double etaMinus = 0.5;
    private double etaPlus = 1.2;
    private double low = 1e-6;
    private double high = 50;

    /** With learning rate 1e-2. */
    public Rprop(List<Tensor> parameters) {
        this(parameters, 1e-2);
    }

    /** With another learning rate. */
    public Rprop(List<Tensor> parameters, double lr) {
        this(lr, new ParameterGroup(parameters));
    }

    /** Of groups, of which those without a learning rate of their own have this one. */
    public Rprop(double lr, ParameterGroup... groups) {
        super(Map.of(), lr, groups);
    }

    /**
     * Factors of a size where the gradient's sign changed, and where it stayed.
     *
     * @throws IllegalArgumentException unless the first is from above 0 to below 1, and the second
     *     above 1
     */
    public Rprop etas(double minus, double plus) {
        if (!(minus > 0 && minus < 1 && plus > 1)) {
            throw new IllegalArgumentException(
                    "Rprop: etas must be from above 0 to below 1, and above 1; got "
                            + minus
                            + " and "
                            + plus);
        }
        etaMinus = minus;
        etaPlus = plus;
        return this;
    }

    /**
     * The smallest and the largest size.
     *
     * @throws IllegalArgumentException unless {@code 0 < least <= most}
     */
    public Rprop stepSizes(double least, double most) {
        if (!(least > 0 && least <= most)) {
            throw new IllegalArgumentException(
                    "Rprop: step sizes must be above 0 and in order, got "
                            + least
                            + " and "
                            + most);
        }
        low = least;
        high = most;
        return this;
    }

    /** Goes up along the gradient instead of down. */
    public Rprop maximize() {
        setMaximize(true);
        return this;
    }

    @Override
    void update(Run run) {
        List<String> names = List.of("prev", "step_size");
        StepValue least = StepValue.of(low);
        StepValue most = StepValue.of(high);
        if (run.steps().get() == 1) {
            run.begin(Updates.RPROP_FIRST, names, run.group().now(LR), least, most);
        } else {
            run.update(
                    Updates.RPROP,
                    names,
                    least,
                    most,
                    StepValue.of(etaMinus),
                    StepValue.of(etaPlus));
        }
    }
}
