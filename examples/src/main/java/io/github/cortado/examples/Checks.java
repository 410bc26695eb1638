package io.github.cortado.examples;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What options have in common. */
public final class Checks {
    private Checks() {}

    /**
     * Refuses a number that is too small.
     *
     * @throws UserErrorException naming the option
     */
    public static void atLeast(int least, String option, int value) {
        if (value < least) {
            throw UserErrorException.usage("%s: expected %d or more, got %d", option, least, value);
        }
    }

    /**
     * Refuses what is no learning rate.
     *
     * @throws UserErrorException naming the option
     */
    public static void rate(String option, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw UserErrorException.usage("%s: expected a number above 0, got %s", option, value);
        }
    }

    /**
     * Makes a directory to write to.
     *
     * @throws UserErrorException where it cannot be made
     */
    public static Path directory(String option, Path directory) {
        try {
            return Files.createDirectories(directory);
        } catch (IOException e) {
            throw UserErrorException.usage("%s: cannot make %s (%s)", option, directory, e);
        }
    }

    /**
     * Refuses what is no file.
     *
     * @throws UserErrorException naming the option
     */
    public static Path file(String option, Path file) {
        if (!Files.isRegularFile(file)) {
            throw UserErrorException.usage("%s: there is no file %s", option, file);
        }
        return file;
    }
}
