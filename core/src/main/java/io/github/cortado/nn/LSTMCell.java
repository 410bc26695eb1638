package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;
import org.jspecify.annotations.Nullable;

/** One step of an {@link LSTM}. */
public final class LSTMCell extends RecurrentCell<LSTMCell> {
    /**
     * What comes of a step.
     *
     * @param h the state after it
     * @param c the cell state after it
     */
    public record Output(Tensor h, Tensor c) {}

    /**
     * With biases.
     *
     * @throws IllegalArgumentException if a size is below 1
     */
    public LSTMCell(int inputSize, int hiddenSize) {
        super(inputSize, hiddenSize, Recurrence.Cell.LSTM.gates());
    }

    /** From states of 0. */
    public Output forward(Tensor x) {
        return output(x, null, null);
    }

    /** From these states. */
    public Output forward(Tensor x, Tensor h, Tensor c) {
        return output(x, h, c);
    }

    private Output output(Tensor x, @Nullable Tensor h, @Nullable Tensor c) {
        Tensor y = step(x, h, c);
        return new Output(line(y, 0, x), line(y, 1, x));
    }

    @Override
    Recurrence.Cell cell() {
        return Recurrence.Cell.LSTM;
    }

    @Override
    LSTMCell self() {
        return this;
    }
}
