package io.github.cortado.cuda;

import java.util.Locale;

/** Whose code computes. */
enum Library {
    /** Our own kernels, which can do everything. */
    OWN("our own kernels"),
    /** Matrix products. */
    CUBLAS("cuBLAS"),
    /** Convolution, pooling, ReLU and dropout. */
    CUDNN("cuDNN");

    private final String title;

    Library(String title) {
        this.title = title;
    }

    /** As people write it. */
    String title() {
        return title;
    }

    /** As properties, tables and plans write it. */
    String key() {
        return name().toLowerCase(Locale.ROOT);
    }
}
