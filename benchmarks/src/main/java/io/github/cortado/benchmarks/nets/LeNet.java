package io.github.cortado.benchmarks.nets;

import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;

/** The network of the reference program, from pictures [n, 3, 32, 32] to logits [n, 10]. */
public final class LeNet extends Layer {
    /** Height and width of a picture. */
    public static final int SIDE = 32;

    /** Colours of a picture. */
    public static final int CHANNELS = 3;

    /** Number of classes. */
    public static final int CLASSES = 10;

    private final Conv2d conv1 = add("conv1", new Conv2d(CHANNELS, 16, 3).padding(1));
    private final Conv2d conv2 = add("conv2", new Conv2d(16, 32, 3).padding(1));
    private final Conv2d conv3 = add("conv3", new Conv2d(32, 64, 3).padding(1));
    private final Linear fc1 = add("fc1", new Linear(1024, 500));
    private final Dropout dropout1 = add("dropout1", new Dropout(0.5));
    private final Linear fc2 = add("fc2", new Linear(500, CLASSES));

    @Override
    public Tensor forward(Tensor x) {
        x = maxPool2d(relu(conv1.forward(x)), 2);
        x = maxPool2d(relu(conv2.forward(x)), 2);
        x = maxPool2d(relu(conv3.forward(x)), 2);
        return fc2.forward(dropout1.forward(relu(fc1.forward(x.flatten(1)))));
    }
}
