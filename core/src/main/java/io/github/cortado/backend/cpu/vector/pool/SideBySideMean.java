package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import org.jspecify.annotations.Nullable;

/**
 * The mean of windows that lie side by side and cover the picture: rows of a window are added up
 * first, and then neighbours, two at a time. Each element has one window, whose share is its
 * gradient.
 */
record SideBySideMean(Pool2dSpec s) {
    static @Nullable String obstacle(Pool2dSpec s) {
        return s.kernelH() == s.strideH()
                        && s.kernelW() == s.strideW()
                        && s.padH() == 0
                        && s.padW() == 0
                        && s.outH() * s.kernelH() == s.h()
                        && s.outW() * s.kernelW() == s.w()
                ? null
                : "windows overlap, or do not cover the picture";
    }

    /** y = mean of each window. */
    void mean(Floats x, Floats y) {
        EachPlane.rows(s, x, y, this::means);
    }

    /** A row of windows. */
    private void means(float[] x, int p, float[] y, int to) {
        float[] line = Scratch.ROW.floats(s.w());
        float[] from = x;
        int first = p;
        if (s.kernelH() > 1) {
            Sums.ofRows(x, p, s.kernelH(), s.w(), line, 0);
            from = line;
            first = 0;
        }
        int kernel = s.kernelW();
        for (; kernel % 2 == 0; kernel /= 2) {
            Pairs.add(from, first, line, 0, s.outW() * kernel / 2);
            from = line;
            first = 0;
        }
        float size = s.kernelH() * s.kernelW();
        for (int j = 0; j < s.outW(); j++) {
            int at = first + j * kernel;
            float sum = from[at];
            for (int i = 1; i < kernel; i++) {
                sum += from[at + i];
            }
            y[to + j] = sum / size;
        }
    }

    /** dx = dy / elements of a window. */
    void grad(Floats dy, Floats dx) {
        float[] from = dy.array();
        float[] to = dx.array();
        EachPlane.run(
                s,
                plane -> {
                    for (int row = 0; row < s.outH(); row++) {
                        int g = dy.offset() + (plane * s.outH() + row) * s.outW();
                        int first = dx.offset() + (plane * s.h() + row * s.kernelH()) * s.w();
                        shares(from, g, to, first);
                        for (int i = 1; i < s.kernelH(); i++) {
                            System.arraycopy(to, first, to, first + i * s.w(), s.w());
                        }
                    }
                });
    }

    /** A row of dx. */
    private void shares(float[] dy, int g, float[] dx, int first) {
        float size = s.kernelH() * s.kernelW();
        int kernel = s.kernelW();
        if (kernel == 2) {
            for (int j = 0; j < s.outW(); j++) {
                float share = dy[g + j] / size;
                dx[first + 2 * j] = share;
                dx[first + 2 * j + 1] = share;
            }
            return;
        }
        int at = first;
        for (int j = 0; j < s.outW(); j++) {
            float share = dy[g + j] / size;
            for (int i = 0; i < kernel; i++) {
                dx[at++] = share;
            }
        }
    }
}
