package io.github.cortado.example.cifar;

import org.jspecify.annotations.Nullable;

/** A mistake or mishap that one line explains, and the exit code that it ends with. */
final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Exit code of a run that failed on the way. */
    static final int FAILED = 1;

    /** Exit code of a command line that cannot be carried out. */
    static final int USAGE = 2;

    private final int exitCode;

    private UserErrorException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** An option or argument that cannot be right. */
    static UserErrorException usage(String format, @Nullable Object... args) {
        return new UserErrorException(USAGE, String.format(java.util.Locale.ROOT, format, args));
    }

    /** Something that went wrong on the way: a file, the network, numbers that are no numbers. */
    static UserErrorException failed(String format, @Nullable Object... args) {
        return new UserErrorException(FAILED, String.format(java.util.Locale.ROOT, format, args));
    }

    int exitCode() {
        return exitCode;
    }
}
