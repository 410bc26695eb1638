package io.github.cortado.models;

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
 * MobileNetV2 (Sandler et al., arXiv 1801.04381), under torchvision's names and with its first
 * values. For small pictures the first two of its strides are 1.
 */
public final class MobileNetV2 extends Layer {
    private static final int FIRST = 32;
    private static final int LAST = 1280;

    /**
     * Blocks alike.
     *
     * @param expand how much wider they are inside
     * @param stride of the first of them
     */
    private record Stage(int expand, int channels, int count, int stride) {}

    private static final List<Stage> STAGES =
            List.of(
                    new Stage(1, 16, 1, 1),
                    new Stage(6, 24, 2, 2),
                    new Stage(6, 32, 3, 2),
                    new Stage(6, 64, 4, 2),
                    new Stage(6, 96, 3, 1),
                    new Stage(6, 160, 3, 2),
                    new Stage(6, 320, 1, 1));

    private final Sequential features;
    private Layer classifier;

    /** As wide as torchvision's, for pictures of ImageNet's size. */
    public MobileNetV2(int classes) {
        this(1, PictureSize.IMAGENET, classes);
    }

    /**
     * A network of any width.
     *
     * @param width how many times as many channels as usual there are, in eights; those of the last
     *     convolution are no fewer than usual
     * @throws IllegalArgumentException if the width is not above 0, or there is no class
     */
    public MobileNetV2(double width, PictureSize pictures, int classes) {
        if (!(width > 0)) {
            throw new IllegalArgumentException(
                    "MobileNetV2: expected a width above 0, got " + width);
        }
        Inputs.sizes("MobileNetV2", "classes", classes);
        int last = eights(LAST * Math.max(1, width));
        features = add("features", features(width, last, pictures == PictureSize.CIFAR));
        classifier = add("classifier", new Sequential(new Dropout(0.2), new Linear(last, classes)));
        FirstValues.convolutions(this);
        FirstValues.linears(this, 0.01);
    }

    /** The nearest number of eights, but no more than a tenth below. */
    private static int eights(double channels) {
        int nearest = Math.max(8, (int) (channels + 4) / 8 * 8);
        return nearest < 0.9 * channels ? nearest + 8 : nearest;
    }

    private static Sequential features(double width, int last, boolean small) {
        List<Layer> parts = new ArrayList<>();
        int in = eights(FIRST * width);
        parts.add(activated(new Conv2d(3, in, 3).stride(small ? 1 : 2).padding(1), in));
        for (Stage stage : STAGES) {
            int out = eights(stage.channels * width);
            boolean keepsSize = small && stage == STAGES.get(1);
            for (int i = 0; i < stage.count; i++) {
                int stride = i == 0 && !keepsSize ? stage.stride : 1;
                parts.add(new InvertedResidual(in, out, stride, stage.expand));
                in = out;
            }
        }
        parts.add(activated(new Conv2d(in, last, 1), last));
        return new Sequential(parts.toArray(Layer[]::new));
    }

    /** A convolution without bias, normalised, and ReLU6. */
    private static Sequential activated(Conv2d conv, int out) {
        return new Sequential(conv.withoutBias(), new BatchNorm2d(out), new ReLU6());
    }

    /**
     * Logits [n, classes] of pictures [n, 3, h, w] of any height and width.
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        Inputs.pictures("MobileNetV2", x, 3, 1);
        return classifier.call(features.call(x).mean(false, 2, 3));
    }

    /** Wider, by channel, narrower again; and around it where input and output are of a shape. */
    private static final class InvertedResidual extends Layer {
        private final Sequential conv;
        private final boolean around;

        InvertedResidual(int in, int out, int stride, int expand) {
            int inside = in * expand;
            List<Layer> parts = new ArrayList<>();
            if (expand != 1) {
                parts.add(activated(new Conv2d(in, inside, 1), inside));
            }
            Conv2d byChannel = new Conv2d(inside, inside, 3).stride(stride).padding(1);
            parts.add(activated(byChannel.groups(inside), inside));
            parts.add(new Conv2d(inside, out, 1).withoutBias());
            parts.add(new BatchNorm2d(out));
            conv = add("conv", new Sequential(parts.toArray(Layer[]::new)));
            around = stride == 1 && in == out;
        }

        @Override
        public Tensor forward(Tensor x) {
            return around ? x.add(conv.call(x)) : conv.call(x);
        }
    }
}
