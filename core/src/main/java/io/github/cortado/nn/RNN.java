package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;

/** A recurrent network (Elman, 1990): h' = tanh(x w_ih^T + b_ih + h w_hh^T + b_hh). */
public final class RNN extends Recurrent<RNN> {
    private final boolean relu;

    /**
     * What comes of a sequence.
     *
     * @param output states of the last layer at every step
     * @param h states of all layers after their last step
     */
    public record Output(Tensor output, Tensor h) {}

    /** One layer in one direction, with tanh. */
    public RNN(int inputSize, int hiddenSize) {
        this(inputSize, hiddenSize, "tanh");
    }

    /**
     * One layer in one direction.
     *
     * @param nonlinearity {@code tanh} or {@code relu}
     * @throws IllegalArgumentException if it is another word
     */
    public RNN(int inputSize, int hiddenSize, String nonlinearity) {
        super(inputSize, hiddenSize);
        relu = nonlinearity.equals("relu");
        if (!relu && !nonlinearity.equals("tanh")) {
            throw new IllegalArgumentException(
                    "RNN: expected tanh or relu as nonlinearity, got " + nonlinearity);
        }
        register();
    }

    /** From states of 0. */
    public Output forward(Tensor x) {
        return output(run(x, null, null));
    }

    /** From these states. */
    public Output forward(Tensor x, Tensor h) {
        return output(run(x, h, null));
    }

    /** Sequences of these lengths (int64) [n], padded to one, from states of 0. */
    public Output forwardPadded(Tensor x, Tensor lengths) {
        return output(run(x, lengths, null, null));
    }

    /** Sequences of these lengths (int64) [n], padded to one, from these states. */
    public Output forwardPadded(Tensor x, Tensor lengths, Tensor h) {
        return output(run(x, lengths, h, null));
    }

    private static Output output(States s) {
        return new Output(s.all(), s.last());
    }

    @Override
    Recurrence.Cell cell() {
        return relu ? Recurrence.Cell.RELU : Recurrence.Cell.TANH;
    }

    @Override
    RNN self() {
        return this;
    }
}
