package io.github.cortado.example.cifar;

import java.io.FileNotFoundException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** One line that says what happened, since many exceptions of the JDK say only a name. */
final class Reason {
    private Reason() {}

    static String of(Throwable e) {
        String message =
                e.getMessage() == null ? "" : e.getMessage().replaceAll("\\s*\\R\\s*", " ");
        if (e instanceof OutOfMemoryError && !message.contains("-Xmx")) {
            long heap = Runtime.getRuntime().maxMemory() >> 20;
            return String.format(
                    Locale.ROOT,
                    "the heap of %d MiB is too small (%s); java -Xmx%dm would give it twice as much",
                    heap,
                    message,
                    2 * heap);
        }
        if (e instanceof UnknownHostException) {
            return "unknown host " + message;
        } else if (e instanceof NoSuchFileException file && file.getReason() == null) {
            return message + ": there is no such file or directory";
        } else if (e instanceof AccessDeniedException file && file.getReason() == null) {
            return message + ": permission denied";
        } else if (e instanceof FileAlreadyExistsException) {
            return message + ": exists and is not a directory";
        } else if (e instanceof NotDirectoryException) {
            return message + ": is not a directory";
        } else if (e instanceof ConnectException || e instanceof SocketTimeoutException) {
            return message.isEmpty() ? "no connection" : message;
        } else if (e instanceof FileNotFoundException) {
            return message;
        }
        return message.isEmpty() ? e.getClass().getSimpleName() : message;
    }
}
