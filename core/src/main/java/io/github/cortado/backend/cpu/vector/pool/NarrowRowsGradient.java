package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.EQ;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.ODD;
import static io.github.cortado.backend.cpu.vector.pool.TwoByTwoLanes.TWIN;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import org.jspecify.annotations.Nullable;

/**
 * As {@link WideRowsGradient}, of rows of which several fit a vector: the lanes of a window are l,
 * l ^ 1, l ^ w and l ^ w ^ 1.
 */
final class NarrowRowsGradient implements Pooling.Gradient {
    private final Pool2dSpec s;
    private final int w;
    private final VectorShuffle<Float> below;
    private final VectorMask<Float> lowerRow;
    private final int[] window = new int[VL];

    NarrowRowsGradient(Pool2dSpec s) {
        this.s = s;
        int width = s.w();
        this.w = width;
        this.below = VectorShuffle.fromOp(SPECIES, l -> l ^ width);
        boolean[] lower = new boolean[VL];
        for (int l = 0; l < VL; l++) {
            lower[l] = (l & w) != 0;
            window[l] = l / (2 * w) * (w / 2) + l % w / 2;
        }
        this.lowerRow = VectorMask.fromArray(SPECIES, lower, 0);
    }

    static @Nullable String obstacle(Pool2dSpec s) {
        if (!s.isTwoByTwo()) {
            return TwoByTwoMaximum.obstacle(s);
        }
        if (VL % (2 * s.w()) != 0) {
            return "vectors are not pairs of rows of " + s.w();
        }
        return s.h() * s.w() % VL == 0 ? null : "planes are not whole vectors";
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
                                dx.offset() + plane * s.h() * s.w(),
                                s.h() * s.w()));
    }

    private void plane(float[] x, int p, float[] dy, int g, float[] dx, int to, int size) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int i = 0; i < size; i += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, x, p + i);
            FloatVector twin = v.rearrange(TWIN);
            FloatVector other = v.rearrange(below);
            FloatVector otherTwin = other.rearrange(TWIN);
            FloatVector max = v.max(twin).max(other.max(otherTwin));
            VectorMask<Float> earlier =
                    twin.compare(EQ, max)
                            .and(ODD)
                            .or(
                                    other.compare(EQ, max)
                                            .or(otherTwin.compare(EQ, max))
                                            .and(lowerRow));
            FloatVector gradient = FloatVector.fromArray(SPECIES, dy, g + i / 4, window, 0);
            zero.blend(gradient, v.compare(EQ, max).andNot(earlier)).intoArray(dx, to + i);
            if (max.test(VectorOperators.IS_NAN).anyTrue()) {
                for (int row = 0; row < VL / (2 * w); row++) {
                    int at = i + 2 * row * w;
                    TwoByTwoGradient.row(x, p + at, dy, g + at / 4, dx, to + at, w, w / 2);
                }
            }
        }
    }
}
