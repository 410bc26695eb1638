package io.github.cortado.benchmarks.nets;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.MaxPool2d;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * VGG-11 (Simonyan and Zisserman, arXiv 1409.1556) for small pictures: what is left of them after
 * five poolings is one place, and one linear layer follows. From [n, 3, 32, 32] to logits [n, 10].
 */
public final class VGG11 extends Layer {
    /** Channels of each convolution, the last of which is pooled, between two poolings. */
    private static final int[][] STAGES = {{64}, {128}, {256, 256}, {512, 512}, {512, 512}};

    private final Sequential features = add("features", features());
    private final Linear classifier = add("classifier", new Linear(512, 10));

    private static Sequential features() {
        List<Layer> parts = new ArrayList<>();
        int in = 3;
        for (int[] stage : STAGES) {
            for (int out : stage) {
                parts.add(new Conv2d(in, out, 3).padding(1));
                parts.add(new ReLU());
                in = out;
            }
            parts.add(new MaxPool2d(2));
        }
        return new Sequential(parts.toArray(Layer[]::new));
    }

    @Override
    public Tensor forward(Tensor x) {
        return classifier.forward(features.forward(x).flatten(1));
    }
}
