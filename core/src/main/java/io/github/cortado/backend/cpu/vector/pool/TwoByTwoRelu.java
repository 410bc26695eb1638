package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Scratch;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.jspecify.annotations.Nullable;

/**
 * ReLU and the maximum of 2 x 2 windows in one pass, and back by the byte that it keeps for each
 * window. Which element is largest is a coin toss to the branch predictor, so nothing branches.
 *
 * <p>1: integer arithmetic on the bits of four elements, 9 cycles a window. 2: vectors of two rows,
 * a window in two neighbouring lanes; every lane has a number for its place in the window, or a
 * larger one where it is not the largest, and the smaller of two is the first place. Floats, 7
 * cycles, most of them for a maximum that minds NaN and a blend that minds masks. 3: the same on
 * the bits seen as integers, which numbers above 0 are in the order of. NaN and infinity turn up in
 * a sum on the way, and the channel is then done again window by window.
 */
public final class TwoByTwoRelu {
    private static final VectorSpecies<Integer> BITS = IntVector.SPECIES_PREFERRED;

    /** Windows of a vector. */
    private static final int HALF = VL / 2;

    private static final VectorShuffle<Integer> TWIN = VectorShuffle.fromOp(BITS, l -> l ^ 1);
    private static final VectorShuffle<Integer> EVEN = VectorShuffle.fromOp(BITS, l -> 2 * l % VL);
    private static final int INFINITY = 0x7f800000;
    private static final IntVector UPPER = places(0);
    private static final IntVector LOWER = places(2);

    private final Pool2dSpec s;

    TwoByTwoRelu(Pool2dSpec s) {
        this.s = s;
    }

    private static IntVector places(int first) {
        int[] place = new int[VL];
        for (int l = 0; l < VL; l++) {
            place[l] = first + l % 2;
        }
        return IntVector.fromArray(BITS, place, 0);
    }

    /** y = largest of 0 and each window; index = which, NOWHERE for 0 and NaN; may be null. */
    void max(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.@Nullable Bytes index) {
        float[] from = x.array();
        EachPlane.run(
                s,
                plane ->
                        plane(
                                from,
                                x.offset() + plane * s.h() * s.w(),
                                s.w(),
                                y,
                                index,
                                plane * s.outH() * s.outW(),
                                s.outH(),
                                s.outW()));
    }

    /**
     * Rows of n windows; the first begins at x[p], and rows of x are so far from each other. What
     * becomes of them begins at element {@code out} of y and of index, which may be null. Who calls
     * it may not hold {@link Scratch#VALUES} nor {@link Scratch#PLACES}.
     */
    public static void plane(
            float[] x,
            int p,
            int rowStride,
            HostBuffer.Floats y,
            HostBuffer.@Nullable Bytes index,
            int out,
            int rows,
            int n) {
        // Whole vectors may see what lies beyond a row, but not beyond the array.
        int seen = (n + HALF - 1) / HALF * VL;
        int room = (x.length - p - seen) / rowStride;
        int inVectors = room < 1 ? 0 : Math.min(rows, (room - 1) / 2 + 1);
        if (inVectors > 0
                && !(index == null
                        ? maxima(x, p, rowStride, y, out, inVectors, n)
                        : vectors(x, p, rowStride, y, index, out, inVectors, n))) {
            inVectors = 0;
        }
        byte[] places = index == null ? null : index.array();
        int placesAt = index == null ? 0 : index.offset();
        for (int row = inVectors; row < rows; row++) {
            for (int col = 0; col < n; col++) {
                int to = out + row * n + col;
                int at = p + 2 * row * rowStride + 2 * col;
                window(x, at, rowStride, y.array(), y.offset() + to, places, placesAt + to);
            }
        }
    }

    /**
     * The largest of the two rows and of neighbouring lanes; even lanes have the windows.
     *
     * @return false where something was no number or infinite, and nothing was written
     */
    private static boolean vectors(
            float[] x,
            int p,
            int rowStride,
            HostBuffer.Floats y,
            HostBuffer.Bytes index,
            int out,
            int rows,
            int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector finite = zero;
        float[] values = Scratch.VALUES.floats(rows * n + VL);
        int[] places = Scratch.PLACES.ints(rows * n + VL);
        int turns = rows * ((n + HALF - 1) / HALF);
        int at = p;
        int to = 0;
        int col = 0;
        // One loop: JDK 17 boxes in every turn what a nest of two carries along.
        for (int turn = 0; turn < turns; turn++) {
            FloatVector first = FloatVector.fromArray(SPECIES, x, at);
            FloatVector second = FloatVector.fromArray(SPECIES, x, at + rowStride);
            finite = zero.fma(first, finite);
            finite = zero.fma(second, finite);
            IntVector upper = first.reinterpretAsInts();
            IntVector lower = second.reinterpretAsInts();
            IntVector max = upper.max(lower);
            max = max.max(max.rearrange(TWIN)).max(0);
            IntVector place = place(UPPER, upper, max).min(place(LOWER, lower, max));
            place = place.min(place.rearrange(TWIN));
            // All ones, which is nowhere, where the largest is 0.
            place = place.or(max.sub(1).lanewise(VectorOperators.ASHR, 31));
            // What a store writes beyond the row the next one, or nobody, writes again.
            max.rearrange(EVEN).reinterpretAsFloats().intoArray(values, to);
            place.rearrange(EVEN).intoArray(places, to);
            col += HALF;
            to += HALF;
            at += VL;
            if (col >= n) {
                at += 2 * rowStride - 2 * col;
                to += n - col;
                col = 0;
            }
        }
        if (zero.add(finite).test(VectorOperators.IS_NAN).anyTrue()) {
            return false;
        }
        System.arraycopy(values, 0, y.array(), y.offset() + out, rows * n);
        byte[] kept = index.array();
        int first = index.offset() + out;
        for (int i = 0; i < rows * n; i++) {
            kept[first + i] = (byte) places[i];
        }
        return true;
    }

    /** As {@link #vectors}, for who does not ask which element it is. */
    private static boolean maxima(
            float[] x, int p, int rowStride, HostBuffer.Floats y, int out, int rows, int n) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector upperFinite = zero;
        FloatVector lowerFinite = zero;
        float[] values = Scratch.VALUES.floats(rows * n + VL);
        int turns = rows * ((n + HALF - 1) / HALF);
        int at = p;
        int to = 0;
        int col = 0;
        // One loop: JDK 17 boxes in every turn what a nest of two carries along.
        for (int turn = 0; turn < turns; turn++) {
            FloatVector upper = FloatVector.fromArray(SPECIES, x, at);
            FloatVector lower = FloatVector.fromArray(SPECIES, x, at + rowStride);
            upperFinite = zero.fma(upper, upperFinite);
            lowerFinite = zero.fma(lower, lowerFinite);
            IntVector max = upper.reinterpretAsInts().max(lower.reinterpretAsInts());
            max = max.max(max.rearrange(TWIN)).max(0);
            max.rearrange(EVEN).reinterpretAsFloats().intoArray(values, to);
            col += HALF;
            to += HALF;
            at += VL;
            if (col >= n) {
                at += 2 * rowStride - 2 * col;
                to += n - col;
                col = 0;
            }
        }
        if (zero.add(upperFinite).add(lowerFinite).test(VectorOperators.IS_NAN).anyTrue()) {
            return false;
        }
        System.arraycopy(values, 0, y.array(), y.offset() + out, rows * n);
        return true;
    }

    /** The places of the lanes whose bits are the maximum's; at least 128 in others. */
    private static IntVector place(IntVector places, IntVector bits, IntVector max) {
        IntVector difference = bits.lanewise(VectorOperators.XOR, max);
        IntVector differs = difference.or(difference.neg()).lanewise(VectorOperators.LSHR, 24);
        return places.or(differs);
    }

    private static void window(
            float[] x, int i, int w, float[] y, int to, byte @Nullable [] index, int at) {
        float a = x[i];
        float b = x[i + 1];
        float c = x[i + w];
        float d = x[i + w + 1];
        float max = Math.max(Math.max(Math.max(a, b), Math.max(c, d)), 0f);
        y[to] = max;
        if (index == null) {
            return;
        }
        int bits = Float.floatToRawIntBits(max);
        int notA = differs(a, bits);
        int notB = notA & differs(b, bits);
        int notC = notB & differs(c, bits);
        // All ones where the maximum is 0 or NaN: one of the differences is negative.
        int nowhere = (bits - 1 | INFINITY - bits) >> 31;
        index[at] = (byte) (notA + notB + notC | nowhere);
    }

    /** 1 where v has other bits, else 0; numbers above 0 are equal if their bits are. */
    private static int differs(float v, int bits) {
        int difference = Float.floatToRawIntBits(v) ^ bits;
        return (difference | -difference) >>> 31;
    }

    /** dx = dy at the element that index names, else 0. */
    void grad(HostBuffer.Floats dy, HostBuffer.Bytes index, HostBuffer.Floats dx) {
        float[] g = dy.array();
        byte[] indices = index.array();
        float[] to = dx.array();
        int w = s.w();
        int outW = s.outW();
        EachPlane.run(
                s,
                plane -> {
                    int p = dx.offset() + plane * s.h() * w;
                    for (int row = 0; row < s.outH(); row++) {
                        int out = (plane * s.outH() + row) * outW;
                        gradRow(
                                g,
                                dy.offset() + out,
                                indices,
                                index.offset() + out,
                                to,
                                p + 2 * row * w,
                                w,
                                outW);
                    }
                    clear(to, p);
                });
    }

    private static void gradRow(
            float[] dy, int go, byte[] index, int io, float[] dx, int p, int w, int n) {
        for (int col = 0; col < n; col++) {
            int bits = Float.floatToRawIntBits(dy[go + col]);
            int at = index[io + col];
            int i = p + 2 * col;
            dx[i] = Float.intBitsToFloat(bits & isZero(at));
            dx[i + 1] = Float.intBitsToFloat(bits & isZero(at ^ 1));
            dx[i + w] = Float.intBitsToFloat(bits & isZero(at ^ 2));
            dx[i + w + 1] = Float.intBitsToFloat(bits & isZero(at ^ 3));
        }
    }

    /** All ones for 0, else 0. */
    private static int isZero(int v) {
        return ~((v | -v) >> 31);
    }

    /** The last row and column of an odd picture lie in no window. */
    private void clear(float[] dx, int p) {
        if (s.w() % 2 == 1) {
            for (int row = 0; row < s.h(); row++) {
                dx[p + row * s.w() + s.w() - 1] = 0f;
            }
        }
        if (s.h() % 2 == 1) {
            Arrays.fill(dx, p + (s.h() - 1) * s.w(), p + s.h() * s.w(), 0f);
        }
    }
}
