package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;

/** One step of a {@link GRU}. */
public final class GRUCell extends RecurrentCell<GRUCell> {
    /**
     * With biases.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public GRUCell(int inputSize, int hiddenSize) {
        super(inputSize, hiddenSize, Recurrence.Cell.GRU.gates());
    }

    /** The state after a step from 0. */
    public Tensor forward(Tensor x) {
        return line(step(x, null, null), 0, x);
    }

    /** The state after a step from this one. */
    public Tensor forward(Tensor x, Tensor h) {
        return line(step(x, h, null), 0, x);
    }

    @Override
    Recurrence.Cell cell() {
        return Recurrence.Cell.GRU;
    }

    @Override
    GRUCell self() {
        return this;
    }
}
