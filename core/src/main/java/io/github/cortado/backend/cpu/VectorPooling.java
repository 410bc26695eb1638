package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Pool2dSpec;

/**
 * Max pooling over float arrays, a plane at a time, planes in parallel. Windows of 2 x 2 at a
 * distance of 2 without padding, those of most small networks, have loops of their own: four loads,
 * three comparisons that compile to conditional moves, and in the gradient one store by index.
 */
final class VectorPooling {
    /** Elements of input per chunk of parallel work. */
    private static final int CHUNK = 1 << 14;

    private VectorPooling() {}

    /** Whether windows tile the picture in pairs of rows and columns. */
    static boolean isTwoByTwo(Pool2dSpec s) {
        return s.kernelH() == 2
                && s.kernelW() == 2
                && s.strideH() == 2
                && s.strideW() == 2
                && s.padH() == 0
                && s.padW() == 0;
    }

    /** y = largest of each 2 x 2 window; NaN wins. */
    static void maxTwoByTwo(float[] x, int xo, float[] y, int yo, Pool2dSpec s) {
        forPlanes(
                s,
                plane ->
                        maxPlane(
                                x,
                                xo + plane * s.h() * s.w(),
                                y,
                                yo + plane * s.outH() * s.outW(),
                                s.w(),
                                s.outH(),
                                s.outW()));
    }

    private static void maxPlane(float[] x, int p, float[] y, int to, int w, int outH, int outW) {
        for (int row = 0; row < outH; row++) {
            int top = p + 2 * row * w;
            int out = to + row * outW;
            for (int col = 0; col < outW; col++) {
                int i = top + 2 * col;
                y[out + col] = Math.max(Math.max(x[i], x[i + 1]), Math.max(x[i + w], x[i + w + 1]));
            }
        }
    }

    /** dx = dy at the first maximum of each 2 x 2 window, else 0. */
    static void maxTwoByTwoGrad(
            float[] x, int xo, float[] dy, int go, float[] dx, int to, Pool2dSpec s) {
        forPlanes(
                s,
                plane ->
                        gradPlane(
                                x,
                                xo + plane * s.h() * s.w(),
                                dy,
                                go + plane * s.outH() * s.outW(),
                                dx,
                                to + plane * s.h() * s.w(),
                                s));
    }

    private static void gradPlane(
            float[] x, int p, float[] dy, int g, float[] dx, int to, Pool2dSpec s) {
        int w = s.w();
        int outW = s.outW();
        java.util.Arrays.fill(dx, to, to + s.h() * w, 0f);
        for (int row = 0; row < s.outH(); row++) {
            int top = 2 * row * w;
            for (int col = 0; col < outW; col++) {
                int i = top + 2 * col;
                float best = x[p + i];
                int at = i;
                float b = x[p + i + 1];
                // A later value wins only if larger, or the first NaN: NaN compares false to all.
                at = b > best || (Float.isNaN(b) && !Float.isNaN(best)) ? i + 1 : at;
                best = Math.max(best, b);
                float c = x[p + i + w];
                at = c > best || (Float.isNaN(c) && !Float.isNaN(best)) ? i + w : at;
                best = Math.max(best, c);
                float d = x[p + i + w + 1];
                at = d > best || (Float.isNaN(d) && !Float.isNaN(best)) ? i + w + 1 : at;
                dx[to + at] = dy[g + row * outW + col];
            }
        }
    }

    private static void forPlanes(Pool2dSpec s, Parallel.Body plane) {
        int planes = s.n() * s.channels();
        int perChunk = Math.max(1, CHUNK / Math.max(1, s.h() * s.w()));
        Parallel.forChunks(
                (planes + perChunk - 1) / perChunk,
                c -> {
                    int end = Math.min(planes, (c + 1) * perChunk);
                    for (int i = c * perChunk; i < end; i++) {
                        plane.run(i);
                    }
                });
    }
}
