package io.github.cortado.models;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import java.util.Arrays;

/** Checks of what models are given. */
final class Inputs {
    private Inputs() {}

    /** Refuses all but [n, channels, h, w] with sides of at least {@code least}. */
    static void pictures(String model, Tensor x, int channels, int least) {
        if (x.shape().rank() != 4 || x.dim(1) != channels || x.dim(2) < least || x.dim(3) < least) {
            throw new ShapeException(
                    model
                            + ": expected pictures [n, "
                            + channels
                            + ", h, w]"
                            + (least > 1 ? " with sides of at least " + least : "")
                            + ", got "
                            + x.shape());
        }
    }

    /** Refuses all but [n, channels, side, side]. */
    static void squares(String model, Tensor x, int channels, int side) {
        if (x.shape().rank() != 4 || x.dim(1) != channels || x.dim(2) != side || x.dim(3) != side) {
            throw new ShapeException(
                    model
                            + ": expected pictures [n, "
                            + channels
                            + ", "
                            + side
                            + ", "
                            + side
                            + "], got "
                            + x.shape());
        }
    }

    /** Refuses all but sequences of at least one symbol each, [n, t]. */
    static void sequences(String model, Tensor index) {
        if (index.shape().rank() != 2 || index.dim(1) < 1) {
            throw new ShapeException(
                    model
                            + ": expected numbers of symbols [n, t], t at least 1, got "
                            + index.shape());
        }
    }

    /** Refuses sizes below 1. */
    static void sizes(String model, String names, int... sizes) {
        if (Arrays.stream(sizes).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    model
                            + ": sizes must be at least 1, got "
                            + names
                            + " = "
                            + Arrays.toString(sizes));
        }
    }

    /** Refuses a width that heads cannot share. */
    static void heads(String model, int width, int heads) {
        if (width % heads != 0) {
            throw new IllegalArgumentException(
                    model + ": a width of " + width + " cannot be shared by " + heads + " heads");
        }
    }
}
