package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.IntMath;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/**
 * Padded planes, in which every tap of a convolution, or place of a pooling's window, is a constant
 * distance, whatever the stride and the dilation.
 *
 * <p>A picture channel becomes strideH x strideW planes, one per phase; plane (a, b) holds at (u,
 * v) the source element (u strideH + a - originH, v strideW + b - originW), or the border's value
 * outside. Output (y, x) then reads each tap at (y + constant, x + constant) of one of the planes:
 * the loop over outputs is one run over a flat array, row after row. The few outputs between the
 * rows are garbage, and dropped. To have few of them, the right border of a row is the left border
 * of the next wherever there is a border, and small pictures lie side by side in one plane. Tall
 * pictures are cut into strips of rows, so that all channels of a strip stay in the cache. Phases
 * that no tap reads are left out: of a 1x1 kernel with stride 2 three in four.
 */
public final class Planes {
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

    private final Side rows;
    private final Side columns;
    private final int phasesH;
    private final int phasesW;
    private final int reachH;
    private final int reachW;

    /** Columns from one picture to the next. */
    private final int width;

    /** Pictures side by side. */
    private final int pictures;

    /** Rows of outputs of a strip. */
    private final int stripRows;

    private Planes(Side rows, Side columns, int pictures, int stripRows) {
        this.rows = rows;
        this.columns = columns;
        phasesH = rows.phases();
        phasesW = columns.phases();
        reachH = rows.reach();
        reachW = columns.reach();
        width = width(columns);
        this.pictures = pictures;
        this.stripRows = stripRows;
    }

    private static int width(Side columns) {
        int width = columns.outputs() + columns.reach();
        int stride = columns.stride();
        int origin = columns.origin();
        int shared = Math.min(columns.reach(), Math.max(0, origin / stride));
        boolean fits = (width - shared) * stride - origin >= columns.size();
        return shared > 0 && fits ? width - shared : width;
    }

    /**
     * The layout of {@code n} pictures with {@code channels} channels.
     *
     * @param pieces of work that are made of a strip
     */
    public static Planes of(int n, int pieces, int channels, Side rows, Side columns) {
        Planes whole = whole(rows, columns);
        int strip = rows.outputs();
        long perRow = (long) channels * whole.phasesH * whole.phasesW * whole.width;
        while (strip > MIN_STRIP_ROWS
                && (perRow * (strip + whole.reachH) > STRIP_FLOATS
                        || (long) n * pieces * IntMath.ceilDiv(rows.outputs(), strip)
                                < FEW_UNITS)) {
            strip = (strip + 1) / 2;
        }
        int pictures =
                strip < rows.outputs() ? 1 : sideBySide(n, strip, whole.width, columns.outputs());
        return new Planes(rows, columns, pictures, strip);
    }

    /** The layout of one whole picture. */
    public static Planes whole(Side rows, Side columns) {
        return new Planes(rows, columns, 1, rows.outputs());
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

    /** Elements of a channel of a picture before it is laid out. */
    public int channelSize() {
        return rows.size() * columns.size();
    }

    /** Rows of outputs of a whole picture. */
    public int outRows() {
        return rows.outputs();
    }

    /** Outputs of a row. */
    public int outColumns() {
        return columns.outputs();
    }

    /** Pictures side by side. */
    public int pictures() {
        return pictures;
    }

    /** Columns from one picture to the next. */
    public int width() {
        return width;
    }

    /** Rows of outputs of a strip; the last one may have fewer. */
    public int stripRows() {
        return stripRows;
    }

    public int rowStride() {
        return pictures * width;
    }

    private int planeSize() {
        return (stripRows + reachH) * rowStride();
    }

    public int channelStride() {
        return phasesH * phasesW * planeSize();
    }

    public int strips() {
        return IntMath.ceilDiv(rows.outputs(), stripRows);
    }

    /** Groups of pictures times strips: what is laid out and worked on at one time. */
    public int units(int n) {
        return IntMath.ceilDiv(n, pictures) * strips();
    }

    /** Some rows of outputs of {@code count} pictures side by side, mostly of one. */
    public record Strip(int picture, int count, int firstRow, int rows) {}

    /** The strip of a unit of {@code n} pictures. */
    public Strip strip(int unit, int n) {
        int picture = unit / strips() * pictures;
        int firstRow = unit % strips() * stripRows;
        return new Strip(
                picture,
                Math.min(pictures, n - picture),
                firstRow,
                Math.min(stripRows, rows.outputs() - firstRow));
    }

    /** Floats that {@link #fill} writes: the planes and what a vector may read beyond the last. */
    public int length(int channels) {
        return channels * channelStride() + reachW + 4 * VL;
    }

    /** Flat positions from the first output of a strip of {@code rows} rows to the last. */
    public int positions(int rows) {
        return rows * rowStride() - (width - columns.outputs());
    }

    /** Where the tap at the padded coordinates (y, x) of output (0, 0) lies in a channel. */
    public int tap(int y, int x) {
        int strideH = rows.stride();
        int strideW = columns.stride();
        int phase = y % strideH * phasesW + x % strideW;
        return phase * planeSize() + y / strideH * rowStride() + x / strideW;
    }

    /** As below, with zero borders. */
    public void fill(
            float[] from, int at, int pictureStride, Strip strip, int channels, float[] to) {
        fill(from, at, pictureStride, strip, channels, 0f, to, 0);
    }

    /**
     * Lays out some channels of a strip's pictures, the rest of them {@code border}.
     *
     * @param at first element of the first of these channels in picture 0
     * @param pictureStride elements from one picture to the next
     * @param toOff where the planes begin; {@link #length} elements are written
     */
    public void fill(
            float[] from,
            int at,
            int pictureStride,
            Strip strip,
            int channels,
            float border,
            float[] to,
            int toOff) {
        int first = at + strip.picture * pictureStride;
        int end = toOff + channels * channelStride();
        if (strip.count < pictures) {
            Arrays.fill(to, toOff, end, border);
        }
        boolean inPairs = columns.stride() == 2 && phasesW == 2 && pictures == 1;
        for (int c = 0; c < channels; c++) {
            int source = first + c * channelSize();
            int target = toOff + c * channelStride();
            for (int a = 0; a < phasesH; a++) {
                if (inPairs) {
                    int plane = target + a * phasesW * planeSize();
                    fillPair(from, source, strip.firstRow, a, border, to, plane);
                    continue;
                }
                for (int phase = a * phasesW; phase < (a + 1) * phasesW; phase++) {
                    int plane = target + phase * planeSize();
                    fillPlane(from, source, pictureStride, strip, phase, border, to, plane);
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
            Strip strip,
            int phase,
            float border,
            float[] to,
            int plane) {
        int a = phase / phasesW;
        int b = phase % phasesW;
        int count = strip.count;
        int firstRow = strip.firstRow;
        int strideH = rows.stride();
        int strideW = columns.stride();
        int originH = rows.origin();
        int w = columns.size();
        int left = columns.origin() - b;
        int vFirst = Math.max(0, IntMath.ceilDiv(left, strideW));
        int vEnd =
                Math.max(
                        vFirst,
                        Math.min(columns.outputs() + reachW, IntMath.ceilDiv(w + left, strideW)));
        int uFirst = Math.max(0, IntMath.ceilDiv(originH - a, strideH) - firstRow);
        int uEnd =
                Math.min(
                        stripRows + reachH,
                        IntMath.ceilDiv(rows.size() + originH - a, strideH) - firstRow);
        boolean whole = strideW <= 2 && count == pictures;
        int done = plane;
        for (int u = uFirst; u < uEnd; u++) {
            int row = at + ((u + firstRow) * strideH + a - originH) * w - left;
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
        int w = columns.size();
        int originW = columns.origin();
        int strideH = rows.stride();
        int originH = rows.origin();
        int evenPhase = originW % 2;
        int oddPhase = 1 - evenPhase;
        int even = plane + evenPhase * planeSize();
        int odd = plane + oddPhase * planeSize();
        // Where columns 0 and 1 of the picture lie in a row of their planes.
        int evenFirst = (originW - evenPhase) / 2;
        int oddFirst = (originW + 1 - oddPhase) / 2;
        int evenCount = Math.max(0, Math.min((w + 1) / 2, width - evenFirst));
        int oddCount = Math.max(0, Math.min(w / 2, width - oddFirst));
        int uFirst = Math.max(0, IntMath.ceilDiv(originH - a, strideH) - firstRow);
        int uEnd =
                Math.min(
                        stripRows + reachH,
                        IntMath.ceilDiv(rows.size() + originH - a, strideH) - firstRow);
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
        if (columns.stride() == 1) {
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
