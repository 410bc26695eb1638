package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.layout.Side;

/**
 * Windows of any size, stride and padding, on the planes that convolutions use ({@link Planes}):
 * every place of a window is then a constant distance, and lanes run over windows.
 */
final class Windows {
    private final Pool2dSpec s;
    private final Planes planes;

    /** How far a place of a window is from its first one, in the planes and in the picture. */
    private final int[] distance;

    private final int[] step;

    /**
     * Computes the windows at all positions of a strip: for each a value, and a place where asked
     * for.
     */
    @FunctionalInterface
    interface Strip {
        void compute(float[] laidOut, int positions, float[] values, float[] places);
    }

    /** Takes a row of windows: their values and places are at {@code from}. */
    @FunctionalInterface
    interface Sink {
        void take(float[] values, float[] places, int from, int plane, int row);
    }

    Windows(Pool2dSpec s) {
        this.s = s;
        planes =
                Planes.of(
                        s.n() * s.channels(),
                        1,
                        1,
                        new Side(s.h(), s.strideH(), s.kernelH(), s.padH(), s.outH()),
                        new Side(s.w(), s.strideW(), s.kernelW(), s.padW(), s.outW()));
        distance = new int[s.kernelH() * s.kernelW()];
        step = new int[distance.length];
        for (int q = 0; q < distance.length; q++) {
            distance[q] = planes.tap(q / s.kernelW(), q % s.kernelW());
            step[q] = q / s.kernelW() * s.w() + q % s.kernelW();
        }
    }

    /** How far each place of a window is from its first one where {@link Strip} finds it. */
    int[] distances() {
        return distance;
    }

    /** How far each place of a window is from its first one in the picture. */
    int[] steps() {
        return step;
    }

    /** Where the first place of a row's first window lies in x; it may be outside. */
    int corner(int plane, int row) {
        return (plane * s.h() + row * s.strideH() - s.padH()) * s.w() - s.padW();
    }

    /** The first place of a window that is in the picture. */
    int firstInside(int row, int column) {
        int down = Math.max(0, s.padH() - row * s.strideH());
        int right = Math.max(0, s.padW() - column * s.strideW());
        return down * s.kernelW() + right;
    }

    /** Computes and takes all strips, at the same time; {@code border} is what padding holds. */
    void forStrips(HostBuffer.Floats x, float border, Strip strip, Sink sink) {
        forItems(
                planes.units(s.n() * s.channels()),
                planes.strips(),
                unit -> strip(unit, x, border, strip, sink));
    }

    /** As {@link #forStrips}, but those of a plane in ascending order. */
    void forStripsInOrder(HostBuffer.Floats x, float border, Strip strip, Sink sink) {
        forItems(
                planes.units(s.n() * s.channels()) / planes.strips(),
                1,
                group -> {
                    for (int i = 0; i < planes.strips(); i++) {
                        strip(group * planes.strips() + i, x, border, strip, sink);
                    }
                });
    }

    private void forItems(int items, int perGroup, Parallel.Body body) {
        int size = planes.pictures() * s.h() * s.w() / perGroup;
        Parallel.forItems(items, size, EachPlane.CHUNK, body);
    }

    private void strip(int unit, HostBuffer.Floats x, float border, Strip strip, Sink sink) {
        Planes.Strip at = planes.strip(unit, s.n() * s.channels());
        float[] laidOut = Scratch.PLANES.floats(planes.length(1));
        planes.fill(x.array(), x.offset(), s.h() * s.w(), at, 1, border, laidOut, 0);
        int positions = planes.positions(at.rows());
        float[] values = Scratch.OUTPUTS.floats(positions + VL);
        float[] places = Scratch.VALUES.floats(positions + VL);
        strip.compute(laidOut, positions, values, places);
        for (int row = 0; row < at.rows(); row++) {
            for (int k = 0; k < at.count(); k++) {
                int from = row * planes.rowStride() + k * planes.width();
                sink.take(values, places, from, at.picture() + k, at.firstRow() + row);
            }
        }
    }
}
