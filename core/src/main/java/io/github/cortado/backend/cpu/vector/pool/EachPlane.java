package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;

/** A loop over the planes of all pictures, in parallel. */
final class EachPlane {
    /** Elements of input per chunk of parallel work. */
    static final int CHUNK = 1 << 14;

    private EachPlane() {}

    static void run(Pool2dSpec s, Parallel.Body plane) {
        Parallel.forItems(s.n() * s.channels(), s.h() * s.w(), CHUNK, plane);
    }
}
