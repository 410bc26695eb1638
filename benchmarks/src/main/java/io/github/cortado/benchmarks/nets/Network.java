package io.github.cortado.benchmarks.nets;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.models.GPT;
import io.github.cortado.models.LeNet;
import io.github.cortado.models.LstmClassifier;
import io.github.cortado.models.MLP;
import io.github.cortado.models.MobileNetV2;
import io.github.cortado.models.PictureSize;
import io.github.cortado.models.ResNet;
import io.github.cortado.models.UNet;
import io.github.cortado.models.VGG;
import io.github.cortado.nn.Layer;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.SGD;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.function.Supplier;

/** The networks: each with what it is given, and the optimizer that trains it. */
public enum Network {
    /** Three convolutions with pooling, two linear layers. */
    LENET(LeNet::new, Network::adam, Task.PICTURES),
    /** Linear layers alone. */
    MLP(() -> new MLP(784, 512, 512, 10), Network::adam, Task.DIGITS),
    /** Convolutions of many channels, batch normalisation. */
    RESNET18(() -> ResNet.resnet18(PictureSize.CIFAR, 10), Network::sgd, Task.PICTURES),
    /** Convolutions of many channels with bias, ReLU and pooling. */
    VGG11(() -> VGG.vgg11(PictureSize.CIFAR, 10), Network::sgd, Task.PICTURES),
    /** Convolutions of 1 x 1 and of single channels, batch normalisation. */
    MOBILENETV2(() -> new MobileNetV2(1, PictureSize.CIFAR, 10), Network::sgd, Task.PICTURES),
    /** Attention, layer normalisation. */
    VIT(ViT::new, Network::adamW, Task.PICTURES),
    /** Attention to what came before, layer normalisation: a class for each symbol. */
    GPT(() -> new GPT(new GPT.Sizes(96, 128, 192, 6, 6), 0), Network::adamW, Task.TEXT),
    /** Recurrence: a class for each sequence. */
    LSTM(
            () -> new LstmClassifier(new LstmClassifier.Sizes(96, 64, 128, 2), 10),
            Network::adam,
            Task.SEQUENCES),
    /** Convolutions, transposed ones, batch normalisation: a class for each pixel. */
    UNET(() -> new UNet(3, 10, 16, 3), Network::adam, Task.PIXELS);

    /** Classes of pictures and sequences. */
    public static final int CLASSES = 10;

    /**
     * What a network is given and asked for.
     *
     * @param example shape of one of a batch
     * @param symbols how many symbols there are; 0 where an example is of numbers
     * @param labels shape of one's labels
     * @param classes how many there are
     */
    private record Task(Shape example, int symbols, Shape labels, int classes) {
        private static final Task PICTURES = new Task(Shape.of(3, 32, 32), 0, Shape.of(), CLASSES);
        private static final Task DIGITS = new Task(Shape.of(1, 28, 28), 0, Shape.of(), CLASSES);
        private static final Task TEXT = new Task(Shape.of(128), 96, Shape.of(128), 96);
        private static final Task SEQUENCES = new Task(Shape.of(64), 96, Shape.of(), CLASSES);
        private static final Task PIXELS =
                new Task(Shape.of(3, 32, 32), 0, Shape.of(32, 32), CLASSES);
    }

    private final Supplier<Layer> model;
    private final Function<List<Tensor>, Optimizer> optimizer;
    private final Task task;

    Network(Supplier<Layer> model, Function<List<Tensor>, Optimizer> optimizer, Task task) {
        this.model = model;
        this.optimizer = optimizer;
        this.task = task;
    }

    private static Optimizer adam(List<Tensor> parameters) {
        return new Adam(parameters, 1e-3);
    }

    private static Optimizer adamW(List<Tensor> parameters) {
        return new AdamW(parameters, 1e-3);
    }

    private static Optimizer sgd(List<Tensor> parameters) {
        return new SGD(parameters, 0.01).momentum(0.9).weightDecay(5e-4);
    }

    /** Whether most of its work is convolutions, so that the memory layout of pictures counts. */
    public boolean hasConvolutions() {
        return this == LENET
                || this == RESNET18
                || this == VGG11
                || this == MOBILENETV2
                || this == UNET;
    }

    /** The name on command lines. */
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** All names, in order. */
    public static String[] words() {
        return List.of(values()).stream().map(Network::word).toArray(String[]::new);
    }

    /** The one of that name. */
    public static Network of(String word) {
        return valueOf(word.toUpperCase(Locale.ROOT));
    }

    /** A new model, its first weights by the present seed. */
    public Layer model() {
        return model.get();
    }

    /** What trains such a model. */
    public Optimizer optimizer(Layer model) {
        return optimizer.apply(model.parameters());
    }

    /** The shape of a batch of n. */
    public Shape input(int n) {
        return batch(n, task.example);
    }

    /** The shape of the labels of a batch of n. */
    public Shape labels(int n) {
        return batch(n, task.labels);
    }

    private static Shape batch(int n, Shape one) {
        int[] dims = new int[one.rank() + 1];
        dims[0] = n;
        System.arraycopy(one.dims(), 0, dims, 1, one.rank());
        return Shape.of(dims);
    }

    /** A batch of n random examples, always the same. */
    Tensor examples(int n) {
        Shape shape = input(n);
        SplittableRandom random = new SplittableRandom(0);
        if (task.symbols > 0) {
            return Tensor.of(random.longs(shape.size(), 0, task.symbols).toArray(), shape);
        }
        float[] pixels = new float[shape.size()];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = (float) (2 * random.nextDouble() - 1);
        }
        return Tensor.of(pixels, shape);
    }

    /** Random labels of a batch of n, always the same. */
    Tensor randomLabels(int n) {
        Shape shape = labels(n);
        long[] labels = new SplittableRandom(1).longs(shape.size(), 0, task.classes).toArray();
        return Tensor.of(labels, shape);
    }
}
