package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A convolution or an affine map that has not been computed: a ReLU or a pooling may join it. */
abstract class PendingProduct extends Pending {
    PendingProduct(String op, Tensor x, Shape shape, List<Tensor> inputs) {
        super(op, x, shape, inputs);
    }

    /** max(y, 0), in one pass. */
    abstract Buffer relu();

    final Buffer input(int i) {
        return inputs().get(i).buffer();
    }

    /** The last of x, w and b, where there is one. */
    final @Nullable Buffer bias() {
        return inputs().size() == 3 ? input(2) : null;
    }
}
