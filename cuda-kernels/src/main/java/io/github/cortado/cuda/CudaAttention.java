package io.github.cortado.cuda;

import io.github.cortado.DType;
import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.AttentionSpec.Sizes;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Qkv;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/** Attention: see {@code attention.cu}. */
interface CudaAttention extends CudaMemory {
    /** Queries of a block. */
    int ROWS = 32;

    /** Queries, or keys, of a block that computes their gradients. */
    int GRADIENT_ROWS = 16;

    @Override
    default void attention(Qkv x, @Nullable Buffer mask, Buffer y, Buffer sums, AttentionSpec s) {
        Launch launch =
                launch(Kernel.ATTENTION, s, s.sizes().queries(), ROWS)
                        .pointer(x.q())
                        .pointer(x.k())
                        .pointer(x.v())
                        .pointer(mask)
                        .pointer(y)
                        .pointer(sums);
        put(launch, s);
        launch.run();
    }

    @Override
    default void attentionGrad(
            Qkv x,
            @Nullable Buffer mask,
            Buffer y,
            Buffer sums,
            Buffer dy,
            Qkv dx,
            AttentionSpec s) {
        Buffer dots = empty(DType.FLOAT32, s.sizes().rows());
        Launch ofQueries =
                launch(Kernel.ATTENTION_GRAD_QUERIES, s, s.sizes().queries(), GRADIENT_ROWS)
                        .pointer(x.q())
                        .pointer(x.k())
                        .pointer(x.v())
                        .pointer(mask)
                        .pointer(y)
                        .pointer(sums)
                        .pointer(dy)
                        .pointer(dx.q())
                        .pointer(dots);
        put(ofQueries, s);
        ofQueries.run();
        Launch ofKeys =
                launch(Kernel.ATTENTION_GRAD_KEYS, s, s.sizes().keys(), GRADIENT_ROWS)
                        .pointer(x.q())
                        .pointer(x.k())
                        .pointer(x.v())
                        .pointer(mask)
                        .pointer(sums)
                        .pointer(dy)
                        .pointer(dots)
                        .pointer(dx.k())
                        .pointer(dx.v());
        put(ofKeys, s);
        ofKeys.run();
        dots.release("it held products of results and their gradients");
    }

    private Launch launch(Kernel kernel, AttentionSpec s, int rows, int rowsOfABlock) {
        int blocks = (rows + rowsOfABlock - 1) / rowsOfABlock;
        return gpu().launch(kernel).grid(Math.multiplyExact(blocks, s.sizes().lines()));
    }

    /** Puts the structure that all of them are given, and how many queries there are. */
    private static void put(Launch launch, AttentionSpec s) {
        Sizes n = s.sizes();
        ByteBuffer to =
                launch.struct()
                        .putInt(n.heads())
                        .putInt(n.queries())
                        .putInt(n.keys())
                        .putInt(n.width())
                        .putInt(n.valueWidth())
                        .putInt(s.causal() ? 1 : 0);
        put(to, s.q());
        put(to, s.k());
        put(to, s.v());
        put(to, s.y());
        Places mask = s.mask();
        put(to, mask == null ? new Places(0, 0, 0, 0, 0) : mask);
        to.putFloat((float) s.scale());
        launch.int32(n.rows());
    }

    private static void put(ByteBuffer to, Places p) {
        to.putInt(p.first()).putInt(p.batch()).putInt(p.head()).putInt(p.row()).putInt(p.column());
    }
}
