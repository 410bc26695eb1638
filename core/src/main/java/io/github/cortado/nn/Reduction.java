package io.github.cortado.nn;

import io.github.cortado.backend.CrossEntropySpec;

/** What becomes of the losses of single samples. */
public enum Reduction {
    /** They are kept. */
    NONE,
    /** Their mean; cross-entropy's over the targets that are not ignored. */
    MEAN,
    /** Their sum. */
    SUM;

    /** The backend's word for it. */
    CrossEntropySpec.Reduction ofBackend() {
        return switch (this) {
            case NONE -> CrossEntropySpec.Reduction.NONE;
            case MEAN -> CrossEntropySpec.Reduction.MEAN;
            case SUM -> CrossEntropySpec.Reduction.SUM;
        };
    }
}
