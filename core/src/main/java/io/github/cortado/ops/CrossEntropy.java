package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Softmax cross-entropy between logits and class indices. */
public final class CrossEntropy {
    private CrossEntropy() {}

    /**
     * Loss of logits [n, classes, ...] against int64 targets [n, ...].
     *
     * @throws IllegalArgumentException if a target is neither a class nor {@code ignoreIndex}
     */
    public static Tensor apply(
            Tensor logits,
            Tensor target,
            Reduction reduction,
            long ignoreIndex,
            double labelSmoothing) {
        return apply(logits, target, reduction, ignoreIndex, labelSmoothing, null);
    }

    /**
     * As above, adding to running totals, float64 [3], in the same pass; see {@link
     * io.github.cortado.backend.Backend#crossEntropy}.
     */
    public static Tensor apply(
            Tensor logits,
            Tensor target,
            Reduction reduction,
            long ignoreIndex,
            double labelSmoothing,
            @Nullable Buffer totals) {
        Checks.floating("crossEntropy", logits);
        Checks.integers("crossEntropy", "targets", target);
        Checks.sameDevice("crossEntropy", logits, target);
        Checks.require(
                logits.shape().rank() >= 2 && logits.shape().without(1).equals(target.shape()),
                "crossEntropy: logits %s expect targets of shape %s, got %s",
                logits.shape(),
                logits.shape().rank() >= 2 ? logits.shape().without(1) : "[n]",
                target.shape());
        if (!(labelSmoothing >= 0 && labelSmoothing <= 1)) {
            throw new IllegalArgumentException(
                    "crossEntropy: label smoothing " + labelSmoothing + " is not from 0 to 1");
        }
        CrossEntropySpec spec =
                new CrossEntropySpec(
                        logits.dim(0),
                        logits.dim(1),
                        logits.shape().product(2, logits.shape().rank()),
                        reduction,
                        ignoreIndex,
                        labelSmoothing);
        Tensor y = logits.empty(reduction == Reduction.NONE ? target.shape() : Shape.of());
        // Along with the loss, since dy is 1 almost always.
        Tensor dx = Node.records(logits) ? logits.empty(logits.shape()) : null;
        logits.device()
                .backend()
                .crossEntropy(
                        logits.buffer(),
                        target.buffer(),
                        y.buffer(),
                        JointGradients.buffer(dx),
                        totals,
                        spec);
        if (dx == null) {
            return y;
        }
        return Node.record(
                "crossEntropy",
                y,
                List.of(target),
                List.of(dx),
                Edge.to(logits, dy -> times(dx, dy, reduction)));
    }

    /** dy dx, by line where every line has a loss of its own. */
    private static Tensor times(Tensor dx, Tensor dy, Reduction reduction) {
        if (dy.device().isOne(dy)) {
            return dx;
        }
        return dx.mul(reduction == Reduction.NONE ? dy.unsqueeze(1) : dy);
    }
}
