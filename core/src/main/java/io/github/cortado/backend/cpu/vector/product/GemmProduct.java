package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.product.GemmKernels.MR;
import static io.github.cortado.backend.cpu.vector.product.GemmKernels.NR;

import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Parallel;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import io.github.cortado.backend.cpu.vector.product.VectorGemm.Epilogue;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * One product of {@link VectorGemm} with its arguments, so that blocks and tiles need not pass
 * sixteen of them.
 *
 * <p>k is cut into blocks of {@value #KC}. For each, op(A) and op(B) are copied once into panels
 * ({@link GemmKernels}), zeros filling up the last ones, then C is done in tiles of up to {@value
 * #TILE_ROWS} rows by 8 panels of B, which stay in the second-level cache. Packing and tiles are
 * both spread over the threads. An element of C is summed over k in ascending order within a block,
 * then over the blocks: its bits depend neither on the tiles nor on the threads.
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
public record GemmProduct(
        int m,
        int n,
        int k,
        float[] a,
        int aOff,
        int lda,
        boolean transA,
        float[] b,
        int bOff,
        int ldb,
        boolean transB,
        float[] c,
        int cOff,
        int ldc,
        boolean accumulate,
        Epilogue epilogue) {
    private static final int KC = 256;
    private static final int ROW_BLOCK = 2048;
    private static final int COLUMN_BLOCK = 128 * NR;
    private static final int TILE_ROWS = 64;
    private static final int TILE_COLUMNS = 8 * NR;

    void run(boolean parallel) {
        if (k == 0) {
            withoutTerms();
            return;
        }
        int kBlock = Math.min(k, KC);
        float[] packedA =
                Scratch.PACKED_A.floats(IntMath.roundUp(Math.min(m, ROW_BLOCK), MR) * kBlock);
        float[] packedB =
                Scratch.PACKED_B.floats(IntMath.roundUp(Math.min(n, COLUMN_BLOCK), NR) * kBlock);
        for (int j = 0; j < n; j += COLUMN_BLOCK) {
            for (int p = 0; p < k; p += KC) {
                for (int i = 0; i < m; i += ROW_BLOCK) {
                    block(i, j, p, packedA, packedB, parallel);
                }
            }
        }
    }

    private void block(int i0, int j0, int p0, float[] packedA, float[] packedB, boolean parallel) {
        int rows = Math.min(ROW_BLOCK, m - i0);
        int columns = Math.min(COLUMN_BLOCK, n - j0);
        int depth = Math.min(KC, k - p0);
        int chunksA = IntMath.ceilDiv(rows, TILE_ROWS);
        int chunksB = i0 == 0 ? IntMath.ceilDiv(columns, NR) : 0;
        forChunks(
                parallel,
                chunksA + chunksB,
                chunk -> {
                    if (chunk < chunksB) {
                        packB(chunk * NR, columns, j0, p0, depth, packedB);
                    } else {
                        packA((chunk - chunksB) * TILE_ROWS, rows, i0, p0, depth, packedA);
                    }
                });
        int tilesDown = IntMath.ceilDiv(rows, TILE_ROWS);
        int tilesAcross = IntMath.ceilDiv(columns, TILE_COLUMNS);
        // A thread meets the panels that it packed, or where C is larger, the rows of its C.
        boolean byColumns = m < k;
        int run = byColumns ? tilesDown : tilesAcross;
        forChunks(
                parallel,
                tilesDown * tilesAcross,
                chunk ->
                        tile(
                                (byColumns ? chunk % run : chunk / run) * TILE_ROWS,
                                rows,
                                (byColumns ? chunk / run : chunk % run) * TILE_COLUMNS,
                                columns,
                                cOff + i0 * ldc + j0,
                                p0,
                                depth,
                                j0,
                                packedA,
                                packedB));
    }

    /** Packs up to {@link #TILE_ROWS} rows of op(A), from row i0 + i on, into panels. */
    private void packA(int i, int rows, int i0, int p0, int depth, float[] packed) {
        int end = Math.min(rows, i + TILE_ROWS);
        for (int row = i; row < end; row += MR) {
            int width = Math.min(MR, end - row);
            if (transA) {
                Packing.rows(
                        a, aOff + p0 * lda + i0 + row, lda, depth, width, packed, row * depth, MR);
            } else {
                Packing.columns(
                        a,
                        aOff + (i0 + row) * lda + p0,
                        lda,
                        depth,
                        width,
                        packed,
                        row * depth,
                        MR);
            }
        }
    }

    /** Packs the panel of op(B) that begins with column j0 + j. */
    private void packB(int j, int columns, int j0, int p0, int depth, float[] packed) {
        int width = Math.min(NR, columns - j);
        if (transB) {
            Packing.columns(
                    b, bOff + (j0 + j) * ldb + p0, ldb, depth, width, packed, j * depth, NR);
        } else {
            Packing.rows(b, bOff + p0 * ldb + j0 + j, ldb, depth, width, packed, j * depth, NR);
        }
    }

    private void tile(
            int i,
            int rows,
            int j,
            int columns,
            int cBase,
            int p0,
            int depth,
            int j0,
            float[] packedA,
            float[] packedB) {
        int iEnd = Math.min(rows, i + TILE_ROWS);
        int jEnd = Math.min(columns, j + TILE_COLUMNS);
        boolean add = accumulate || p0 > 0;
        for (int jj = j; jj < jEnd; jj += NR) {
            int width = Math.min(NR, jEnd - jj);
            for (int ii = i; ii < iEnd; ii += MR) {
                int at = cBase + ii * ldc + jj;
                if (width == NR && ii + MR <= iEnd) {
                    if (!add) {
                        clear(at);
                    }
                    GemmKernels.tile(
                            depth, packedA, ii * depth, packedB, jj * depth, c, at, ldc, false);
                } else {
                    edge(
                            depth,
                            packedA,
                            ii * depth,
                            packedB,
                            jj * depth,
                            at,
                            Math.min(MR, iEnd - ii),
                            width,
                            add);
                }
            }
        }
        if (p0 + depth == k && (epilogue.bias().length > 0 || epilogue.relu())) {
            for (int ii = i; ii < iEnd; ii++) {
                finish(cBase + ii * ldc + j, jEnd - j, j0 + j);
            }
        }
    }

    /** A register tile that C does not hold in full: done beside it, and copied. */
    private void edge(
            int depth,
            float[] packedA,
            int ai,
            float[] packedB,
            int bi,
            int at,
            int height,
            int width,
            boolean add) {
        float[] whole = Scratch.TILE_EDGE.floats(MR * NR);
        Arrays.fill(whole, 0, MR * NR, 0f);
        GemmKernels.tile(depth, packedA, ai, packedB, bi, whole, 0, NR, width <= VL);
        for (int r = 0; r < height; r++) {
            for (int s = 0; s < width; s++) {
                int to = at + r * ldc + s;
                c[to] = add ? whole[r * NR + s] + c[to] : whole[r * NR + s];
            }
        }
    }

    private void clear(int at) {
        FloatVector zero = FloatVector.zero(SPECIES);
        for (int r = 0; r < MR; r++) {
            for (int s = 0; s < NR; s += VL) {
                zero.intoArray(c, at + r * ldc + s);
            }
        }
    }

    private void finish(int at, int length, int column) {
        boolean biased = epilogue.bias().length > 0;
        boolean relu = epilogue.relu();
        int biasAt = epilogue.biasOffset() + column;
        int s = 0;
        for (; s <= length - VL; s += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, c, at + s);
            if (biased) {
                v = v.add(FloatVector.fromArray(SPECIES, epilogue.bias(), biasAt + s));
            }
            (relu ? v.max(0f) : v).intoArray(c, at + s);
        }
        for (; s < length; s++) {
            float v = biased ? c[at + s] + epilogue.bias()[biasAt + s] : c[at + s];
            c[at + s] = relu ? Math.max(v, 0f) : v;
        }
    }

    private void withoutTerms() {
        for (int i = 0; i < m; i++) {
            int row = cOff + i * ldc;
            if (!accumulate) {
                Arrays.fill(c, row, row + n, 0f);
            }
            finish(row, n, 0);
        }
    }

    private static void forChunks(boolean parallel, int chunks, Parallel.Body body) {
        if (parallel) {
            Parallel.forChunks(chunks, body);
        } else {
            for (int chunk = 0; chunk < chunks; chunk++) {
                body.run(chunk);
            }
        }
    }
}
