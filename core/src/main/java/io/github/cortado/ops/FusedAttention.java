package io.github.cortado.ops;

import io.github.cortado.Internals;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Edge;
import io.github.cortado.autograd.Node;
import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.AttentionSpec.Sizes;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Qkv;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Attention as one operation of the backend, which keeps two numbers of each query instead of its
 * scores. Gradients of gradients are those of the operations that {@link Attention} is composed of.
 */
record FusedAttention(AttentionForm form, @Nullable Tensor mask, boolean causal) {
    /** Leading dimensions in which a mask may differ. */
    private static final int LINES = 2;

    /**
     * Whether it computes that: each line of queries has its own keys and values, of a width that
     * backends take, and nobody asks for a gradient of the mask.
     */
    static boolean takes(AttentionForm form, @Nullable Tensor mask) {
        if (!form.isAligned() || form.inputs().stream().anyMatch(x -> x.size() == 0)) {
            return false;
        }
        Sizes s = form.sizes();
        return Math.max(s.width(), s.valueWidth()) <= AttentionSpec.MOST_WIDTH
                && 2L * s.rows() <= Integer.MAX_VALUE
                && (mask == null || form.scores().rank() <= LINES + 2 && !Node.records(mask));
    }

    Tensor result() {
        AttentionSpec spec = spec();
        Tensor like = form.inputs().get(0);
        Backend backend = like.device().backend();
        Qkv x = buffers(form.inputs());
        Buffer bias = mask == null ? null : mask.buffer();
        Tensor y = like.empty(form.shape());
        Tensor sums = like.empty(Shape.of(2, spec.sizes().rows()));
        backend.attention(x, bias, y.buffer(), sums.buffer(), spec);
        if (!Node.records(form.inputs().toArray(Tensor[]::new))) {
            sums.buffer().release("only gradients need it");
            return y;
        }
        Tensor saved = y.detach();
        JointGradients gradients = new JointGradients(dy -> gradients(saved, sums, dy, spec));
        Edge[] edges = gradients.edges(form.inputs().toArray(Tensor[]::new));
        for (int i = 0; i < edges.length; i++) {
            int at = i;
            edges[i] = edges[i].differentiable(dy -> again(dy).get(at));
        }
        List<Tensor> alsoRead = mask == null ? List.of(y) : List.of(y, mask);
        return Node.record(Attention.OP, y, alsoRead, List.of(sums), edges);
    }

    private AttentionSpec spec() {
        Places[] p = form.places();
        double scale = Attention.scale(form.sizes().width());
        return new AttentionSpec(form.sizes(), p[0], p[1], p[2], p[3], maskPlaces(), causal, scale);
    }

    private @Nullable Places maskPlaces() {
        if (mask == null) {
            return null;
        }
        int[] strides = Broadcast.stretched(mask.shape(), form.scores());
        int lines = strides.length - 2;
        return new Places(
                0,
                lines == LINES ? strides[0] : 0,
                lines == 0 ? 0 : strides[lines - 1],
                strides[lines],
                strides[lines + 1]);
    }

    /** Of one tensor that has all, or of three. */
    private static Qkv buffers(List<Tensor> x) {
        return new Qkv(
                x.get(0).buffer(), x.get(x.size() / 2).buffer(), x.get(x.size() - 1).buffer());
    }

    private @Nullable Tensor[] gradients(Tensor y, Tensor sums, Tensor dy, AttentionSpec spec) {
        List<Tensor> dx = form.inputs().stream().map(Internals::newGrad).toList();
        y.device()
                .backend()
                .attentionGrad(
                        buffers(form.inputs()),
                        mask == null ? null : mask.buffer(),
                        y.buffer(),
                        sums.buffer(),
                        dy.buffer(),
                        buffers(dx),
                        spec);
        return dx.toArray(Tensor[]::new);
    }

    /** The same by recorded operations. */
    private List<Tensor> again(Tensor dy) {
        Tensor[] x = form.split();
        Tensor weights = Attention.weights(x[0], x[1], mask, causal);
        Tensor dyOfHeads = form.parted(dy);
        Tensor dw = dyOfHeads.matmul(x[2].transpose(-2, -1));
        Tensor ds =
                weights.mul(dw.sub(weights.mul(dw).sum(true, -1)))
                        .mul(Attention.scale(form.sizes().width()));
        return form.gradients(
                new Tensor[] {
                    ds.matmul(x[1]),
                    ds.transpose(-2, -1).matmul(x[0]),
                    weights.transpose(-2, -1).matmul(dyOfHeads)
                });
    }
}
