package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
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
     * As above, adding to running totals, float64 [3], in the same pass; see {@link Backend#tally}.
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
        if (reduction != Reduction.NONE && Autograd.isRecording() && logits.requiresGrad()) {
            return withGrad(logits, target, totals, spec);
        }
        Backend backend = logits.device().backend();
        Tensor probabilities = logits.empty(logits.shape());
        Tensor y = logits.empty(reduction == Reduction.NONE ? target.shape() : Shape.of());
        backend.crossEntropy(
                logits.buffer(), target.buffer(), probabilities.buffer(), y.buffer(), spec);
        if (totals != null) {
            backend.tally(y.buffer(), logits.buffer(), target.buffer(), totals, spec);
        }
        return Node.record(
                "crossEntropy",
                y,
                List.of(target),
                List.of(probabilities),
                Edge.to(
                        logits,
                        dy -> {
                            Tensor dx = Internals.newGrad(logits);
                            backend.crossEntropyGrad(
                                    probabilities.buffer(),
                                    target.buffer(),
                                    dy.buffer(),
                                    dx.buffer(),
                                    spec);
                            return dx;
                        }));
    }

    /** The gradient along with the loss, since dy is 1 almost always. */
    private static Tensor withGrad(
            Tensor logits, Tensor target, @Nullable Buffer totals, CrossEntropySpec spec) {
        Tensor y = logits.empty(Shape.of());
        Tensor dx = logits.empty(logits.shape());
        logits.device()
                .backend()
                .crossEntropyWithGrad(
                        logits.buffer(), target.buffer(), y.buffer(), dx.buffer(), totals, spec);
        return Node.record(
                "crossEntropy",
                y,
                List.of(target),
                List.of(dx),
                Edge.to(logits, dy -> dy.device().isOne(dy) ? dx : dx.mul(dy)));
    }
}
