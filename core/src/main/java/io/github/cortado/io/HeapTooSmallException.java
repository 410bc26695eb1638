package io.github.cortado.io;

import io.github.cortado.backend.HeapSpace;
import java.io.IOException;

/** Data that the heap has no room for; the message says how much they take and what sets it. */
public final class HeapTooSmallException extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * Describes data that could not be read.
     *
     * @param what names them, with the file, such as {@code m.safetensors: its tensors}
     * @param bytes that they take on the heap
     * @param cause what Java answered when it was asked for them
     */
    public HeapTooSmallException(String what, long bytes, OutOfMemoryError cause) {
        super(HeapSpace.tooSmall(what, bytes), cause);
    }
}
