package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.CrossEntropySpec.Reduction;
import java.util.List;

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
        Backend backend = logits.device().backend();
        Tensor probabilities = logits.sibling(logits.shape());
        Tensor y = logits.sibling(reduction == Reduction.NONE ? target.shape() : Shape.of());
        backend.crossEntropy(
                logits.buffer(), target.buffer(), probabilities.buffer(), y.buffer(), spec);
        return Node.record(
                "crossEntropy",
                y,
                List.of(target),
                Edge.to(
                        logits,
                        dy -> {
                            Tensor dx = dy.sibling(logits.shape());
                            backend.crossEntropyGrad(
                                    probabilities.buffer(),
                                    target.buffer(),
                                    dy.buffer(),
                                    dx.buffer(),
                                    spec);
                            return dx;
                        }));
    }
}
