package io.github.cortado.nn;

import static java.util.Objects.requireNonNull;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;

/** A network of long short-term memory (Hochreiter and Schmidhuber, 1997), with forget gates. */
public final class LSTM extends Recurrent<LSTM> {
    /**
     * What comes of a sequence.
     *
     * @param output states of the last layer at every step
     * @param h states of all layers after their last step
     * @param c cell states of all layers after their last step
     */
    public record Output(Tensor output, Tensor h, Tensor c) {}

    /** One layer in one direction. */
    public LSTM(int inputSize, int hiddenSize) {
        super(inputSize, hiddenSize);
        register();
    }

    /** From states of 0. */
    public Output forward(Tensor x) {
        return output(run(x, null, null));
    }

    /** From these states and cell states. */
    public Output forward(Tensor x, Tensor h, Tensor c) {
        return output(run(x, h, c));
    }

    /** Sequences of these lengths (int64) [n], padded to one, from states of 0. */
    public Output forwardPadded(Tensor x, Tensor lengths) {
        return output(run(x, lengths, null, null));
    }

    /** Sequences of these lengths (int64) [n], padded to one, from these states. */
    public Output forwardPadded(Tensor x, Tensor lengths, Tensor h, Tensor c) {
        return output(run(x, lengths, h, c));
    }

    private static Output output(States s) {
        return new Output(s.all(), s.last(), requireNonNull(s.lastCells()));
    }

    @Override
    Recurrence.Cell cell() {
        return Recurrence.Cell.LSTM;
    }

    @Override
    LSTM self() {
        return this;
    }
}
