package io.github.cortado.example.cifar;

import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Linear;

/**
 * Three convolutions, each followed by ReLU and 2x2 max-pooling, and two linear layers with dropout
 * between them: pictures [n, 3, 32, 32] to logits [n, 10].
 */
final class LeNet extends Classifier {
    private final Conv2d conv1 = add("conv1", new Conv2d(3, 16, 3).padding(1));
    private final Conv2d conv2 = add("conv2", new Conv2d(16, 32, 3).padding(1));
    private final Conv2d conv3 = add("conv3", new Conv2d(32, 64, 3).padding(1));
    private final Linear fc1 = add("fc1", new Linear(4 * 4 * 64, 500));
    private final Dropout dropout1 = add("dropout1", new Dropout(0.5));
    private final Linear fc2 = add("fc2", new Linear(500, CLASSES));

    @Override
    Recipe recipe() {
        return Recipe.LENET;
    }

    @Override
    public Tensor forward(Tensor x) {
        return fc2.forward(dropout1.forward(features(x)));
    }

    /** Without and with dropout, from one pass through the convolutions. */
    @Override
    Heads heads(Tensor x) {
        Tensor features = features(x);
        boolean training = dropout1.isTraining();
        dropout1.train();
        Tensor dropped = dropout1.forward(features);
        dropout1.train(training);
        return new Heads(fc2.forward(features), fc2.forward(dropped));
    }

    /** [n, 3, 32, 32] to [n, 500], all that comes before dropout. */
    private Tensor features(Tensor x) {
        x = maxPool2d(relu(conv1.forward(x)), 2);
        x = maxPool2d(relu(conv2.forward(x)), 2);
        x = maxPool2d(relu(conv3.forward(x)), 2);
        return relu(fc1.forward(x.flatten(1)));
    }
}
