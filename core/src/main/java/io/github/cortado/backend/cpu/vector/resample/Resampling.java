package io.github.cortado.backend.cpu.vector.resample;

import io.github.cortado.DType;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.SourcePlaces;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Fill;

/**
 * Pictures of other sizes, in bands of rows. Forward, a row of the input is stretched once, for all
 * rows of the output that lie beside it. The gradient adds up the rows that an input row is part
 * of, and then the columns of the sum.
 */
public final class Resampling {
    /** Elements of the larger side of a band. */
    private static final int BAND = 1 << 14;

    private Resampling() {}

    /** Rows first to end - 1 of a plane. */
    @FunctionalInterface
    private interface Band {
        void run(int plane, int first, int end);
    }

    private static void forBands(int planes, int rows, int rowSize, Band band) {
        int most = Math.max(1, BAND / rowSize);
        int bands = IntMath.ceilDiv(rows, most);
        Parallel.forItems(
                planes * bands,
                Math.min(rows, most) * rowSize,
                BAND,
                item -> {
                    int first = item % bands * most;
                    band.run(item / bands, first, Math.min(rows, first + most));
                });
    }

    /** {@link Backend#resample2d}. */
    public static void of(Floats x, Floats y, Resample2dSpec s) {
        SourcePlaces down = s.down(DType.FLOAT32);
        Columns columns = new Columns(s.across(DType.FLOAT32), s.w());
        forBands(
                s.planes(),
                s.outH(),
                s.outW(),
                (plane, first, end) -> {
                    int p = x.offset() + plane * s.h() * s.w();
                    int q = y.offset() + plane * s.outH() * s.outW();
                    if (down.isBetween()) {
                        blend(x.array(), p, y.array(), q, down, columns, first, end);
                    } else {
                        repeat(x.array(), p, y.array(), q, down, columns, first, end);
                    }
                });
    }

    private static void repeat(
            float[] x,
            int xo,
            float[] y,
            int yo,
            SourcePlaces down,
            Columns columns,
            int first,
            int end) {
        int n = columns.size();
        for (int p = first; p < end; p++) {
            int at = yo + p * n;
            if (p > first && down.low(p) == down.low(p - 1)) {
                System.arraycopy(y, at - n, y, at, n);
            } else {
                columns.stretch(x, xo + down.low(p) * columns.n(), y, at);
            }
        }
    }

    private static void blend(
            float[] x,
            int xo,
            float[] y,
            int yo,
            SourcePlaces down,
            Columns columns,
            int first,
            int end) {
        int n = columns.size();
        // Neighbours have different places here.
        float[] stretched = Scratch.LINES.floats(2 * n);
        int[] held = {-1, -1};
        for (int p = first; p < end; p++) {
            for (int row : new int[] {down.low(p), down.high(p)}) {
                if (held[row & 1] != row) {
                    held[row & 1] = row;
                    columns.stretch(x, xo + row * columns.n(), stretched, (row & 1) * n);
                }
            }
            int top = (down.low(p) & 1) * n;
            int bottom = (down.high(p) & 1) * n;
            Rows.blend(stretched, top, bottom, (float) down.weight(p), y, yo + p * n, n);
        }
    }

    /** {@link Backend#resample2dGrad}. */
    public static void gradient(Floats dy, Floats dx, Resample2dSpec s) {
        SourcePlaces down = s.down(DType.FLOAT32);
        Columns columns = new Columns(s.across(DType.FLOAT32), s.w());
        forBands(
                s.planes(),
                s.h(),
                Math.max(s.w(), s.outW() * Math.max(1, s.outH() / s.h())),
                (plane, first, end) -> {
                    int q = dy.offset() + plane * s.outH() * s.outW();
                    float[] sums = Scratch.LINES.floats(s.outW());
                    for (int row = first; row < end; row++) {
                        int at = dx.offset() + (plane * s.h() + row) * s.w();
                        add(dy.array(), q, sums, row, down, s.outW());
                        columns.add(sums, dx.array(), at);
                    }
                });
    }

    /** The sum of the rows beside an input row, weighted. */
    private static void add(float[] dy, int from, float[] sums, int row, SourcePlaces down, int n) {
        Fill.run(sums, 0, n, 0f);
        for (int p = down.begin(row); p < down.end(row); p++) {
            Rows.add(dy, from + p * n, (float) down.share(row, p), sums, n);
        }
    }
}
