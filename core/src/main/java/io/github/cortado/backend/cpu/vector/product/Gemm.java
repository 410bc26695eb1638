package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.product.GemmKernels.MR;
import static io.github.cortado.backend.cpu.vector.product.GemmKernels.NR;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.layout.Packing;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * A product of floats, C[m, n] = op(A)[m, k] op(B)[k, n] and then the epilogue, by blocks.
 *
 * <p>k is cut into blocks of {@value #KC}. For each, op(B) is copied once into panels ({@link
 * GemmKernels}), zeros filling up the last ones, and op(A) unless its rows are read where they lie;
 * then C is done in tiles of up to {@value #TILE_ROWS} rows by 8 panels of B, which stay in the
 * second-level cache. Packing and tiles are both spread over the threads. An element of C is summed
 * over k in ascending order within a block, then over the blocks: its bits depend neither on the
 * tiles nor on the threads.
 *
 * <p>Measured on one core with 512-bit vectors, as a share of the multiply-add peak: 85 % for
 * 512^3, 68 to 81 % for 1024^3, 70 to 80 % for the products of LeNet's first linear layer, where
 * packing costs the rest.
 *
 * @param c not transposed
 * @param panels op(B) as {@link #pack} has put it into panels; null if that is done along
 */
record Gemm(
        int m,
        int n,
        int k,
        Matrix a,
        Matrix b,
        Matrix c,
        Epilogue epilogue,
        @Nullable Panels panels) {
    /** Panels of op(B), from an element of an array on. */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    record Panels(float[] array, int first) {}

    /** Products of fewer multiply-adds than this are done by the caller alone. */
    static final long PARALLEL_WORK = 1 << 18;

    static final int KC = 256;
    private static final int ROW_BLOCK = 2048;
    private static final int COLUMN_BLOCK = 128 * NR;
    private static final int TILE_ROWS = 64;
    private static final int TILE_COLUMNS = 8 * NR;

    Gemm(int m, int n, int k, Matrix a, Matrix b, Matrix c, Epilogue epilogue) {
        this(m, n, k, a, b, c, epilogue, null);
    }

    /** Whether a product is worth being shared by the threads. */
    static boolean isLarge(int m, int n, int k) {
        return work(m, n, k) >= PARALLEL_WORK;
    }

    /** Multiply-adds of a product. */
    static long work(int m, int n, int k) {
        return (long) m * n * k;
    }

    /**
     * What is packed at one time: op(A) from row i0 and column p0 on, op(B) from row p0 and column
     * j0 on.
     *
     * @param depth columns of op(A), and rows of op(B)
     * @param at where the panels of op(B) begin
     */
    @SuppressWarnings("ArrayRecordComponent") // passed through, never compared
    private record Block(
            int i0,
            int j0,
            int p0,
            int rows,
            int columns,
            int depth,
            float[] packedA,
            float[] packedB,
            int at) {}

    void run(boolean parallel) {
        if (k == 0) {
            withoutTerms();
            return;
        }
        int kBlock = Math.min(k, KC);
        int packedRows = readsRows() ? MR : IntMath.roundUp(Math.min(m, ROW_BLOCK), MR);
        float[] packedA = Scratch.PACKED_A.floats(packedRows * kBlock);
        float[] packedB =
                panels != null
                        ? panels.array
                        : Scratch.PACKED_B.floats(
                                IntMath.roundUp(Math.min(n, COLUMN_BLOCK), NR) * kBlock);
        for (int j = 0; j < n; j += COLUMN_BLOCK) {
            int columns = Math.min(COLUMN_BLOCK, n - j);
            for (int p = 0; p < k; p += KC) {
                int depth = Math.min(KC, k - p);
                for (int i = 0; i < m; i += ROW_BLOCK) {
                    int rows = Math.min(ROW_BLOCK, m - i);
                    int at = panels == null ? 0 : panels.first + panelsAt(j, p);
                    run(new Block(i, j, p, rows, columns, depth, packedA, packedB, at), parallel);
                }
            }
        }
    }

    /**
     * Whether rows of A are read where they lie, all but the last few, which are no whole tile.
     * There is no kernel that reads rows and computes one vector of columns.
     */
    private boolean readsRows() {
        return GemmKernels.READS_ROWS && !a.transposed() && (n % NR == 0 || n % NR > VL);
    }

    private int rowOfA(Block block, int row) {
        return a.offset() + (block.i0 + row) * a.ld() + block.p0;
    }

    /** Where op(A)'s panel that begins with a block's row begins. */
    private int panelOfA(int row, int depth) {
        return readsRows() ? 0 : row * depth;
    }

    /** Floats of all panels of op(B). */
    int panelsLength() {
        return IntMath.roundUp(n, NR) * k;
    }

    private int panelsAt(int column, int row) {
        return column * k + row * IntMath.roundUp(Math.min(COLUMN_BLOCK, n - column), NR);
    }

    /** The same product, with op(B) in panels already where they are given. */
    Gemm with(float @Nullable [] packed) {
        return packed == null ? this : new Gemm(m, n, k, a, b, c, epilogue, new Panels(packed, 0));
    }

    /** Puts op(B) into panels, for {@link #panels}. */
    void pack(float[] to) {
        pack(new Panels(to, 0));
    }

    /** As {@link #pack(float[])}, from an element on. */
    void pack(Panels to) {
        for (int j = 0; j < n; j += COLUMN_BLOCK) {
            int columns = Math.min(COLUMN_BLOCK, n - j);
            for (int p = 0; p < k; p += KC) {
                int depth = Math.min(KC, k - p);
                int at = to.first + panelsAt(j, p);
                Block block = new Block(0, j, p, 0, columns, depth, to.array, to.array, at);
                for (int i = 0; i < columns; i += NR) {
                    packB(block, i);
                }
            }
        }
    }

    private void run(Block block, boolean parallel) {
        int firstA = readsRows() ? block.rows / MR * MR : 0;
        int chunksA = IntMath.ceilDiv(block.rows - firstA, TILE_ROWS);
        int chunksB = block.i0 == 0 && panels == null ? IntMath.ceilDiv(block.columns, NR) : 0;
        forChunks(
                parallel,
                chunksA + chunksB,
                chunk -> {
                    if (chunk < chunksB) {
                        packB(block, chunk * NR);
                    } else {
                        packA(block, firstA + (chunk - chunksB) * TILE_ROWS);
                    }
                });
        int tilesDown = IntMath.ceilDiv(block.rows, TILE_ROWS);
        int tilesAcross = IntMath.ceilDiv(block.columns, TILE_COLUMNS);
        // A thread meets the panels that it packed, or where C is larger, the rows of its C.
        boolean byColumns = m < k;
        int run = byColumns ? tilesDown : tilesAcross;
        forChunks(
                parallel,
                tilesDown * tilesAcross,
                chunk ->
                        tile(
                                block,
                                (byColumns ? chunk % run : chunk / run) * TILE_ROWS,
                                (byColumns ? chunk / run : chunk % run) * TILE_COLUMNS));
    }

    /** Packs up to {@link #TILE_ROWS} rows of op(A), from the block's row i on, into panels. */
    private void packA(Block block, int i) {
        int depth = block.depth;
        int ld = a.ld();
        int end = Math.min(block.rows, i + TILE_ROWS);
        for (int row = i; row < end; row += MR) {
            int width = Math.min(MR, end - row);
            int to = panelOfA(row, depth);
            if (a.transposed()) {
                int at = a.offset() + block.p0 * ld + block.i0 + row;
                Packing.rows(a.array(), at, ld, depth, width, block.packedA, to, MR);
            } else {
                int at = rowOfA(block, row);
                Packing.columns(a.array(), at, ld, depth, width, block.packedA, to, MR);
            }
        }
    }

    /** Packs the panel of op(B) that begins with the block's column j. */
    private void packB(Block block, int j) {
        int depth = block.depth;
        int ld = b.ld();
        int width = Math.min(NR, block.columns - j);
        int to = block.at + j * depth;
        if (b.transposed()) {
            int at = b.offset() + (block.j0 + j) * ld + block.p0;
            Packing.columns(b.array(), at, ld, depth, width, block.packedB, to, NR);
        } else {
            int at = b.offset() + block.p0 * ld + block.j0 + j;
            Packing.rows(b.array(), at, ld, depth, width, block.packedB, to, NR);
        }
    }

    /** Computes a tile of C, which begins at the block's row i and column j. */
    private void tile(Block block, int i, int j) {
        int depth = block.depth;
        float[] packedA = block.packedA;
        float[] packedB = block.packedB;
        float[] to = c.array();
        int ldc = c.ld();
        int cBase = c.offset() + block.i0 * ldc + block.j0;
        int iEnd = Math.min(block.rows, i + TILE_ROWS);
        int jEnd = Math.min(block.columns, j + TILE_COLUMNS);
        boolean add = adds(block);
        boolean inPlace = readsRows();
        for (int jj = j; jj < jEnd; jj += NR) {
            int width = Math.min(NR, jEnd - jj);
            int panel = block.at + jj * depth;
            for (int ii = i; ii < iEnd; ii += MR) {
                int at = cBase + ii * ldc + jj;
                if ((width == NR || width == VL) && ii + MR <= iEnd) {
                    if (!add) {
                        clear(at, width);
                    }
                    if (inPlace) {
                        int row = rowOfA(block, ii);
                        GemmKernels.rows(
                                depth, a.array(), row, a.ld(), packedB, panel, to, at, ldc);
                    } else {
                        boolean narrow = width == VL;
                        GemmKernels.tile(
                                depth, packedA, ii * depth, packedB, panel, to, at, ldc, narrow);
                    }
                } else {
                    edge(block, ii, jj, at, Math.min(MR, iEnd - ii), width);
                }
            }
        }
        if (block.p0 + depth == k) {
            for (int ii = i; ii < iEnd && !epilogue.isNone(); ii++) {
                finish(cBase + ii * ldc + j, jEnd - j, block.j0 + j);
            }
            epilogue.ready(block.i0 + i, iEnd - i, n, block.j0 + j, jEnd - j);
        }
    }

    /** A register tile that C does not hold in full: done beside it, and copied. */
    private void edge(Block block, int i, int j, int at, int height, int width) {
        float[] whole = Scratch.TILE_EDGE.floats(MR * NR);
        Arrays.fill(whole, 0, MR * NR, 0f);
        int depth = block.depth;
        int panel = block.at + j * depth;
        if (readsRows() && height == MR) {
            int row = rowOfA(block, i);
            GemmKernels.rows(depth, a.array(), row, a.ld(), block.packedB, panel, whole, 0, NR);
        } else {
            int rows = panelOfA(i, depth);
            boolean narrow = width <= VL;
            GemmKernels.tile(
                    depth, block.packedA, rows, block.packedB, panel, whole, 0, NR, narrow);
        }
        float[] to = c.array();
        boolean add = adds(block);
        for (int r = 0; r < height; r++) {
            int row = at + r * c.ld();
            for (int s = 0; s < width; s++) {
                float v = whole[r * NR + s];
                to[row + s] = add ? v + to[row + s] : v;
            }
        }
    }

    private boolean adds(Block block) {
        return block.p0 > 0 || epilogue.adds();
    }

    private void clear(int at, int width) {
        FloatVector zero = FloatVector.zero(SPECIES);
        float[] to = c.array();
        int ldc = c.ld();
        for (int r = 0; r < MR; r++) {
            for (int s = 0; s < width; s += VL) {
                zero.intoArray(to, at + r * ldc + s);
            }
        }
    }

    private void finish(int at, int length, int column) {
        float[] to = c.array();
        float[] bias = epilogue.bias();
        boolean biased = bias.length > 0;
        boolean relu = epilogue.relu();
        int biasAt = epilogue.biasOffset() + column;
        int s = 0;
        for (; s <= length - VL; s += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, to, at + s);
            if (biased) {
                v = v.add(FloatVector.fromArray(SPECIES, bias, biasAt + s));
            }
            (relu ? v.max(0f) : v).intoArray(to, at + s);
        }
        for (; s < length; s++) {
            float v = biased ? to[at + s] + bias[biasAt + s] : to[at + s];
            to[at + s] = relu ? Math.max(v, 0f) : v;
        }
    }

    private void withoutTerms() {
        for (int i = 0; i < m; i++) {
            int row = c.offset() + i * c.ld();
            if (!epilogue.adds()) {
                Arrays.fill(c.array(), row, row + n, 0f);
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
