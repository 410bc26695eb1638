package io.github.cortado.backend.cpu.vector.reduce;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.HostBuffer.Longs;
import io.github.cortado.backend.cpu.vector.layout.Lines;
import java.util.Arrays;

/** The largest element of each line along an axis, and which it is; the first NaN wins. */
record Maxima(Axis axis) {
    void max(Floats x, Floats y, Longs index) {
        float[] from = x.array();
        float[] to = y.array();
        long[] places = index.array();
        Lines.run(
                axis,
                (start, line) -> {
                    int best = first(from, x.offset() + start);
                    to[y.offset() + line] = from[x.offset() + start + best * axis.inner()];
                    places[index.offset() + line] = best;
                });
    }

    private int first(float[] x, int start) {
        int best = 0;
        float max = x[start];
        for (int i = 1; i < axis.n() && !Float.isNaN(max); i++) {
            float v = x[start + i * axis.inner()];
            if (v > max || Float.isNaN(v)) {
                max = v;
                best = i;
            }
        }
        return best;
    }

    void grad(Floats dy, Longs index, Floats dx) {
        float[] g = dy.array();
        float[] to = dx.array();
        long[] places = index.array();
        Arrays.fill(to, dx.offset(), dx.offset() + dx.length(), 0f);
        Lines.run(
                axis,
                (start, line) -> {
                    int place = (int) places[index.offset() + line] * axis.inner();
                    to[dx.offset() + start + place] = g[dy.offset() + line];
                });
    }
}
