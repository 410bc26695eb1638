package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * y[m, n] = x[m, k] w[n, k]^T for few rows of x, as in inference: dot products that read w where it
 * lies. {@link Gemm} copies w first, which takes longer than everything else until there are a
 * dozen rows to make up for it.
 *
 * <p>A tile is one row of x with 8 rows of w, which come from memory once and from the first-level
 * cache for the other rows of x. Lane l of an accumulator sums over the k = l mod lanes in
 * ascending order, the lanes are then summed in a fixed order, and last come the k that fill no
 * vector: the bits depend neither on m, n, nor the threads.
 */
final class FewRows implements Products.Linear {
    /** Up to so many rows it is the faster way. */
    private static final int MAX_ROWS = 8;

    /** Rows of w in a tile. */
    private static final int TILE = 8;

    /** Multiply-adds of a chunk of parallel work. */
    private static final int CHUNK = 1 << 15;

    private final int m;
    private final int n;
    private final int k;
    private final boolean relu;
    private final int tiles;
    private final int perChunk;

    FewRows(LinearSpec p) {
        m = p.m();
        n = p.n();
        k = p.k();
        relu = p.relu();
        tiles = IntMath.ceilDiv(n, TILE);
        long work = (long) TILE * m * k;
        perChunk = (int) Math.max(1, Math.min(tiles, CHUNK / Math.max(1, work)));
    }

    static @Nullable String obstacle(LinearSpec p) {
        if (p.m() > MAX_ROWS) {
            return p.m() + " rows are many";
        }
        return p.k() < VL ? "rows of " + p.k() + " fill no vector" : null;
    }

    @Override
    public void run(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            HostBuffer.@Nullable Floats b,
            HostBuffer.Floats y) {
        Epilogue epilogue = Epilogue.of(b, relu, y);
        Parallel.forChunks(
                IntMath.ceilDiv(tiles, perChunk),
                chunk -> {
                    float[] lanes = Scratch.LANE_SUMS.floats(TILE * VL);
                    int end = Math.min(tiles, (chunk + 1) * perChunk);
                    for (int tile = chunk * perChunk; tile < end; tile++) {
                        for (int row = 0; row < m; row++) {
                            tile(x, w, epilogue, y, row, tile * TILE, lanes);
                        }
                    }
                });
    }

    private void tile(
            HostBuffer.Floats x,
            HostBuffer.Floats w,
            Epilogue epilogue,
            HostBuffer.Floats y,
            int row,
            int column,
            float[] lanes) {
        float[] xs = x.array();
        float[] ws = w.array();
        int xi = x.offset() + row * k;
        int whole = k / VL * VL;
        int last = w.offset() + (n - 1) * k;
        int first = w.offset() + column * k;
        dots(
                xs,
                xi,
                whole,
                ws,
                first,
                Math.min(first + k, last),
                Math.min(first + 2 * k, last),
                Math.min(first + 3 * k, last),
                Math.min(first + 4 * k, last),
                Math.min(first + 5 * k, last),
                Math.min(first + 6 * k, last),
                Math.min(first + 7 * k, last),
                lanes);
        int to = y.offset() + row * n + column;
        for (int r = 0; r < Math.min(TILE, n - column); r++) {
            float sum = sum(lanes, r * VL);
            for (int p = whole; p < k; p++) {
                sum = Math.fma(xs[xi + p], ws[first + r * k + p], sum);
            }
            if (epilogue.bias().length > 0) {
                sum += epilogue.bias()[epilogue.biasOffset() + column + r];
            }
            y.array()[to + r] = epilogue.relu() ? Math.max(sum, 0f) : sum;
        }
    }

    /** The products of {@code length} elements from x[xi] on with those of 8 rows of w, by lane. */
    private static void dots(
            float[] x,
            int xi,
            int length,
            float[] w,
            int w0,
            int w1,
            int w2,
            int w3,
            int w4,
            int w5,
            int w6,
            int w7,
            float[] lanes) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector y0 = zero;
        FloatVector y1 = zero;
        FloatVector y2 = zero;
        FloatVector y3 = zero;
        FloatVector y4 = zero;
        FloatVector y5 = zero;
        FloatVector y6 = zero;
        FloatVector y7 = zero;
        for (int p = 0; p < length; p += VL) {
            FloatVector xp = FloatVector.fromArray(SPECIES, x, xi + p);
            y0 = xp.fma(FloatVector.fromArray(SPECIES, w, w0 + p), y0);
            y1 = xp.fma(FloatVector.fromArray(SPECIES, w, w1 + p), y1);
            y2 = xp.fma(FloatVector.fromArray(SPECIES, w, w2 + p), y2);
            y3 = xp.fma(FloatVector.fromArray(SPECIES, w, w3 + p), y3);
            y4 = xp.fma(FloatVector.fromArray(SPECIES, w, w4 + p), y4);
            y5 = xp.fma(FloatVector.fromArray(SPECIES, w, w5 + p), y5);
            y6 = xp.fma(FloatVector.fromArray(SPECIES, w, w6 + p), y6);
            y7 = xp.fma(FloatVector.fromArray(SPECIES, w, w7 + p), y7);
        }
        // The casts: see GemmKernels.
        TYPE.cast(y0).intoArray(lanes, 0);
        TYPE.cast(y1).intoArray(lanes, VL);
        TYPE.cast(y2).intoArray(lanes, 2 * VL);
        TYPE.cast(y3).intoArray(lanes, 3 * VL);
        TYPE.cast(y4).intoArray(lanes, 4 * VL);
        TYPE.cast(y5).intoArray(lanes, 5 * VL);
        TYPE.cast(y6).intoArray(lanes, 6 * VL);
        TYPE.cast(y7).intoArray(lanes, 7 * VL);
    }

    /** Four sums of every fourth lane, then theirs. */
    private static float sum(float[] lanes, int at) {
        float s0 = lanes[at];
        float s1 = lanes[at + 1];
        float s2 = lanes[at + 2];
        float s3 = lanes[at + 3];
        for (int l = at + 4; l < at + VL; l += 4) {
            s0 += lanes[l];
            s1 += lanes[l + 1];
            s2 += lanes[l + 2];
            s3 += lanes[l + 3];
        }
        return s0 + s1 + (s2 + s3);
    }
}
