package io.github.cortado.io;

import java.io.IOException;

/**
 * A file that is not valid safetensors, or that holds what Cortado cannot represent.
 *
 * <p>The message names the file, the tensor where one is to blame, the value found and what was
 * expected.
 */
public final class SafeTensorsException extends IOException {
    /**
     * Describes one mistake.
     *
     * @param message the file, the tensor, the value found and what was expected
     */
    public SafeTensorsException(String message) {
        super(message);
    }
}
