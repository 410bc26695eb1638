package io.github.cortado.benchmarks.nets;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Init;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;
import io.github.cortado.random.Seed;

/**
 * A small vision transformer (Dosovitskiy et al., arXiv 2010.11929): patches of 4 x 4, width 192,
 * six blocks of three heads, the mean over all patches. From [n, 3, 32, 32] to logits [n, 10].
 */
public final class ViT extends Layer {
    private static final int WIDTH = 192;
    private static final int HEADS = 3;

    private final Conv2d patch = add("patch", new Conv2d(3, WIDTH, 4).stride(4));
    private final Tensor pos =
            parameter(
                    "pos", Init.normal(Tensor.zeros(1, 64, WIDTH), 0, 0.02, Seed.nextParameter()));
    private final Sequential blocks =
            add(
                    "blocks",
                    new Sequential(
                            new Encoder(WIDTH, HEADS),
                            new Encoder(WIDTH, HEADS),
                            new Encoder(WIDTH, HEADS),
                            new Encoder(WIDTH, HEADS),
                            new Encoder(WIDTH, HEADS),
                            new Encoder(WIDTH, HEADS)));
    private final LayerNorm norm = add("norm", new LayerNorm(WIDTH));
    private final Linear head = add("head", new Linear(WIDTH, 10));

    @Override
    public Tensor forward(Tensor x) {
        x = patch.forward(x).flatten(2).transpose(1, 2).add(pos);
        return head.forward(norm.forward(blocks.forward(x)).mean(false, 1));
    }
}
