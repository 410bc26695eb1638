package io.github.cortado.models;

import io.github.cortado.Tensor;
import io.github.cortado.nn.AdaptiveAvgPool2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.MaxPool2d;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import java.util.ArrayList;
import java.util.List;

/**
 * Convolutions of 3 x 3 alone (Simonyan and Zisserman, arXiv 1409.1556), under torchvision's names
 * and with its first values. For small pictures, what is left of them after all poolings is one
 * place, and one linear layer follows; otherwise three follow, with dropout.
 */
public final class VGG extends Layer {
    /** Features between the linear layers of torchvision's networks. */
    static final int HIDDEN = 4096;

    /** Channels of VGG-11's convolutions. */
    static final List<List<Integer>> VGG11 =
            List.of(
                    List.of(64),
                    List.of(128),
                    List.of(256, 256),
                    List.of(512, 512),
                    List.of(512, 512));

    private static final int PLACES = 7;

    private final PictureSize pictures;
    private final int least;
    private final Sequential features;
    private final AdaptiveAvgPool2d avgpool;
    private Layer classifier;

    /** VGG-11 for pictures of ImageNet's size. */
    public static VGG vgg11(int classes) {
        return vgg11(PictureSize.IMAGENET, classes);
    }

    /** VGG-11. */
    public static VGG vgg11(PictureSize pictures, int classes) {
        return new VGG(VGG11, HIDDEN, pictures, classes);
    }

    /**
     * A network of any size.
     *
     * @param stages channels of each convolution, the last of a stage is pooled
     * @param hidden features between linear layers; small pictures have none
     * @throws IllegalArgumentException if there are no stages, one has no convolutions, or a size
     *     is below 1
     */
    public VGG(List<List<Integer>> stages, int hidden, PictureSize pictures, int classes) {
        if (stages.isEmpty() || stages.stream().anyMatch(List::isEmpty)) {
            throw new IllegalArgumentException(
                    "VGG: expected stages of at least one convolution, got " + stages);
        }
        for (List<Integer> stage : stages) {
            Inputs.sizes("VGG", "channels", stage.stream().mapToInt(n -> n).toArray());
        }
        Inputs.sizes("VGG", "(hidden, classes)", hidden, classes);
        this.pictures = pictures;
        least = 1 << stages.size();
        features = add("features", features(stages));
        avgpool = add("avgpool", new AdaptiveAvgPool2d(PLACES));
        List<Integer> last = stages.get(stages.size() - 1);
        int out = last.get(last.size() - 1);
        classifier =
                add(
                        "classifier",
                        pictures == PictureSize.CIFAR
                                ? new Linear(out, classes)
                                : classifier(out * PLACES * PLACES, hidden, classes));
        FirstValues.convolutions(this);
        FirstValues.linears(this, 0.01);
    }

    private static Sequential features(List<List<Integer>> stages) {
        List<Layer> parts = new ArrayList<>();
        int in = 3;
        for (List<Integer> stage : stages) {
            for (int out : stage) {
                parts.add(new Conv2d(in, out, 3).padding(1));
                parts.add(new ReLU());
                in = out;
            }
            parts.add(new MaxPool2d(2));
        }
        return new Sequential(parts.toArray(Layer[]::new));
    }

    private static Sequential classifier(int in, int hidden, int classes) {
        return new Sequential(
                new Linear(in, hidden),
                new ReLU(),
                new Dropout(0.5),
                new Linear(hidden, hidden),
                new ReLU(),
                new Dropout(0.5),
                new Linear(hidden, classes));
    }

    /**
     * Logits [n, classes] of pictures [n, 3, h, w] with sides of at least 32 for VGG-11, of which
     * five poolings leave one place; small pictures have just these.
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        if (pictures == PictureSize.CIFAR) {
            Inputs.squares("VGG", x, 3, least);
            return classifier.call(features.call(x).flatten(1));
        }
        Inputs.pictures("VGG", x, 3, least);
        return classifier.call(avgpool.call(features.call(x)).flatten(1));
    }
}
