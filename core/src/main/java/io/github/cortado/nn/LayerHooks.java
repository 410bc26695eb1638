package io.github.cortado.nn;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.HookList;
import io.github.cortado.autograd.Node;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What is called around a layer's forward pass, and when gradients have gone through it. */
final class LayerHooks {
    final HookList<Layer.ForwardPreHook> before = new HookList<>();
    final HookList<Layer.ForwardHook> after = new HookList<>();
    final HookList<Layer.BackwardHook> backward = new HookList<>();

    /** The layer's output, as the hooks leave it. */
    Tensor run(Layer layer, Tensor input) {
        Tensor x = input;
        for (Layer.ForwardPreHook hook : before.present()) {
            Tensor changed = hook.apply(layer, x);
            x = changed == null ? x : changed;
        }
        Gradients gradients = backward.isEmpty() ? null : new Gradients(layer, x);
        x = gradients == null ? x : gradients.input();
        Tensor y = layer.forward(x);
        for (Layer.ForwardHook hook : after.present()) {
            Tensor changed = hook.apply(layer, x, y);
            y = changed == null ? y : changed;
        }
        return gradients == null ? y : gradients.output(y);
    }

    /** One call's gradients, which pass by at its output and at its input. */
    private final class Gradients {
        private final Layer layer;
        private final Tensor x;
        private final boolean hasInput;
        private @Nullable Tensor ofOutput;

        Gradients(Layer layer, Tensor x) {
            this.layer = layer;
            this.x = x;
            hasInput = Node.records(x);
        }

        Tensor input() {
            return hasInput ? passing(x, this::atInput) : x;
        }

        Tensor output(Tensor y) {
            return Node.records(y) ? passing(y, this::atOutput) : y;
        }

        private Tensor atOutput(Tensor dy) {
            if (hasInput) {
                // Read once the gradient has come to the input.
                ofOutput = dy.keep();
            } else {
                backward.present().forEach(hook -> hook.apply(layer, null, dy));
            }
            return dy;
        }

        private Tensor atInput(Tensor dx) {
            Tensor dy = ofOutput;
            ofOutput = null;
            Tensor gradient = dx;
            if (dy == null) {
                // What came here was not made of this call's output.
                return dx;
            }
            for (Layer.BackwardHook hook : backward.present()) {
                Tensor changed = hook.apply(layer, gradient, dy);
                if (changed != null && !changed.shape().equals(dx.shape())) {
                    throw new ShapeException(
                            "registerFullBackwardHook: a hook of "
                                    + layer.kind()
                                    + " returned a gradient of shape "
                                    + changed.shape()
                                    + " for an input of shape "
                                    + dx.shape());
                }
                gradient = changed == null ? gradient : changed;
            }
            return gradient;
        }
    }

    /** The same values, with {@code gradient} on their way back. */
    private static Tensor passing(Tensor x, UnaryOperator<Tensor> gradient) {
        Tensor y = new Tensor(x.device(), x.shape(), x.buffer());
        return Node.record("backwardHook", y, Edge.to(x, gradient).differentiable(gradient));
    }
}
