package io.github.cortado.cuda;

import java.util.Locale;

/** Operations that one property decides about, {@code cortado.cuda.conv} and so on. */
enum Family {
    MATMUL(Library.CUBLAS),
    CONV(Library.CUDNN),
    POOL(Library.CUDNN),
    RELU(Library.CUDNN),
    DROPOUT(Library.CUDNN);

    private final Library library;

    Family(Library library) {
        this.library = library;
    }

    /** Who can do it besides our own kernels. */
    Library library() {
        return library;
    }

    String property() {
        return "cortado.cuda." + name().toLowerCase(Locale.ROOT);
    }
}
