package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;

/**
 * The maximum of any {@link Windows}, with or without ReLU, and its gradients.
 *
 * <p>Borders are negative infinity. A place in a window is kept as a float, for JDK 17 has no fast
 * way from one kind of vector to another. Gradients are added window by window, in ascending order.
 */
final class Maximum {
    /** The place where a window holds nothing above negative infinity. */
    private static final float NO_PLACE = -1f;

    private static final float BORDER = Float.NEGATIVE_INFINITY;

    private final Pool2dSpec s;
    private final Windows windows;
    private final int[] distance;
    private final int[] step;

    Maximum(Pool2dSpec s) {
        this.s = s;
        windows = new Windows(s);
        distance = windows.distances();
        step = windows.steps();
    }

    /** y = largest of each window; NaN wins. */
    void max(HostBuffer.Floats x, HostBuffer.Floats y) {
        windows.forStrips(
                x,
                BORDER,
                (laidOut, positions, values, places) -> largest(laidOut, positions, values),
                (values, places, from, plane, row) -> {
                    int out = y.offset() + (plane * s.outH() + row) * s.outW();
                    System.arraycopy(values, from, y.array(), out, s.outW());
                });
    }

    /** y = largest of each window, NaN wins; index = which it is, the first of equals. */
    void maxWithIndex(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.Bytes index) {
        float[] maxima = y.array();
        byte[] indices = index.array();
        int yo = y.offset();
        int io = index.offset();
        windows.forStrips(
                x,
                BORDER,
                this::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int out = (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        int place = (int) places[from + j];
                        maxima[yo + out + j] = values[from + j];
                        indices[io + out + j] =
                                (byte) (place < 0 ? windows.firstInside(row, j) : place);
                    }
                });
    }

    /**
     * y = largest of 0 and each window; index = which it is, NOWHERE for 0 and NaN; may be null.
     */
    void reluMax(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.@Nullable Bytes index) {
        float[] maxima = y.array();
        byte[] indices = index == null ? null : index.array();
        int yo = y.offset();
        int io = index == null ? 0 : index.offset();
        windows.forStrips(
                x,
                BORDER,
                this::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int out = (plane * s.outH() + row) * s.outW();
                    for (int j = 0; j < s.outW(); j++) {
                        float max = values[from + j];
                        maxima[yo + out + j] = Math.max(max, 0f);
                        if (indices != null) {
                            int place = max > 0f ? (int) places[from + j] : Pool2dSpec.NOWHERE;
                            indices[io + out + j] = (byte) place;
                        }
                    }
                });
    }

    /** dx = the sum of dy of the windows whose first largest element lies there. */
    void grad(HostBuffer.Floats x, HostBuffer.Floats dy, HostBuffer.Floats dx) {
        float[] gradients = dy.array();
        float[] sums = dx.array();
        int go = dy.offset();
        int to = dx.offset();
        Arrays.fill(sums, to, to + s.n() * s.channels() * s.h() * s.w(), 0f);
        windows.forStripsInOrder(
                x,
                BORDER,
                this::largestWithPlaces,
                (values, places, from, plane, row) -> {
                    int g = go + (plane * s.outH() + row) * s.outW();
                    int corner = to + windows.corner(plane, row);
                    for (int j = 0; j < s.outW(); j++) {
                        int place = (int) places[from + j];
                        if (place < 0) {
                            place = windows.firstInside(row, j);
                        }
                        sums[corner + j * s.strideW() + step[place]] += gradients[g + j];
                    }
                });
    }

    /** dx = the sum of dy of the windows whose index lies there. */
    void gradByIndex(HostBuffer.Floats dy, HostBuffer.Bytes index, HostBuffer.Floats dx) {
        float[] gradients = dy.array();
        byte[] indices = index.array();
        float[] sums = dx.array();
        int go = dy.offset();
        int io = index.offset();
        int to = dx.offset();
        EachPlane.run(
                s,
                plane -> {
                    int first = to + plane * s.h() * s.w();
                    Arrays.fill(sums, first, first + s.h() * s.w(), 0f);
                    for (int row = 0; row < s.outH(); row++) {
                        int out = (plane * s.outH() + row) * s.outW();
                        int corner = to + windows.corner(plane, row);
                        for (int j = 0; j < s.outW(); j++) {
                            int place = indices[io + out + j] & 0xff;
                            if (place != Pool2dSpec.NOWHERE) {
                                sums[corner + j * s.strideW() + step[place]] +=
                                        gradients[go + out + j];
                            }
                        }
                    }
                });
    }

    private void largest(float[] x, int positions, float[] values) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            for (int d : distance) {
                max = FloatVector.fromArray(SPECIES, x, p + d).max(max);
            }
            max.intoArray(values, p);
        }
    }

    private void largestWithPlaces(float[] x, int positions, float[] values, float[] places) {
        for (int p = 0; p < positions; p += VL) {
            FloatVector max = FloatVector.broadcast(SPECIES, Float.NEGATIVE_INFINITY);
            FloatVector place = FloatVector.broadcast(SPECIES, NO_PLACE);
            for (int q = 0; q < distance.length; q++) {
                FloatVector v = FloatVector.fromArray(SPECIES, x, p + distance[q]);
                // Larger, or NaN, and nothing displaces NaN.
                VectorMask<Float> wins =
                        v.compare(VectorOperators.LE, max)
                                .not()
                                .and(max.compare(VectorOperators.EQ, max));
                max = max.blend(v, wins);
                place = place.blend(FloatVector.broadcast(SPECIES, q), wins);
            }
            max.intoArray(values, p);
            place.intoArray(places, p);
        }
    }
}
