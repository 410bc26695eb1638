package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.EQ;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.ODD;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.TWIN;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * As {@link TwoByTwoGradient}, of rows of whole vectors: a window is two neighbouring lanes of an
 * upper and a lower vector. Each lane learns its window's maximum, and takes the gradient if it has
 * that maximum and no lane before it in the window does.
 *
 * <p>Which element of a window is largest is a coin toss to the branch predictor (12 ms for LeNet's
 * three layers, batch 100), so comparisons make masks and nothing branches.
 */
record WideRowsGradient(Pool2dSpec s) implements Pooling.Gradient {
    /** Lane l belongs to window l / 2. */
    private static final int[] HALVES = new int[VL];

    static {
        Arrays.setAll(HALVES, l -> l / 2);
    }

    static @Nullable String obstacle(Pool2dSpec s) {
        if (!s.isTwoByTwo()) {
            return TwoByTwoMaximum.obstacle(s);
        }
        return s.w() % VL == 0 ? null : "rows of " + s.w() + " are not whole vectors";
    }

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
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int row = 0; row < s.outH(); row++) {
            for (int col = 0; col < w; col += VL) {
                int i = 2 * row * w + col;
                FloatVector upper = FloatVector.fromArray(SPECIES, x, p + i);
                FloatVector lower = FloatVector.fromArray(SPECIES, x, p + i + w);
                FloatVector upperTwin = upper.rearrange(TWIN);
                FloatVector lowerTwin = lower.rearrange(TWIN);
                FloatVector max = upper.max(upperTwin).max(lower.max(lowerTwin));
                VectorMask<Float> up = upper.compare(EQ, max);
                VectorMask<Float> upTwin = upperTwin.compare(EQ, max);
                VectorMask<Float> low = lower.compare(EQ, max);
                VectorMask<Float> lowTwin = lowerTwin.compare(EQ, max);
                int windows = g + row * s.outW() + col / 2;
                FloatVector gradient = FloatVector.fromArray(SPECIES, dy, windows, HALVES, 0);
                zero.blend(gradient, up.andNot(upTwin.and(ODD))).intoArray(dx, to + i);
                zero.blend(gradient, low.andNot(lowTwin.and(ODD)).andNot(up.or(upTwin)))
                        .intoArray(dx, to + i + w);
                if (max.test(VectorOperators.IS_NAN).anyTrue()) {
                    TwoByTwoGradient.row(x, p + i, dy, windows, dx, to + i, w, VL / 2);
                }
            }
        }
        if (s.h() % 2 == 1) {
            Arrays.fill(dx, to + (s.h() - 1) * w, to + s.h() * w, 0f);
        }
    }
}
