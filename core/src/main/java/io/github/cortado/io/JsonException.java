package io.github.cortado.io;

import java.io.IOException;

/** Text that is not the strict JSON {@link Json} reads; the message names the place. */
public final class JsonException extends IOException {
    /**
     * Describes one mistake.
     *
     * @param message what was found, where, and what was expected
     */
    public JsonException(String message) {
        super(message);
    }
}
