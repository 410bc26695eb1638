package io.github.cortado.benchmarks.nets;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;

/** A transformer's block, normalised first: attention, then two linear layers; [n, t, width]. */
final class Encoder extends Layer {
    private final LayerNorm norm1;
    private final Attention attn;
    private final LayerNorm norm2;
    private final Sequential mlp;

    Encoder(int width, int heads) {
        norm1 = add("norm1", new LayerNorm(width));
        attn = add("attn", new Attention(width, heads));
        norm2 = add("norm2", new LayerNorm(width));
        mlp =
                add(
                        "mlp",
                        new Sequential(
                                new Linear(width, 4 * width),
                                new GELU(),
                                new Linear(4 * width, width)));
    }

    @Override
    public Tensor forward(Tensor x) {
        x = x.add(attn.forward(norm1.forward(x)));
        return x.add(mlp.forward(norm2.forward(x)));
    }

    /** Attention of each of t places to all of them, in several heads. */
    static final class Attention extends Layer {
        private final int heads;
        private final Linear qkv;
        private final Linear proj;

        Attention(int width, int heads) {
            this.heads = heads;
            qkv = add("qkv", new Linear(width, 3 * width));
            proj = add("proj", new Linear(width, width));
        }

        @Override
        public Tensor forward(Tensor x) {
            return proj.forward(Functional.selfAttention(qkv.forward(x), heads, false));
        }
    }
}
