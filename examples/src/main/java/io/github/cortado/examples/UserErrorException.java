package io.github.cortado.examples;

import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** A mistake or mishap that one line explains, and the exit code that a program ends with. */
public final class UserErrorException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Exit code of a program that failed on the way. */
    static final int FAILED = 1;

    /** Exit code of a command line that cannot be carried out. */
    static final int USAGE = 2;

    private final int exitCode;

    private UserErrorException(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    /** An option that cannot be right. */
    public static UserErrorException usage(String format, @Nullable Object... args) {
        return new UserErrorException(USAGE, String.format(Locale.ROOT, format, args));
    }

    /** Something that went wrong on the way, such as a file that is damaged. */
    public static UserErrorException failed(String format, @Nullable Object... args) {
        return new UserErrorException(FAILED, String.format(Locale.ROOT, format, args));
    }

    int exitCode() {
        return exitCode;
    }
}
