package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import java.util.function.UnaryOperator;

/** Moves to another device or dtype; the gradient goes the other way. */
public final class Cast {
    private Cast() {}

    /** x on {@code device}; x itself if it is there. */
    public static Tensor toDevice(Tensor x, Device device) {
        if (x.device().sameAs(device)) {
            return x;
        }
        Tensor y = Tensor.zeros(device, x.dtype(), x.shape());
        Object values =
                switch (x.dtype()) {
                    case FLOAT32 -> x.toFloats();
                    case FLOAT64 -> x.toDoubles();
                    case INT32 -> x.toInts();
                    case INT64 -> x.toLongs();
                    case UINT8, BOOL -> x.toBytes();
                };
        device.backend().upload(values, y.buffer());
        return Node.record("to", y, edge(x, dy -> toDevice(dy, x.device())));
    }

    /** x as {@code dtype}; x itself if it is that. */
    public static Tensor toType(Tensor x, DType dtype) {
        if (x.dtype() == dtype) {
            return x;
        }
        Tensor y = Internals.empty(x.device(), dtype, x.shape());
        x.device().backend().cast(x.buffer(), y.buffer());
        return dtype.isFloat() ? Node.record("to", y, edge(x, dy -> toType(dy, x.dtype()))) : y;
    }

    /** What goes back is such a move, too. */
    private static Edge edge(Tensor x, UnaryOperator<Tensor> back) {
        return Edge.to(x, back).differentiable(back);
    }
}
