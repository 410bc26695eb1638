package io.github.cortado.models;

import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;

/**
 * Three convolutions, each followed by ReLU and 2 x 2 pooling, and two linear layers with dropout
 * between them: the reference program's network, of LeNet-5's kind (LeCun et al., Gradient-based
 * learning applied to document recognition, 1998).
 */
public final class LeNet extends Layer {
    /** Height and width of CIFAR-10's pictures. */
    public static final int SIDE = 32;

    /** Colours of CIFAR-10's pictures. */
    public static final int CHANNELS = 3;

    /** Number of CIFAR-10's classes. */
    public static final int CLASSES = 10;

    private static final int LEAST = 8;

    private final int channels;
    private final int side;
    private final Conv2d conv1;
    private final Conv2d conv2;
    private final Conv2d conv3;
    private final Linear fc1;
    private final Dropout dropout1;
    private Layer fc2;

    /** For CIFAR-10: [n, 3, 32, 32] to [n, 10]. */
    public LeNet() {
        this(CHANNELS, SIDE, CLASSES);
    }

    /**
     * For pictures of so many channels and of that height and width.
     *
     * @throws IllegalArgumentException if a size is below 1, or the side below 8, of which three
     *     poolings leave nothing
     */
    public LeNet(int channels, int side, int classes) {
        Inputs.sizes("LeNet", "(channels, side, classes)", channels, side, classes);
        if (side < LEAST) {
            throw new IllegalArgumentException(
                    "LeNet: a side of " + side + "; three poolings need " + LEAST + " at least");
        }
        this.channels = channels;
        this.side = side;
        int left = side / LEAST;
        conv1 = add("conv1", new Conv2d(channels, 16, 3).padding(1));
        conv2 = add("conv2", new Conv2d(16, 32, 3).padding(1));
        conv3 = add("conv3", new Conv2d(32, 64, 3).padding(1));
        fc1 = add("fc1", new Linear(left * left * 64, 500));
        dropout1 = add("dropout1", new Dropout(0.5));
        fc2 = add("fc2", new Linear(500, classes));
    }

    /**
     * Logits [n, classes] of pictures [n, channels, side, side].
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        Inputs.squares("LeNet", x, channels, side);
        x = maxPool2d(relu(conv1.call(x)), 2);
        x = maxPool2d(relu(conv2.call(x)), 2);
        x = maxPool2d(relu(conv3.call(x)), 2);
        return fc2.call(dropout1.call(relu(fc1.call(x.flatten(1)))));
    }
}
