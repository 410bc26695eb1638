package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * Sequences of different lengths side by side, [steps, n, ...], where what lies beyond a sequence's
 * length is nothing of its own. All of it is computed where the lengths are.
 */
public final class Lengths {
    /** Below it float32 has every whole number. */
    private static final int MOST = 1 << 24;

    /** So far out that a gate is shut or open, whatever else is added. */
    private static final float FAR = 1e30f;

    private final int steps;
    private final int n;
    private final Tensor mask;
    private final Tensor backwards;
    private final Tensor last;

    private Lengths(Tensor lengths, int steps, DType dtype) {
        this.steps = steps;
        n = lengths.size();
        Tensor length = lengths.to(dtype);
        Tensor step = Constants.numbers(lengths.device(), dtype, steps).unsqueeze(1);
        Tensor number = Constants.numbers(lengths.device(), dtype, n);
        Tensor valid = length.sub(step).clamp(0, 1);
        mask = valid.unsqueeze(2);
        last = length.sub(1).mul(n).add(number).to(DType.INT64);
        Tensor turned = length.sub(1).sub(step.mul(2)).mul(valid).add(step);
        backwards = turned.mul(n).add(number).flatten(0).to(DType.INT64);
    }

    /**
     * Of n sequences of so many steps.
     *
     * @param lengths (int64) [n], each from 1 to the number of steps
     * @throws IllegalArgumentException if one of them is not; on a GPU when results are read
     */
    public static Lengths of(String op, Tensor lengths, int steps, int n, DType dtype) {
        Checks.integers(op, "lengths", lengths);
        Checks.require(
                lengths.shape().equals(Shape.of(n)),
                "%s: expected a length for each of %d sequences, got %s",
                op,
                n,
                lengths.shape());
        Checks.require(
                (long) steps * n < MOST,
                "%s: expected fewer than 2^24 steps in all, got %d of %d sequences",
                op,
                steps,
                n);
        Lengths made = new Lengths(lengths, steps, dtype);
        try {
            made.mask.sibling(Shape.of(steps * n)).indexSelect(0, made.last);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    op
                            + ": expected lengths from 1 to "
                            + steps
                            + ", got "
                            + Arrays.toString(lengths.toLongs()),
                    e);
        }
        return made;
    }

    /** x [steps, n, ...], 0 beyond the lengths. */
    public Tensor masked(Tensor x) {
        return Arrange.where(mask, x, x.sibling(Shape.of()));
    }

    /** Each sequence of x [steps, n, width] from its last step to its first. */
    public Tensor turned(Tensor x) {
        return x.reshape(steps * n, x.dim(2)).indexSelect(0, backwards).reshape(x.shape().dims());
    }

    /** The last steps of the sequences of x [steps, n, width]: [1, n, width]. */
    public Tensor last(Tensor x) {
        return x.reshape(steps * n, x.dim(2)).indexSelect(0, last).unsqueeze(0);
    }

    /**
     * Gates of an LSTM [steps, n, 4 hidden] that beyond the lengths let nothing into the cell and
     * nothing out of it, so that its last state is that of the last step.
     */
    public Tensor holding(Tensor gates) {
        int hidden = gates.dim(2) / 4;
        Tensor still =
                Constants.of(
                        gates.device(),
                        gates.dtype(),
                        List.of("still", hidden),
                        () -> {
                            float[] values = new float[4 * hidden];
                            Arrays.fill(values, 0, hidden, -FAR);
                            Arrays.fill(values, hidden, 2 * hidden, FAR);
                            return Tensor.of(values, values.length);
                        });
        return Arrange.where(mask, gates, still);
    }

    /**
     * What is added to scores so that places beyond the lengths are not seen: [n, 1, 1, steps], 0
     * below a length, -infinity from there on.
     *
     * @param lengths (int64) [n]
     */
    public static Tensor attentionMask(Tensor lengths, int steps, DType dtype) {
        String op = "attentionMask";
        Checks.integers(op, "lengths", lengths);
        Checks.rank(op, "lengths [n]", lengths, 1);
        Tensor places = Constants.numbers(lengths.device(), dtype, steps);
        Tensor valid = lengths.to(dtype).unsqueeze(1).sub(places).clamp(0, 1);
        return valid.log().reshape(lengths.size(), 1, 1, steps);
    }
}
