package io.github.cortado.ops;

import io.github.cortado.backend.Buffer;

/** A result that waits, which what cuts it off may join. */
interface Clampable {
    /** Whether {@code c} may join it, where that is all that becomes of it. */
    boolean takes(Clamp c);

    /** The values that {@code c} leaves of it, in one pass. */
    Buffer clamped(Clamp c);
}
