package io.github.cortado.nn;

import static io.github.cortado.nn.Functional.maxPool2d;
import static io.github.cortado.nn.Functional.relu;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;

/** The network of the CIFAR-10 example, in any size: three convolutions and two linear layers. */
public final class LeNet extends Layer {
    final Conv2d conv1;
    final Conv2d conv2;
    final Conv2d conv3;
    final Linear fc1;
    final Dropout dropout1;
    final Linear fc2;

    /** For CIFAR-10. */
    public LeNet() {
        this(
                Shape.of(16, 3, 3, 3),
                Shape.of(32, 16, 3, 3),
                Shape.of(64, 32, 3, 3),
                Shape.of(500, 1024),
                Shape.of(10, 500));
    }

    /** A network whose weights have these shapes. */
    public LeNet(Shape conv1, Shape conv2, Shape conv3, Shape fc1, Shape fc2) {
        this.conv1 = add("conv1", convolution(conv1));
        this.conv2 = add("conv2", convolution(conv2));
        this.conv3 = add("conv3", convolution(conv3));
        this.fc1 = add("fc1", new Linear(fc1.dim(1), fc1.dim(0)));
        this.dropout1 = add("dropout1", new Dropout(0.5));
        this.fc2 = add("fc2", new Linear(fc2.dim(1), fc2.dim(0)));
    }

    /** For 8 x 8 pictures: as many kinds of steps, a hundredth of the work. */
    public static LeNet small() {
        return new LeNet(
                Shape.of(6, 3, 3, 3),
                Shape.of(7, 6, 3, 3),
                Shape.of(8, 7, 3, 3),
                Shape.of(20, 8),
                Shape.of(10, 20));
    }

    private static Conv2d convolution(Shape w) {
        return new Conv2d(w.dim(1), w.dim(0), w.dim(2), w.dim(3))
                .padding(w.dim(2) / 2, w.dim(3) / 2);
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor y = maxPool2d(relu(conv1.forward(x)), 2);
        y = maxPool2d(relu(conv2.forward(y)), 2);
        y = maxPool2d(relu(conv3.forward(y)), 2);
        return fc2.forward(dropout1.forward(relu(fc1.forward(y.flatten(1)))));
    }
}
