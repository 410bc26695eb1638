package io.github.cortado.backend.cpu.vector.pool;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.vector.reduce.Sums;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The mean of each plane: one window, as large as the picture; the end of most networks. */
record WholePlaneMean(Pool2dSpec s) {
    static @Nullable String obstacle(Pool2dSpec s) {
        return s.kernelH() == s.h() && s.kernelW() == s.w() && s.padH() == 0 && s.padW() == 0
                ? null
                : "windows are smaller than the picture";
    }

    /** y = mean of a plane. */
    void mean(Floats x, Floats y) {
        int size = s.h() * s.w();
        float[] from = x.array();
        float[] to = y.array();
        EachPlane.run(
                s,
                plane -> {
                    double sum = Sums.ofLine(from, x.offset() + plane * size, size);
                    to[y.offset() + plane] = (float) (sum / size);
                });
    }

    /** dx = dy / elements of the plane. */
    void grad(Floats dy, Floats dx) {
        int size = s.h() * s.w();
        float[] from = dy.array();
        float[] to = dx.array();
        EachPlane.run(
                s,
                plane -> {
                    int first = dx.offset() + plane * size;
                    Arrays.fill(to, first, first + size, from[dy.offset() + plane] / size);
                });
    }
}
