package io.github.cortado.models;

import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.Sequential;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Residual networks (He et al., arXiv 1512.03385), under torchvision's names and with its first
 * values. As there, a bottleneck's stride is its 3 x 3 convolution's.
 *
 * <pre>{@code
 * ResNet net = ResNet.resnet18(1000);
 * ResNet small = ResNet.resnet18(PictureSize.CIFAR, 10);
 * small.replace("fc", new Linear(512, 2));
 * }</pre>
 */
public final class ResNet extends Layer {
    private static final int STAGES = 4;

    /** What a network's stages are made of. */
    public enum Kind {
        /** Two convolutions of 3 x 3. */
        BASIC(1),
        /** One of 3 x 3 between two of 1 x 1, of which the last has four times the channels. */
        BOTTLENECK(4);

        private final int expansion;

        Kind(int expansion) {
            this.expansion = expansion;
        }
    }

    /**
     * What makes a network deep and wide.
     *
     * @param kind of blocks
     * @param blocks in each of the four stages
     * @param width channels of the first stage, doubled from each stage to the next; torchvision's
     *     is 64
     */
    public record Sizes(Kind kind, List<Integer> blocks, int width) {
        /** ResNet-18's. */
        public static final Sizes RESNET18 = new Sizes(Kind.BASIC, List.of(2, 2, 2, 2), 64);

        /** ResNet-34's. */
        public static final Sizes RESNET34 = new Sizes(Kind.BASIC, List.of(3, 4, 6, 3), 64);

        /** ResNet-50's. */
        public static final Sizes RESNET50 = new Sizes(Kind.BOTTLENECK, List.of(3, 4, 6, 3), 64);

        /** Refuses other than four stages, and sizes below 1. */
        public Sizes {
            blocks = List.copyOf(blocks);
            if (blocks.size() != STAGES) {
                throw new IllegalArgumentException(
                        "ResNet: expected four stages, got blocks = " + blocks);
            }
            Inputs.sizes("ResNet", "blocks", blocks.stream().mapToInt(n -> n).toArray());
            Inputs.sizes("ResNet", "width", width);
        }

        private int channels(int stage) {
            return width << stage;
        }
    }

    private final PictureSize pictures;
    private final Conv2d conv1;
    private final BatchNorm2d bn1;
    private final Sequential layer1;
    private final Sequential layer2;
    private final Sequential layer3;
    private final Sequential layer4;
    private Layer fc;

    /** ResNet-18 for pictures of ImageNet's size. */
    public static ResNet resnet18(int classes) {
        return resnet18(PictureSize.IMAGENET, classes);
    }

    /** ResNet-18. */
    public static ResNet resnet18(PictureSize pictures, int classes) {
        return new ResNet(Sizes.RESNET18, pictures, classes);
    }

    /** ResNet-34 for pictures of ImageNet's size. */
    public static ResNet resnet34(int classes) {
        return resnet34(PictureSize.IMAGENET, classes);
    }

    /** ResNet-34. */
    public static ResNet resnet34(PictureSize pictures, int classes) {
        return new ResNet(Sizes.RESNET34, pictures, classes);
    }

    /** ResNet-50 for pictures of ImageNet's size. */
    public static ResNet resnet50(int classes) {
        return resnet50(PictureSize.IMAGENET, classes);
    }

    /** ResNet-50. */
    public static ResNet resnet50(PictureSize pictures, int classes) {
        return new ResNet(Sizes.RESNET50, pictures, classes);
    }

    /**
     * A network of any size. For small pictures its first convolution is 3 x 3 without a stride,
     * and no pooling follows.
     *
     * @throws IllegalArgumentException if there is no class
     */
    public ResNet(Sizes sizes, PictureSize pictures, int classes) {
        Inputs.sizes("ResNet", "classes", classes);
        this.pictures = pictures;
        int width = sizes.width;
        Conv2d first =
                pictures == PictureSize.CIFAR
                        ? new Conv2d(3, width, 3).padding(1)
                        : new Conv2d(3, width, 7).stride(2).padding(3);
        conv1 = add("conv1", first.withoutBias());
        bn1 = add("bn1", new BatchNorm2d(width));
        layer1 = add("layer1", stage(sizes, 0));
        layer2 = add("layer2", stage(sizes, 1));
        layer3 = add("layer3", stage(sizes, 2));
        layer4 = add("layer4", stage(sizes, 3));
        fc = add("fc", new Linear(sizes.channels(STAGES - 1) * sizes.kind.expansion, classes));
        FirstValues.convolutions(this);
    }

    /** The first block of all stages but the first halves the picture's sides. */
    private static Sequential stage(Sizes sizes, int stage) {
        Kind kind = sizes.kind;
        int inside = sizes.channels(stage);
        int in = stage == 0 ? sizes.width : sizes.channels(stage - 1) * kind.expansion;
        List<Layer> blocks = new ArrayList<>();
        for (int i = 0; i < sizes.blocks.get(stage); i++) {
            int stride = i == 0 && stage > 0 ? 2 : 1;
            blocks.add(
                    kind == Kind.BASIC
                            ? new BasicBlock(in, inside, stride)
                            : new Bottleneck(in, inside, stride));
            in = inside * kind.expansion;
        }
        return new Sequential(blocks.toArray(Layer[]::new));
    }

    /**
     * Logits [n, classes] of pictures [n, 3, h, w] of any height and width.
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        Inputs.pictures("ResNet", x, 3, 1);
        x = relu(bn1.call(conv1.call(x)));
        if (pictures == PictureSize.IMAGENET) {
            x = maxPool2d(x, 3, 2, 1);
        }
        x = layer4.call(layer3.call(layer2.call(layer1.call(x))));
        return fc.call(x.mean(false, 2, 3));
    }

    /** 1 x 1, where input and output differ in shape: the way around a block. */
    private static Optional<Sequential> downsample(int in, int out, int stride) {
        return stride == 1 && in == out
                ? Optional.empty()
                : Optional.of(
                        new Sequential(
                                new Conv2d(in, out, 1).stride(stride).withoutBias(),
                                new BatchNorm2d(out)));
    }

    private static Conv2d conv3(int in, int out, int stride) {
        return new Conv2d(in, out, 3).stride(stride).padding(1).withoutBias();
    }

    /** Two convolutions, and a way around them. */
    private static final class BasicBlock extends Layer {
        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Optional<Sequential> downsample;

        BasicBlock(int in, int out, int stride) {
            conv1 = add("conv1", conv3(in, out, stride));
            bn1 = add("bn1", new BatchNorm2d(out));
            conv2 = add("conv2", conv3(out, out, 1));
            bn2 = add("bn2", new BatchNorm2d(out));
            downsample = downsample(in, out, stride).map(part -> add("downsample", part));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = relu(bn1.call(conv1.call(x)));
            y = bn2.call(conv2.call(y));
            return relu(y.add(downsample.isPresent() ? downsample.get().call(x) : x));
        }
    }

    /** Fewer channels, a convolution of those, and more again; and a way around it. */
    private static final class Bottleneck extends Layer {
        private final Conv2d conv1;
        private final BatchNorm2d bn1;
        private final Conv2d conv2;
        private final BatchNorm2d bn2;
        private final Conv2d conv3;
        private final BatchNorm2d bn3;
        private final Optional<Sequential> downsample;

        Bottleneck(int in, int inside, int stride) {
            int out = inside * Kind.BOTTLENECK.expansion;
            conv1 = add("conv1", new Conv2d(in, inside, 1).withoutBias());
            bn1 = add("bn1", new BatchNorm2d(inside));
            conv2 = add("conv2", conv3(inside, inside, stride));
            bn2 = add("bn2", new BatchNorm2d(inside));
            conv3 = add("conv3", new Conv2d(inside, out, 1).withoutBias());
            bn3 = add("bn3", new BatchNorm2d(out));
            downsample = downsample(in, out, stride).map(part -> add("downsample", part));
        }

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = relu(bn1.call(conv1.call(x)));
            y = relu(bn2.call(conv2.call(y)));
            y = bn3.call(conv3.call(y));
            return relu(y.add(downsample.isPresent() ? downsample.get().call(x) : x));
        }
    }
}
