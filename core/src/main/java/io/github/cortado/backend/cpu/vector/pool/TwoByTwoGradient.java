package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;

/** dx = dy at the first maximum of each 2 x 2 window, else 0, window by window. */
record TwoByTwoGradient(Pool2dSpec s) implements Pooling.Gradient {
    @Override
    public void run(HostBuffer.Floats x, HostBuffer.Floats dy, HostBuffer.Floats dx) {
        float[] from = x.array();
        float[] g = dy.array();
        float[] to = dx.array();
        EachPlane.run(
                s,
                plane ->
                        plane(
                                from,
                                x.offset() + plane * s.h() * s.w(),
                                g,
                                dy.offset() + plane * s.outH() * s.outW(),
                                to,
                                dx.offset() + plane * s.h() * s.w()));
    }

    private void plane(float[] x, int p, float[] dy, int g, float[] dx, int to) {
        int w = s.w();
        Arrays.fill(dx, to, to + s.h() * w, 0f);
        for (int row = 0; row < s.outH(); row++) {
            int top = 2 * row * w;
            row(x, p + top, dy, g + row * s.outW(), dx, to + top, w, s.outW());
        }
    }

    /** A row of windows whose upper left corner is at x[p] and dx[to]. */
    static void row(float[] x, int p, float[] dy, int g, float[] dx, int to, int w, int windows) {
        for (int col = 0; col < windows; col++) {
            int i = 2 * col;
            int at = i;
            at = wins(x[p + i + 1], x[p + at]) ? i + 1 : at;
            at = wins(x[p + i + w], x[p + at]) ? i + w : at;
            at = wins(x[p + i + w + 1], x[p + at]) ? i + w + 1 : at;
            dx[to + i] = 0f;
            dx[to + i + 1] = 0f;
            dx[to + i + w] = 0f;
            dx[to + i + w + 1] = 0f;
            dx[to + at] = dy[g + col];
        }
    }

    /** Whether a later value displaces the best so far: it is larger, or the first NaN. */
    private static boolean wins(float later, float best) {
        return later > best || (Float.isNaN(later) && !Float.isNaN(best));
    }
}
