package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import java.util.List;
import java.util.function.Function;

/**
 * One use of an operation: the function, and inputs away from its kinks. Those that require a
 * gradient are the ones that it has gradients for.
 *
 * @param op what a test report calls it
 * @param covers the public methods that are exercised, as {@code Functional.relu(Tensor)}
 */
record OpCase(String op, List<String> covers, Function<Tensor[], Tensor> f, List<Tensor> leaves) {
    /** The inputs, as the function takes them. */
    Tensor[] inputs() {
        return leaves.toArray(Tensor[]::new);
    }

    /** Fresh leaves on another device and with another dtype; integers keep theirs. */
    Tensor[] inputsOn(Device device, DType dtype) {
        Tensor[] x = new Tensor[leaves.size()];
        for (int i = 0; i < x.length; i++) {
            Tensor t = leaves.get(i).detach();
            x[i] = (t.dtype().isFloat() ? t.to(dtype) : t).to(device).copy();
            if (leaves.get(i).requiresGrad()) {
                x[i].requiresGrad(true);
            }
        }
        return x;
    }

    @Override
    public String toString() {
        return op;
    }
}
