package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;

/** A loop over the planes of all pictures, in parallel. */
final class EachPlane {
    /** Elements of input per chunk of parallel work. */
    static final int CHUNK = 1 << 14;

    private EachPlane() {}

    static void run(Pool2dSpec s, Parallel.Body plane) {
        Parallel.forItems(s.n() * s.channels(), s.h() * s.w(), CHUNK, plane);
    }

    /** A row of windows, from where it begins in x on, to where its results begin in y. */
    @FunctionalInterface
    interface WindowRow {
        void run(float[] x, int from, float[] y, int to);
    }

    /** All rows of windows that lie side by side and cover the picture. */
    static void rows(Pool2dSpec s, Floats x, Floats y, WindowRow row) {
        float[] from = x.array();
        float[] to = y.array();
        int size = s.kernelH() * s.w();
        run(
                s,
                plane -> {
                    for (int i = plane * s.outH(); i < (plane + 1) * s.outH(); i++) {
                        row.run(from, x.offset() + i * size, to, y.offset() + i * s.outW());
                    }
                });
    }
}
