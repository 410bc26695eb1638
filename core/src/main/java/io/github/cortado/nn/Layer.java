package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;

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
    /** For subclasses. */
    protected Layer() {}

    /** Computes the output; shapes are the subclass's to say. */
    public abstract Tensor forward(Tensor x);

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
