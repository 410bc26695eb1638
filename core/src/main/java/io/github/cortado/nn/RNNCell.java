package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;

/** One step of an {@link RNN}: h' = tanh(x w_ih^T + b_ih + h w_hh^T + b_hh). */
public final class RNNCell extends RecurrentCell<RNNCell> {
    private final boolean relu;

    /** With biases and tanh. */
    public RNNCell(int inputSize, int hiddenSize) {
        this(inputSize, hiddenSize, "tanh");
    }

    /**
     * With biases.
     *
     * @param nonlinearity {@code tanh} or {@code relu}
     * @throws IllegalArgumentException if it is another word, or a size is below 1
     */
    public RNNCell(int inputSize, int hiddenSize, String nonlinearity) {
        super(inputSize, hiddenSize, Recurrence.Cell.TANH.gates());
        relu = nonlinearity.equals("relu");
        if (!relu && !nonlinearity.equals("tanh")) {
            throw new IllegalArgumentException(
                    "RNNCell: expected tanh or relu as nonlinearity, got " + nonlinearity);
        }
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
        return relu ? Recurrence.Cell.RELU : Recurrence.Cell.TANH;
    }

    @Override
    RNNCell self() {
        return this;
    }

    @Override
    protected String details() {
        return super.details() + (relu ? ", nonlinearity=relu" : "");
    }
}
