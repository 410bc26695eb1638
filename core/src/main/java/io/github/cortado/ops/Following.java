package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepValue;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A formula of tensors. Where one of them waits for it alone, the formula follows what computes
 * that, see {@link Backend#followed}, and overwrites what is not in training.
 *
 * @param reads the inputs, each as often as what the formula was made of reads it
 * @param shape that they stretch to
 */
record Following(Formula formula, List<Tensor> inputs, List<Tensor> reads, Shape shape) {
    /**
     * Computes the values.
     *
     * @return whether the formula followed, which is noted then
     */
    boolean run(List<Buffer> outputs, List<StepValue> parameters, List<RandomStream> streams) {
        Backend backend = inputs.get(0).device().backend();
        Pending first = followed();
        if (first == null) {
            Operands all = operands(Tensor::buffer, outputs, parameters, streams);
            backend.pointwise(formula, all);
            return false;
        }
        boolean isOverwritten = first.mayBeOverwritten() && !first.isSaved();
        Buffer between = isOverwritten ? outputs.get(outputs.size() - 1) : first.empty();
        Function<Tensor, Buffer> read = x -> Internals.pending(x) == first ? between : x.buffer();
        Operands all = operands(read, outputs, parameters, streams);
        boolean follows = backend.followed(between, first::into, formula, all);
        if (follows) {
            Pending.fused(first.op() + " + " + formula.name());
        }
        if (!isOverwritten) {
            first.settled(between);
        }
        return follows;
    }

    /** Computes the sums of the last result, and stores the others; whether in one. */
    boolean sum(List<Buffer> outputs, List<StepValue> parameters, Buffer y, Axis axis) {
        Operands all = operands(Tensor::buffer, outputs, parameters, List.of());
        return inputs.get(0).device().backend().sumOf(formula, all, y, axis);
    }

    private Operands operands(
            Function<Tensor, Buffer> read,
            List<Buffer> outputs,
            List<StepValue> parameters,
            List<RandomStream> streams) {
        List<Buffer> buffers = new ArrayList<>(inputs.size());
        List<Shape> shapes = new ArrayList<>(inputs.size());
        for (Tensor x : inputs) {
            buffers.add(read.apply(x));
            shapes.add(x.shape());
        }
        return new Operands(buffers, outputs, parameters, streams, Broadcast.of(shape, shapes));
    }

    /** The latest of those that the formula may follow; null if there is none. */
    private @Nullable Pending followed() {
        Pending last = null;
        for (Tensor x : inputs) {
            Pending p = Internals.pending(x);
            if (p != null
                    && p.shape().equals(shape)
                    && p.isFollowed(reads(p))
                    && (last == null || p.number() > last.number())) {
                last = p;
            }
        }
        return last;
    }

    private int reads(Pending p) {
        int count = 0;
        for (Tensor x : reads) {
            count += Internals.pending(x) == p ? 1 : 0;
        }
        return count;
    }
}
