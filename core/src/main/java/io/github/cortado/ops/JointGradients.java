package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Gradients of several inputs that are computed together, when the first of them is asked for. */
final class JointGradients {
    private final Function<Tensor, @Nullable Tensor[]> compute;
    private @Nullable Tensor @Nullable [] all;

    /** The gradient of one of the inputs. */
    private record Share(JointGradients joint, int number) implements Edge.Joint {
        @Override
        public Tensor apply(Tensor dy) {
            return joint.get(dy, number);
        }

        @Override
        public void forget() {
            joint.forget();
        }
    }

    /** {@code compute} goes from dy to the gradients, in the order of the inputs of the edges. */
    JointGradients(Function<Tensor, @Nullable Tensor[]> compute) {
        this.compute = compute;
    }

    /** The gradient of input {@code i}. */
    Tensor get(Tensor dy, int i) {
        if (all == null) {
            all = compute.apply(dy);
        }
        return all[i];
    }

    /** Lets them go: the next dy is another one. */
    void forget() {
        all = null;
    }

    /** Edges to the inputs that there are. */
    Edge[] edges(@Nullable Tensor... inputs) {
        List<Edge> edges = new ArrayList<>();
        for (int i = 0; i < inputs.length; i++) {
            int at = i;
            if (inputs[i] != null) {
                edges.add(Edge.to(inputs[i], new Share(this, at)));
            }
        }
        return edges.toArray(Edge[]::new);
    }

    /** Where a gradient is to be written; null for one that nobody needs. */
    static @Nullable Buffer buffer(@Nullable Tensor gradient) {
        return gradient == null ? null : gradient.buffer();
    }
}
