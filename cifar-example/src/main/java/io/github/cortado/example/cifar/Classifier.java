package io.github.cortado.example.cifar;

import io.github.cortado.Tensor;
import io.github.cortado.data.Dataset;
import io.github.cortado.nn.Layer;

/** A network of the example: pictures [n, 3, 32, 32] to logits [n, 10]. */
abstract class Classifier extends Layer {
    /** How many classes it tells apart. */
    static final int CLASSES = 10;

    /**
     * Logits [n, 10] of the same pictures, computed in two ways.
     *
     * @param evaluation the right one, without what is random in training
     * @param other the one that {@link Recipe#other} names
     */
    record Heads(Tensor evaluation, Tensor other) {}

    /** Logits to predict with, in evaluation mode. */
    Tensor predict(Tensor x) {
        return forward(x);
    }

    /** Both ways to predict, whatever mode the model is in; it is left in that. */
    abstract Heads heads(Tensor x);

    /** Sets first values that depend on the pictures to train with. */
    void lookAt(Dataset pictures) {}

    /** The recipe that it is trained by. */
    abstract Recipe recipe();
}
