package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.RemovableHandle;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Block} from one tensor to one, which {@link Sequential} chains; a whole network is one,
 * too.
 *
 * <pre>{@code
 * final class Net extends Layer {
 *     private final Linear fc1 = add("fc1", new Linear(10, 20));
 *     private final Linear fc2 = add("fc2", new Linear(20, 2));
 *
 *     @Override
 *     public Tensor forward(Tensor x) {
 *         return fc2.forward(relu(fc1.forward(x)));
 *     }
 * }
 * }</pre>
 */
public abstract class Layer extends Block {
    private @Nullable LayerHooks hooks;

    /** For subclasses. */
    protected Layer() {}

    /** Computes the output; shapes are the subclass's to say. */
    public abstract Tensor forward(Tensor x);

    // Hooks

    /** Sees a layer's input before it computes anything. */
    @FunctionalInterface
    public interface ForwardPreHook {
        /** Another input, or null to leave it as it is. */
        @Nullable Tensor apply(Layer layer, Tensor x);
    }

    /** Sees a layer's input and output. */
    @FunctionalInterface
    public interface ForwardHook {
        /** Another output, or null to leave it as it is. */
        @Nullable Tensor apply(Layer layer, Tensor x, Tensor y);
    }

    /** Sees the gradients of a layer's input and output. */
    @FunctionalInterface
    public interface BackwardHook {
        /**
         * Another gradient of the input, or null to leave it as it is.
         *
         * @param dx null where the input needs no gradient
         */
        @Nullable Tensor apply(Layer layer, @Nullable Tensor dx, Tensor dy);
    }

    /**
     * {@link #forward}, and the hooks around it: what {@code layer(x)} is in PyTorch. {@link
     * Sequential} and the layers of this package call their parts so; {@code forward} itself runs
     * no hooks, as there.
     */
    public final Tensor call(Tensor x) {
        LayerHooks around = hooks;
        return around == null ? forward(x) : around.run(this, x);
    }

    /** Calls {@code hook} before each {@link #call}; what it returns is computed from instead. */
    public final RemovableHandle registerForwardPreHook(ForwardPreHook hook) {
        return hooks().before.add(hook);
    }

    /** Calls {@code hook} after each {@link #call}; what it returns is the output instead. */
    public final RemovableHandle registerForwardHook(ForwardHook hook) {
        return hooks().after.add(hook);
    }

    /**
     * Calls {@code hook} when the gradient of the input has been computed of what {@link #call}
     * returned; what it returns goes on instead. Where the input needs none, the hook is called
     * when the output's comes. On a GPU it keeps a gradient by {@link Tensor#keep} or {@link
     * Tensor#copy}.
     */
    public final RemovableHandle registerFullBackwardHook(BackwardHook hook) {
        return hooks().backward.add(hook);
    }

    private LayerHooks hooks() {
        LayerHooks present = hooks;
        if (present == null) {
            present = new LayerHooks();
            hooks = present;
        }
        return present;
    }

    @Override
    public final Layer train() {
        super.train();
        return this;
    }

    @Override
    public final Layer eval() {
        super.eval();
        return this;
    }

    @Override
    public final Layer train(boolean on) {
        super.train(on);
        return this;
    }

    @Override
    public final Layer to(Device device) {
        super.to(device);
        return this;
    }

    @Override
    public final Layer to(Device device, DType dtype) {
        super.to(device, dtype);
        return this;
    }
}
