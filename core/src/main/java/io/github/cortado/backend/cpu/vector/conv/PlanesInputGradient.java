package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.layout.Planes;
import io.github.cortado.backend.cpu.vector.layout.Side;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The gradient of the input: what {@link PlanesForward} does, on dy and with the weights transposed
 * and flipped; with strides, one sweep for each phase of the input.
 *
 * <p>Phase (a, b) are the inputs (y, x) with (y + padH) mod strideH = a and (x + padW) mod strideW
 * = b: only taps of the same phase reach them, and among themselves they are a convolution of
 * stride 1.
 */
final class PlanesInputGradient implements Convolution.InputGradient {
    private final Conv2dSpec conv;

    /** Otherwise some elements are written by no sweep. */
    private final boolean everyPhaseHasTaps;

    private final List<Phase> phases;

    /** One sweep, and the taps that it has weights of. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record Phase(int[] taps, Pass pass, OutputGrid grid) {}

    PlanesInputGradient(Conv2dSpec conv) {
        this.conv = conv;
        List<PhaseSide> rows = PhaseSide.ofRows(conv);
        List<PhaseSide> columns = PhaseSide.ofColumns(conv);
        everyPhaseHasTaps =
                rows.stream().allMatch(PhaseSide::hasTaps)
                        && columns.stream().allMatch(PhaseSide::hasTaps);
        List<Phase> found = new ArrayList<>();
        for (PhaseSide row : rows) {
            for (int b = 0; b < columns.size(); b++) {
                PhaseSide column = columns.get(b);
                if (row.isReached() && column.isReached()) {
                    boolean restFollows = everyPhaseHasTaps && b == 0;
                    OutputGrid grid = new OutputGrid(row.line, column.line, restFollows);
                    found.add(phase(conv, row, column, grid));
                }
            }
        }
        phases = List.copyOf(found);
    }

    /**
     * One side of a phase.
     *
     * @param taps those of the kernel's side that reach the phase, in ascending order
     * @param places where each of them finds its dy in the padded planes, from an input's place on
     * @param side how dy is laid out
     * @param line where the phase lies in the picture
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record PhaseSide(int[] taps, int[] places, Side side, OutputGrid.Line line) {
        static List<PhaseSide> ofRows(Conv2dSpec s) {
            List<PhaseSide> all = new ArrayList<>();
            for (int a = 0; a < s.strideH(); a++) {
                int[] taps = taps(s.kernelH(), s.dilationH(), s.strideH(), a);
                all.add(of(s.h(), s.outH(), s.strideH(), s.padH(), s.dilationH(), taps, a));
            }
            return all;
        }

        static List<PhaseSide> ofColumns(Conv2dSpec s) {
            List<PhaseSide> all = new ArrayList<>();
            for (int b = 0; b < s.strideW(); b++) {
                int[] taps = taps(s.kernelW(), s.dilationW(), s.strideW(), b);
                all.add(of(s.w(), s.outW(), s.strideW(), s.padW(), s.dilationW(), taps, b));
            }
            return all;
        }

        /** The taps k with k dilation mod stride = phase. */
        private static int[] taps(int kernel, int dilation, int stride, int phase) {
            int[] found = new int[kernel];
            int count = 0;
            for (int k = 0; k < kernel; k++) {
                if (k * dilation % stride == phase) {
                    found[count++] = k;
                }
            }
            return Arrays.copyOf(found, count);
        }

        private static PhaseSide of(
                int size, int outputs, int stride, int pad, int dilation, int[] taps, int phase) {
            int first = IntMath.ceilDiv(pad - phase, stride);
            int count = Math.floorDiv(size - 1 + pad - phase, stride) - first + 1;
            int reach = taps.length == 0 ? 0 : taps[taps.length - 1] * dilation / stride;
            int[] places = new int[taps.length];
            for (int t = 0; t < taps.length; t++) {
                places[t] = reach - taps[t] * dilation / stride;
            }
            Side side = new Side(outputs, 1, reach + 1, reach - first, count);
            int begin = first * stride + phase - pad;
            return new PhaseSide(taps, places, side, new OutputGrid.Line(size, begin, stride));
        }

        boolean hasTaps() {
            return taps.length > 0;
        }

        /** Whether any input of it gets a gradient. */
        boolean isReached() {
            return hasTaps() && side.outputs() > 0;
        }
    }

    private static Phase phase(Conv2dSpec s, PhaseSide row, PhaseSide column, OutputGrid grid) {
        Channels channels = Channels.backward(s);
        int pieces = Pass.pieces(s.n(), channels);
        Planes planes = Planes.of(s.n(), pieces, channels.in(), row.side, column.side);
        int[] taps = new int[row.taps.length * column.taps.length];
        int[] distances = new int[channels.in() * taps.length];
        for (int t = 0; t < taps.length; t++) {
            int i = t / column.taps.length;
            int j = t % column.taps.length;
            taps[t] = row.taps[i] * s.kernelW() + column.taps[j];
            int distance = planes.tap(row.places[i], column.places[j]);
            for (int o = 0; o < channels.in(); o++) {
                distances[o * taps.length + t] = o * planes.channelStride() + distance;
            }
        }
        Pass pass = new Pass(planes, s.n(), channels, distances, Double.NaN);
        return new Phase(taps, pass, grid);
    }

    @Override
    public void run(HostBuffer.Floats dy, HostBuffer.Floats w, HostBuffer.Floats dx) {
        if (!everyPhaseHasTaps) {
            int size = conv.n() * conv.inChannels() * conv.h() * conv.w();
            Arrays.fill(dx.array(), dx.offset(), dx.offset() + size, 0f);
        }
        for (Phase phase : phases) {
            Weights weights =
                    (group, c, width, packed, at) ->
                            packTransposed(phase.taps, w, group, c, width, packed, at);
            phase.pass.run(dy, weights, phase.grid, dx);
        }
    }

    /** Packs {@code width} input channels of a group from c on as [output channel, tap, 8]. */
    private void packTransposed(
            int[] taps, HostBuffer.Floats w, int group, int c, int width, float[] packed, int at) {
        float[] values = w.array();
        int in = conv.inChannels() / conv.groups();
        int out = conv.outChannels() / conv.groups();
        int all = conv.kernelH() * conv.kernelW();
        int to = at;
        for (int o = 0; o < out; o++) {
            int from = w.offset() + ((group * out + o) * in + c) * all;
            for (int t : taps) {
                for (int r = 0; r < OutputKernel.CHANNELS; r++) {
                    packed[to++] = r < width ? values[from + r * all + t] : 0f;
                }
            }
        }
    }
}
