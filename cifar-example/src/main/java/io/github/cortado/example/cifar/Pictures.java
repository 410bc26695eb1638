package io.github.cortado.example.cifar;

import io.github.cortado.data.Dataset;
import java.util.List;

/**
 * The pictures of a run.
 *
 * @param name what titles and reports call them
 * @param cifar whether they are CIFAR-10; where not, every line and picture says so
 */
record Pictures(Dataset training, Dataset validation, String name, boolean cifar) {
    /** What a run without CIFAR-10 says everywhere. */
    static final String NOT_CIFAR = "synthetic pictures, not CIFAR-10";

    /** What follows an epoch's lines: nothing for CIFAR-10. */
    String lineNote() {
        return cifar ? "" : " (" + NOT_CIFAR + ")";
    }

    List<String> classNames() {
        return training.classNames();
    }
}
