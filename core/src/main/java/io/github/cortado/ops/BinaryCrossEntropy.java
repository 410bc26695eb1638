package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;

/**
 * Binary cross-entropy of sigmoid(x) and a target t, element by element. Its usual form,
 * softplus(x) - x t, is a small difference of large numbers where x and t agree: at x = 15, t = 1
 * all of it is lost in float32. Here all terms are positive.
 */
public final class BinaryCrossEntropy {
    private BinaryCrossEntropy() {}

    /**
     * y = |x| d + ln(1 + e^-|x|), where d = 1 - t for x > 0, else t: the distance of the target
     * from the end that sigmoid(x) is near. dx = dy (sigmoid(x) - t), dt = -dy x.
     */
    public static Tensor apply(Tensor x, Tensor target) {
        Checks.compatible("binaryCrossEntropyWithLogits", x, target);
        return Node.record(
                "binaryCrossEntropyWithLogits",
                loss(x.detach(), target.detach()),
                Edge.to(x, dy -> gradient(x.detach(), target.detach()).mul(dy)),
                Edge.to(target, dy -> x.detach().mul(dy).neg()));
    }

    private static Tensor loss(Tensor x, Tensor t) {
        try (var pause = Autograd.noGrad()) {
            Tensor above = ElementWise.relu(x);
            Tensor below = ElementWise.relu(x.neg());
            return above.mul(Arithmetic.affine(t, -1, 1))
                    .add(below.mul(t))
                    .add(ElementWise.softplus(above.add(below).neg()));
        }
    }

    /** sigmoid(x) - t, as (1 - t) - sigmoid(-x) for x > 0. */
    private static Tensor gradient(Tensor x, Tensor t) {
        Tensor above = ElementWise.relu(x);
        Tensor below = ElementWise.relu(x.neg());
        Tensor tail = ElementWise.sigmoid(above.add(below).neg());
        Tensor isAbove = ElementWise.reluGrad(above, x.empty(x.shape()).fill(1));
        // Elsewhere includes 0, and NaN, which the tail has.
        Tensor isElsewhere = Arithmetic.affine(isAbove, -1, 1);
        return ElementWise.reluGrad(above, Arithmetic.affine(t, -1, 1).sub(tail))
                .add(ElementWise.reluGrad(isElsewhere, tail.sub(t)));
    }
}
