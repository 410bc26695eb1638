package io.github.cortado.examples.transfer;

import io.github.cortado.Tensor;
import io.github.cortado.examples.Checks;
import io.github.cortado.examples.UserErrorException;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.PictureSize;
import io.github.cortado.models.ResNet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A ResNet's weights from a file, under torchvision's names. What the network looks like is read
 * off the names and shapes, so that any width and depth will do.
 *
 * @param sizes of the network
 * @param pictures what its first layers are made for
 * @param classes that it tells apart
 */
record Pretrained(
        ResNet.Sizes sizes, PictureSize pictures, int classes, Map<String, Tensor> weights) {
    private static final String FIRST = "conv1.weight";
    private static final String HEAD = "fc.weight";
    private static final int STAGES = 4;

    /**
     * Reads a file.
     *
     * @throws UserErrorException where it is absent or of another kind of network
     */
    static Pretrained read(Path file) throws IOException {
        Map<String, Tensor> weights = SafeTensors.load(Checks.file("--weights", file));
        Tensor first = weights.get(FIRST);
        Tensor head = weights.get(HEAD);
        if (first == null
                || first.shape().rank() != 4
                || head == null
                || head.shape().rank() != 2) {
            throw UserErrorException.failed(
                    "--weights: %s is of no ResNet: expected %s and %s among its names, got %s",
                    file, FIRST, HEAD, weights.keySet().stream().limit(5).toList());
        }
        List<Integer> blocks = new ArrayList<>();
        for (int stage = 1; stage <= STAGES; stage++) {
            int count = 0;
            while (weights.containsKey("layer" + stage + "." + count + "." + FIRST)) {
                count++;
            }
            blocks.add(count);
        }
        boolean isBottleneck = weights.containsKey("layer1.0.conv3.weight");
        try {
            return new Pretrained(
                    new ResNet.Sizes(
                            isBottleneck ? ResNet.Kind.BOTTLENECK : ResNet.Kind.BASIC,
                            blocks,
                            first.dim(0)),
                    first.dim(2) == 3 ? PictureSize.CIFAR : PictureSize.IMAGENET,
                    head.dim(0),
                    weights);
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("--weights: %s: %s", file, e.getMessage());
        }
    }

    /** How many numbers the head makes classes of. */
    int features() {
        // Not null: read() has looked.
        return Objects.requireNonNull(weights.get(HEAD)).dim(1);
    }

    /** A network of the same sizes, for other classes, with random weights. */
    ResNet untrained(int otherClasses) {
        return new ResNet(sizes, pictures, otherClasses);
    }

    /**
     * The network as it was trained.
     *
     * @throws IllegalArgumentException where weights are missing, or too many
     */
    ResNet trained() {
        ResNet net = untrained(classes);
        net.loadStateDict(weights);
        return net;
    }
}
