package io.github.cortado.benchmarks.nets;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;

/** Three linear layers with GELU between them, from pictures [n, 1, 28, 28] to logits [n, 10]. */
public final class Mlp extends Layer {
    private final Sequential net =
            add(
                    "net",
                    new Sequential(
                            new Flatten(),
                            new Linear(784, 512),
                            new GELU(),
                            new Linear(512, 512),
                            new GELU(),
                            new Linear(512, 10)));

    @Override
    public Tensor forward(Tensor x) {
        return net.forward(x);
    }
}
