package io.github.cortado.benchmarks.nets;

import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Identity;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;

/**
 * ResNet-18 (He et al., arXiv 1512.03385) for small pictures: its first convolution is 3 x 3
 * without a stride, and no pooling follows. From [n, 3, 32, 32] to logits [n, 10].
 */
public final class ResNet18 extends Layer {
    private final Conv2d conv1 = add("conv1", new Conv2d(3, 64, 3).padding(1).withoutBias());
    private final BatchNorm2d bn1 = add("bn1", new BatchNorm2d(64));
    private final Sequential layers =
            add(
                    "layers",
                    new Sequential(
                            new Block(64, 64, 1),
                            new Block(64, 64, 1),
                            new Block(64, 128, 2),
                            new Block(128, 128, 1),
                            new Block(128, 256, 2),
                            new Block(256, 256, 1),
                            new Block(256, 512, 2),
                            new Block(512, 512, 1)));
    private final Linear fc = add("fc", new Linear(512, 10));

    @Override
    public Tensor forward(Tensor x) {
        x = layers.forward(relu(bn1.forward(conv1.forward(x))));
        return fc.forward(x.mean(false, 2, 3));
    }

    /** Two convolutions, and a way around them. */
    static final class Block extends Layer {
        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Layer downsample;

        Block(int in, int out, int stride) {
            conv1 = add("conv1", new Conv2d(in, out, 3).stride(stride).padding(1).withoutBias());
            bn1 = add("bn1", new BatchNorm2d(out));
            conv2 = add("conv2", new Conv2d(out, out, 3).padding(1).withoutBias());
            bn2 = add("bn2", new BatchNorm2d(out));
            downsample =
                    add(
                            "downsample",
                            stride == 1 && in == out
                                    ? new Identity()
                                    : new Sequential(
                                            new Conv2d(in, out, 1).stride(stride).withoutBias(),
                                            new BatchNorm2d(out)));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = relu(bn1.forward(conv1.forward(x)));
            y = bn2.forward(conv2.forward(y));
            return relu(y.add(downsample.forward(x)));
        }
    }
}
