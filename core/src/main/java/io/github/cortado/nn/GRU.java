package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;

/**
 * A network of gated recurrent units (Cho et al., arXiv 1406.1078), in PyTorch's form: the reset
 * gate works on what the state's weights make.
 */
public final class GRU extends Recurrent<GRU> {
    /**
     * What comes of a sequence.
     *
     * @param output states of the last layer at every step
     * @param h states of all layers after their last step
     */
    public record Output(Tensor output, Tensor h) {}

    /** One layer in one direction. */
    public GRU(int inputSize, int hiddenSize) {
        super(inputSize, hiddenSize);
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
        return Recurrence.Cell.GRU;
    }

    @Override
    GRU self() {
        return this;
    }
}
