package io.github.cortado.benchmarks.nets;

import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.ReLU6;
import io.github.cortado.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * MobileNetV2 (Sandler et al., arXiv 1801.04381) for small pictures: the first two of its strides
 * are 1. From [n, 3, 32, 32] to logits [n, 10].
 */
public final class MobileNetV2 extends Layer {
    /** Blocks alike: how much wider they are inside, channels, how many, stride of the first. */
    private static final int[][] STAGES = {
        {1, 16, 1, 1},
        {6, 24, 2, 1},
        {6, 32, 3, 2},
        {6, 64, 4, 2},
        {6, 96, 3, 1},
        {6, 160, 3, 2},
        {6, 320, 1, 1}
    };

    private final Sequential features = add("features", features());
    private final Sequential classifier =
            add("classifier", new Sequential(new Dropout(0.2), new Linear(1280, 10)));

    private static Sequential features() {
        List<Layer> parts = new ArrayList<>();
        parts.add(new Conv2d(3, 32, 3).padding(1).withoutBias());
        parts.add(new BatchNorm2d(32));
        parts.add(new ReLU6());
        int in = 32;
        for (int[] stage : STAGES) {
            for (int i = 0; i < stage[2]; i++) {
                parts.add(new InvertedResidual(in, stage[1], i == 0 ? stage[3] : 1, stage[0]));
                in = stage[1];
            }
        }
        parts.add(new Conv2d(in, 1280, 1).withoutBias());
        parts.add(new BatchNorm2d(1280));
        parts.add(new ReLU6());
        return new Sequential(parts.toArray(Layer[]::new));
    }

    @Override
    public Tensor forward(Tensor x) {
        return classifier.forward(features.forward(x).mean(false, 2, 3));
    }

    /** Wider, by channel, narrower again; and around it where input and output are of a shape. */
    static final class InvertedResidual extends Layer {
        private final Sequential conv;
        private final boolean around;

        InvertedResidual(int in, int out, int stride, int expand) {
            int inside = in * expand;
            List<Layer> parts = new ArrayList<>();
            if (expand != 1) {
                parts.add(new Conv2d(in, inside, 1).withoutBias());
                parts.add(new BatchNorm2d(inside));
                parts.add(new ReLU6());
            }
            parts.add(
                    new Conv2d(inside, inside, 3)
                            .stride(stride)
                            .padding(1)
                            .groups(inside)
                            .withoutBias());
            parts.add(new BatchNorm2d(inside));
            parts.add(new ReLU6());
            parts.add(new Conv2d(inside, out, 1).withoutBias());
            parts.add(new BatchNorm2d(out));
            conv = add("conv", new Sequential(parts.toArray(Layer[]::new)));
            around = stride == 1 && in == out;
        }

        @Override
        public Tensor forward(Tensor x) {
            return around ? x.add(conv.forward(x)) : conv.forward(x);
        }
    }
}
