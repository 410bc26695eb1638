package io.github.cortado.nn;

import io.github.cortado.Shape;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.ops.Recurrence;
import io.github.cortado.random.Seed;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What single steps of recurrent networks share: weights under PyTorch's names, even between -1 /
 * sqrt(hidden) and there, and the step, from x [n, inputs] and states [n, hidden], or a single one
 * [inputs] with states [hidden].
 *
 * @param <S> the cell's own class
 */
public abstract class RecurrentCell<S extends RecurrentCell<S>> extends Block {
    private final int inputs;
    private final int hidden;
    private final Tensor ofInput;
    private final Tensor ofState;
    private @Nullable Tensor inputBias;
    private @Nullable Tensor stateBias;

    RecurrentCell(int inputSize, int hiddenSize, int gates) {
        if (inputSize < 1 || hiddenSize < 1) {
            throw new IllegalArgumentException(
                    kind() + ": sizes must be at least 1, got " + inputSize + ", " + hiddenSize);
        }
        inputs = inputSize;
        hidden = hiddenSize;
        int rows = gates * hidden;
        ofInput = weight("weight_ih", rows, inputs);
        ofState = weight("weight_hh", rows, hidden);
        inputBias = weight("bias_ih", rows);
        stateBias = weight("bias_hh", rows);
    }

    private Tensor weight(String name, int... sizes) {
        return parameter(name, Init.fanIn(Tensor.zeros(sizes), hidden, Seed.nextParameter()));
    }

    abstract Recurrence.Cell cell();

    abstract S self();

    /** Leaves the biases out. */
    public final S withoutBias() {
        forget("bias_ih");
        forget("bias_hh");
        inputBias = null;
        stateBias = null;
        return self();
    }

    /** The next state [1, n, hidden], and of an LSTM its cell state behind it; 0 where null. */
    final Tensor step(Tensor x, @Nullable Tensor h, @Nullable Tensor c) {
        int rank = x.shape().rank();
        if (rank != 1 && rank != 2 || x.dim(-1) != inputs) {
            throw new ShapeException(
                    String.format(
                            Locale.ROOT,
                            "%s: expected [n, %d] or [%d], got %s",
                            kind(),
                            inputs,
                            inputs,
                            x.shape()));
        }
        Tensor one = x.reshape(1, -1, inputs);
        Tensor before = state("h", h, x);
        Tensor cells = cell() == Recurrence.Cell.LSTM ? state("c", c, x) : null;
        Tensor gates = Functional.linear(one, ofInput, inputBias);
        return Recurrence.apply(cell(), gates, before, cells, ofState, stateBias, false);
    }

    private Tensor state(String name, @Nullable Tensor given, Tensor x) {
        boolean single = x.shape().rank() == 1;
        Shape expected = single ? Shape.of(hidden) : Shape.of(x.dim(0), hidden);
        if (given == null) {
            return x.sibling(Shape.of(single ? 1 : x.dim(0), hidden));
        }
        if (!given.shape().equals(expected)) {
            throw new ShapeException(
                    String.format(
                            Locale.ROOT,
                            "%s: expected %s of shape %s, got %s",
                            kind(),
                            name,
                            expected,
                            given.shape()));
        }
        return single ? given.unsqueeze(0) : given;
    }

    /** Line {@code i} of what a step made, of the shape that states have. */
    final Tensor line(Tensor y, int i, Tensor x) {
        Tensor line = y.narrow(0, i, 1).squeeze(0);
        return x.shape().rank() == 1 ? line.squeeze(0) : line;
    }

    @Override
    protected String details() {
        String sizes = String.format(Locale.ROOT, "%d, %d", inputs, hidden);
        return inputBias == null ? sizes + ", bias=False" : sizes;
    }
}
