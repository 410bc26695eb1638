package io.github.cortado.ops;

import io.github.cortado.backend.Buffer;

/** A result that waits, which what cuts it off may join. */
interface Clampable {
    /** Whether what cuts it off is all that becomes of it. */
    boolean isForOneAlone();

    /** Whether {@code c} may join it. */
    default boolean takes(Clamp c) {
        return true;
    }

    /** Whether what follows it may overwrite it. */
    boolean mayBeOverwritten();

    /** Computes what {@code c} leaves of it, in one pass. */
    void clamped(Clamp c, Buffer y);
}
