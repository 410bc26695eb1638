package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/**
 * y = largest of each window of 2 x 2, at a distance of 2 and without padding: those of most small
 * networks. NaN wins.
 */
record TwoByTwoMaximum(Pool2dSpec s) implements Pooling.Forward {
    static @Nullable String obstacle(Pool2dSpec s) {
        return s.isTwoByTwo() ? null : "windows are not 2 x 2 side by side, without padding";
    }

    @Override
    public void run(HostBuffer.Floats x, HostBuffer.Floats y) {
        float[] from = x.array();
        float[] to = y.array();
        int p = x.offset();
        int out = y.offset();
        EachPlane.run(
                s,
                plane ->
                        plane(
                                from,
                                p + plane * s.h() * s.w(),
                                to,
                                out + plane * s.outH() * s.outW(),
                                s.w(),
                                s.outH(),
                                s.outW()));
    }

    private static void plane(float[] x, int p, float[] y, int to, int w, int outH, int outW) {
        for (int row = 0; row < outH; row++) {
            int top = p + 2 * row * w;
            int out = to + row * outW;
            for (int col = 0; col < outW; col++) {
                int i = top + 2 * col;
                y[out + col] = Math.max(Math.max(x[i], x[i + 1]), Math.max(x[i + w], x[i + w + 1]));
            }
        }
    }
}
