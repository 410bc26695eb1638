package io.github.cortado.benchmarks.nets;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Layer;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.SGD;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.Supplier;

/** The networks: each with what it is given, and the optimizer that trains it. */
public enum Network {
    /** Three convolutions with pooling, two linear layers. */
    LENET(LeNet::new, Network::adam, 3, 32),
    /** Linear layers alone. */
    MLP(Mlp::new, Network::adam, 1, 28),
    /** Convolutions of many channels, batch normalisation. */
    RESNET18(ResNet18::new, Network::sgd, 3, 32),
    /** Convolutions of many channels with bias, ReLU and pooling. */
    VGG11(VGG11::new, Network::sgd, 3, 32),
    /** Convolutions of 1 x 1 and of single channels, batch normalisation. */
    MOBILENETV2(MobileNetV2::new, Network::sgd, 3, 32),
    /** Attention, layer normalisation. */
    VIT(ViT::new, w -> new AdamW(w, 1e-3), 3, 32);

    /** Classes that all of them tell apart. */
    public static final int CLASSES = 10;

    private final Supplier<Layer> model;
    private final Function<List<Tensor>, Optimizer> optimizer;
    private final int channels;
    private final int side;

    Network(
            Supplier<Layer> model,
            Function<List<Tensor>, Optimizer> optimizer,
            int channels,
            int side) {
        this.model = model;
        this.optimizer = optimizer;
        this.channels = channels;
        this.side = side;
    }

    private static Optimizer adam(List<Tensor> parameters) {
        return new Adam(parameters, 1e-3);
    }

    private static Optimizer sgd(List<Tensor> parameters) {
        return new SGD(parameters, 0.01).momentum(0.9).weightDecay(5e-4);
    }

    /** Whether most of its work is convolutions, so that the memory layout of pictures counts. */
    public boolean hasConvolutions() {
        return this == LENET || this == RESNET18 || this == VGG11 || this == MOBILENETV2;
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

    /** A batch of n pictures. */
    public Shape input(int n) {
        return Shape.of(n, channels, side, side);
    }
}
