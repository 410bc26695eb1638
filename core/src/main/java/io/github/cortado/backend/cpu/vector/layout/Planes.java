package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.vector.conv.ConvOutputKernel;
import io.github.cortado.backend.cpu.vector.pool.Pooling;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * How pictures are laid out for {@link ConvOutputKernel} and {@link Pooling}: padded planes in
 * which every kernel tap is a constant distance, whatever the stride and the dilation.
 *
 * <p>A picture channel becomes strideH x strideW planes, one per phase; plane (a, b) holds at (u,
 * v) the source element (u strideH + a - originH, v strideW + b - originW), or the border's value
 * outside. Output (y, x) then reads each tap at (y + constant, x + constant) of one of the planes:
 * the loop over outputs is one run over a flat array, row after row. The few outputs between the
 * rows are garbage, and dropped. To have few of them, the right border of a row is the left border
 * of the next wherever there is a border, and small pictures lie side by side in one plane. Tall
 * pictures are cut into strips of rows, so that all channels of a strip stay in the cache. Phases
 * that no tap reads are left out: of a 1x1 kernel with stride 2 three in four.
 *
 * @param phasesH phases of rows that are laid out, the first ones
 * @param phasesW phases of columns that are laid out
 * @param outRows rows of outputs of a whole picture
 * @param outColumns outputs of a row
 * @param reachH rows from an output to its farthest tap, in rows of the plane
 * @param reachW columns from an output to its farthest tap
 * @param pictures pictures side by side
 * @param width columns from one picture to the next
 * @param stripRows rows of outputs of a strip
 */
public record Planes(
        int h,
        int w,
        int strideH,
        int strideW,
        int phasesH,
        int phasesW,
        int originH,
        int originW,
        int outRows,
        int outColumns,
        int reachH,
        int reachW,
        int pictures,
        int width,
        int stripRows) {
    /** Elements of all channels of a strip, so that they stay in a second-level cache. */
    private static final int STRIP_FLOATS = 1 << 16;

    /** The lanes with even numbers, twice, and those with odd ones. */
    private static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL);

    private static final VectorShuffle<Float> ODD =
            VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL + 1);

    /** Less than this many pieces of work are few: they are cut smaller, for the threads. */
    public static final int FEW_UNITS = 8;

    private static final int MIN_STRIP_ROWS = 4;
    private static final int MAX_PICTURES = 8;

    /**
     * The layout of {@code n} pictures with {@code channels} channels; see the record.
     *
     * @param pieces of work that are made of a strip
     * @param spanH rows from the first to the last tap of an output, both counted, in the picture
     * @param spanW columns, likewise
     */
    public static Planes of(
            int n,
            int pieces,
            int channels,
            int h,
            int w,
            int strideH,
            int strideW,
            int spanH,
            int spanW,
            int originH,
            int originW,
            int outRows,
            int outColumns) {
        Planes whole =
                whole(h, w, strideH, strideW, spanH, spanW, originH, originW, outRows, outColumns);
        int rows = outRows;
        long perRow = (long) channels * whole.phasesH * whole.phasesW * whole.width;
        while (rows > MIN_STRIP_ROWS
                && (perRow * (rows + whole.reachH) > STRIP_FLOATS
                        || (long) n * pieces * ((outRows + rows - 1) / rows) < FEW_UNITS)) {
            rows = (rows + 1) / 2;
        }
        int pictures = rows < outRows ? 1 : sideBySide(n, rows, whole.width, outColumns);
        return whole.with(pictures, rows);
    }

    /** The layout of one whole picture; arguments as of {@link #of}. */
    public static Planes whole(
            int h,
            int w,
            int strideH,
            int strideW,
            int spanH,
            int spanW,
            int originH,
            int originW,
            int outRows,
            int outColumns) {
        int reachH = (spanH - 1) / strideH;
        int reachW = (spanW - 1) / strideW;
        int width = outColumns + reachW;
        int shared = Math.min(reachW, Math.max(0, originW / strideW));
        if (shared > 0 && (width - shared) * strideW - originW >= w) {
            width -= shared;
        }
        return new Planes(
                h,
                w,
                strideH,
                strideW,
                Math.min(strideH, spanH),
                Math.min(strideW, spanW),
                originH,
                originW,
                outRows,
                outColumns,
                reachH,
                reachW,
                1,
                width,
                outRows);
    }

    /** The same of {@code count} pictures side by side, in strips of {@code rows} rows. */
    private Planes with(int count, int rows) {
        return new Planes(
                h,
                w,
                strideH,
                strideW,
                phasesH,
                phasesW,
                originH,
                originW,
                outRows,
                outColumns,
                reachH,
                reachW,
                count,
                width,
                rows);
    }

    /** The same of one whole picture. */
    public Planes whole() {
        return with(1, outRows);
    }

    /** The number of small pictures whose outputs fill whole vectors best. */
    private static int sideBySide(int n, int rows, int width, int outColumns) {
        int best = 1;
        double least = Double.MAX_VALUE;
        for (int count = 1; count <= Math.min(MAX_PICTURES, Math.max(1, n / 16)); count++) {
            int outputs = rows * count * width - (width - outColumns);
            int vectors = (outputs + VL - 1) / VL;
            double each = (double) vectors / count;
            if (each < 0.97 * least) {
                least = each;
                best = count;
            }
        }
        return best;
    }

    public int rowStride() {
        return pictures * width;
    }

    int planeSize() {
        return (stripRows + reachH) * rowStride();
    }

    public int channelStride() {
        return phasesH * phasesW * planeSize();
    }

    public int strips() {
        return (outRows + stripRows - 1) / stripRows;
    }

    /** Groups of pictures times strips: what is laid out and worked on at one time. */
    public int units(int n) {
        return (n + pictures - 1) / pictures * strips();
    }

    /** Floats that {@link #fill} writes: the planes and what a vector may read beyond the last. */
    public int length(int channels) {
        return channels * channelStride() + reachW + 4 * VL;
    }

    /** Flat positions from the first output of a strip of {@code rows} rows to the last. */
    public int positions(int rows) {
        return rows * rowStride() - (width - outColumns);
    }

    /** Where the tap at the padded coordinates (y, x) of output (0, 0) lies in a channel. */
    public int tap(int y, int x) {
        int phase = y % strideH * phasesW + x % strideW;
        return phase * planeSize() + y / strideH * rowStride() + x / strideW;
    }

    /** As below, with zero borders. */
    public void fill(
            float[] from,
            int at,
            int pictureStride,
            int count,
            int channels,
            int firstRow,
            float[] to) {
        fill(from, at, pictureStride, count, channels, firstRow, 0f, to, 0);
    }

    /**
     * Lays out some channels of {@code count} pictures, the rest of them {@code border}.
     *
     * @param at first element of the first channel in the first picture
     * @param pictureStride elements from one picture to the next
     * @param firstRow first row of outputs of the strip
     * @param toOff where the planes begin; {@link #length} elements are written
     */
    public void fill(
            float[] from,
            int at,
            int pictureStride,
            int count,
            int channels,
            int firstRow,
            float border,
            float[] to,
            int toOff) {
        int end = toOff + channels * channelStride();
        if (count < pictures) {
            Arrays.fill(to, toOff, end, border);
        }
        for (int c = 0; c < channels; c++) {
            for (int a = 0; a < phasesH; a++) {
                int first = toOff + c * channelStride() + a * phasesW * planeSize();
                if (strideW == 2 && phasesW == 2 && pictures == 1) {
                    fillPair(from, at + c * h * w, firstRow, a, border, to, first);
                    continue;
                }
                for (int b = 0; b < phasesW; b++) {
                    int plane = first + b * planeSize();
                    fillPlane(
                            from,
                            at + c * h * w,
                            pictureStride,
                            count,
                            firstRow,
                            a,
                            b,
                            border,
                            to,
                            plane);
                }
            }
        }
        Arrays.fill(to, end, toOff + length(channels), border);
    }

    /** Fills a plane in ascending order: what a whole vector writes too far is written again. */
    private void fillPlane(
            float[] from,
            int at,
            int pictureStride,
            int count,
            int firstRow,
            int a,
            int b,
            float border,
            float[] to,
            int plane) {
        int vFirst = Math.max(0, IntMath.ceilDiv(originW - b, strideW));
        int vEnd =
                Math.max(
                        vFirst,
                        Math.min(outColumns + reachW, IntMath.ceilDiv(w + originW - b, strideW)));
        int uFirst = Math.max(0, IntMath.ceilDiv(originH - a, strideH) - firstRow);
        int uEnd =
                Math.min(stripRows + reachH, IntMath.ceilDiv(h + originH - a, strideH) - firstRow);
        boolean whole = strideW <= 2 && count == pictures;
        int done = plane;
        for (int u = uFirst; u < uEnd; u++) {
            int row = at + ((u + firstRow) * strideH + a - originH) * w + b - originW;
            for (int k = 0; k < count; k++) {
                int source = row + k * pictureStride;
                int target = plane + u * rowStride() + k * width;
                fill(to, done, target + vFirst, border);
                done = target + vEnd;
                if (whole && source + (vEnd + VL) * strideW <= from.length) {
                    copyRow(from, source, to, target, vFirst, vEnd);
                } else {
                    for (int v = vFirst; v < vEnd; v++) {
                        to[target + v] = from[source + v * strideW];
                    }
                }
            }
        }
        fill(to, done, plane + planeSize(), border);
    }

    /**
     * Fills the planes of both phases of columns of a picture, which a load from its rows has in
     * even and odd lanes.
     *
     * @param plane that of the first phase; the other one comes next
     */
    private void fillPair(
            float[] from, int at, int firstRow, int a, float border, float[] to, int plane) {
        int evenPhase = originW % 2;
        int oddPhase = 1 - evenPhase;
        int even = plane + evenPhase * planeSize();
        int odd = plane + oddPhase * planeSize();
        // Where columns 0 and 1 of the picture lie in a row of their planes.
        int evenFirst = (originW - evenPhase) / 2;
        int oddFirst = (originW + 1 - oddPhase) / 2;
        int evenCount = Math.max(0, Math.min((w + 1) / 2, width - evenFirst));
        int oddCount = Math.max(0, Math.min(w / 2, width - oddFirst));
        int rows = stripRows + reachH;
        int uFirst = Math.max(0, IntMath.ceilDiv(originH - a, strideH) - firstRow);
        int uEnd = Math.min(rows, IntMath.ceilDiv(h + originH - a, strideH) - firstRow);
        int evenDone = even;
        int oddDone = odd;
        for (int u = uFirst; u < uEnd; u++) {
            int source = at + ((u + firstRow) * strideH + a - originH) * w;
            int evenTo = even + u * width + evenFirst;
            int oddTo = odd + u * width + oddFirst;
            fill(to, evenDone, evenTo, border);
            fill(to, oddDone, oddTo, border);
            evenDone = evenTo + evenCount;
            oddDone = oddTo + oddCount;
            int q = 0;
            // A vector may run over the end of its row, but not of its plane.
            int room = planeSize() - Math.max(evenTo - even, oddTo - odd);
            int most = Math.min(room, (from.length - source) / 2) - VL;
            for (; q < Math.max(evenCount, oddCount) && q <= most; q += VL / 2) {
                FloatVector v = FloatVector.fromArray(SPECIES, from, source + 2 * q);
                v.rearrange(EVEN).intoArray(to, evenTo + q);
                v.rearrange(ODD).intoArray(to, oddTo + q);
            }
            for (int i = q; i < evenCount; i++) {
                to[evenTo + i] = from[source + 2 * i];
            }
            for (int i = q; i < oddCount; i++) {
                to[oddTo + i] = from[source + 2 * i + 1];
            }
        }
        fill(to, evenDone, even + planeSize(), border);
        fill(to, oddDone, odd + planeSize(), border);
    }

    /** Copies columns of a row, or every second one, in whole vectors. */
    private void copyRow(float[] from, int source, float[] to, int target, int vFirst, int vEnd) {
        if (strideW == 1) {
            for (int v = vFirst; v < vEnd; v += VL) {
                FloatVector.fromArray(SPECIES, from, source + v).intoArray(to, target + v);
            }
            return;
        }
        for (int v = vFirst; v < vEnd; v += VL / 2) {
            // The next half comes over the upper one, which is the lower one again.
            FloatVector.fromArray(SPECIES, from, source + 2 * v)
                    .rearrange(EVEN)
                    .intoArray(to, target + v);
        }
    }

    private static void fill(float[] to, int begin, int end, float value) {
        if (end - begin > 8) {
            Arrays.fill(to, begin, end, value);
        } else {
            for (int i = begin; i < end; i++) {
                to[i] = value;
            }
        }
    }
}
