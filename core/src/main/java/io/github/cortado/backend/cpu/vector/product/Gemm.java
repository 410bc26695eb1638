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
 * <p>k is cut into blocks of {@value #KC}. op(B) is copied once into panels ({@link GemmKernels}),
 * zeros filling up the last ones, and C is done in tiles, whose parts of the factors stay in the
 * second-level cache. Packing and tiles are both spread over the threads. An element of C is summed
 * over k in ascending order within a block, then over the blocks: its bits depend neither on the
 * tiles nor on the threads.
 *
 * <p>Where vector registers are many, op(A) is copied into panels before the tiles, too, block by
 * block. Elsewhere ({@link GemmKernels#READS_ROWS}) a tile goes through up to {@value #BLOCKS}
 * blocks of k and copies its rows of op(A) itself, or reads them where they lie if there are too
 * few columns to make up for that.
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

    /** Whether op(A) is put into panels before the tiles, and not by each. */
    private static final boolean AHEAD = !GemmKernels.READS_ROWS;

    private static final int BLOCKS = 4;
    private static final int DEPTH = AHEAD ? KC : BLOCKS * KC;
    private static final int ROW_BLOCK = 2048;
    private static final int COLUMN_BLOCK = 128 * NR;
    private static final int TILE_ROWS = AHEAD ? 64 : 32;

    /** Panels of op(B) that a tile has at most, on which a panel of op(A) is used. */
    private static final int TILE_PANELS = AHEAD ? 8 : 24;

    /** With fewer panels of op(B), rows of A are read where they lie. */
    private static final int FEW_PANELS = 8;

    /** So few rows of op(A) stay in the cache, and each panel of op(B) comes to it but once. */
    private static final int FEW_ROWS = 64;

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
     * @param packedA panels of op(A), if it is packed {@link #AHEAD}
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
            int at) {
        /** Its block of k that begins after so many others' columns of op(A). */
        Block part(int p) {
            int panels = at + p * IntMath.roundUp(columns, NR);
            int partDepth = Math.min(KC, depth - p);
            return new Block(i0, j0, p0 + p, rows, columns, partDepth, packedA, packedB, panels);
        }
    }

    void run(boolean parallel) {
        if (k == 0) {
            withoutTerms();
            return;
        }
        int kBlock = Math.min(k, DEPTH);
        int packedRows = AHEAD ? IntMath.roundUp(Math.min(m, ROW_BLOCK), MR) : 0;
        float[] packedA = Scratch.PACKED_A.floats(packedRows * kBlock);
        float[] packedB =
                panels != null
                        ? panels.array
                        : Scratch.PACKED_B.floats(
                                IntMath.roundUp(Math.min(n, COLUMN_BLOCK), NR) * kBlock);
        for (int j = 0; j < n; j += COLUMN_BLOCK) {
            int columns = Math.min(COLUMN_BLOCK, n - j);
            for (int p = 0; p < k; p += DEPTH) {
                int depth = Math.min(DEPTH, k - p);
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
        return !AHEAD && !a.transposed() && n < FEW_PANELS * NR && (n % NR == 0 || n % NR > VL);
    }

    private int rowOfA(Block block, int row) {
        return a.offset() + (block.i0 + row) * a.ld() + block.p0;
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
            int at = to.first + panelsAt(j, 0);
            Block block = new Block(0, j, 0, 0, columns, k, to.array, to.array, at);
            for (int i = 0; i < columns; i += NR) {
                packB(block, i);
            }
        }
    }

    private void run(Block block, boolean parallel) {
        int chunksA = AHEAD ? IntMath.ceilDiv(block.rows, TILE_ROWS) : 0;
        int chunksB = block.i0 == 0 && panels == null ? IntMath.ceilDiv(block.columns, NR) : 0;
        forChunks(
                parallel,
                chunksA + chunksB,
                chunk -> {
                    if (chunk < chunksB) {
                        packB(block, chunk * NR);
                    } else {
                        int row = (chunk - chunksB) * TILE_ROWS;
                        int end = Math.min(block.rows, row + TILE_ROWS);
                        packA(block, row, end, block.packedA, row * block.depth);
                    }
                });
        int tilesDown = IntMath.ceilDiv(block.rows, TILE_ROWS);
        int tileColumns =
                tileColumns(
                        block, parallel ? IntMath.ceilDiv(2 * Parallel.threads(), tilesDown) : 1);
        int tilesAcross = IntMath.ceilDiv(block.columns, tileColumns);
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
                                (byColumns ? chunk / run : chunk % run) * tileColumns,
                                tileColumns));
    }

    /** Columns of a tile: as many as are allowed, or fewer so that so many lie side by side. */
    private static int tileColumns(Block block, int atLeast) {
        if (AHEAD) {
            return TILE_PANELS * NR;
        }
        int columnPanels = IntMath.ceilDiv(block.columns, NR);
        int across = Math.max(IntMath.ceilDiv(columnPanels, TILE_PANELS), atLeast);
        return IntMath.ceilDiv(columnPanels, Math.min(across, columnPanels)) * NR;
    }

    /** Packs the block's rows i to end - 1 of op(A) into panels. */
    private void packA(Block block, int i, int end, float[] packed, int first) {
        int depth = block.depth;
        int ld = a.ld();
        for (int row = i; row < end; row += MR) {
            int width = Math.min(MR, end - row);
            int to = first + (row - i) * depth;
            if (a.transposed()) {
                int at = a.offset() + block.p0 * ld + block.i0 + row;
                Packing.rows(a.array(), at, ld, depth, width, packed, to, MR);
            } else {
                Packing.columns(a.array(), rowOfA(block, row), ld, depth, width, packed, to, MR);
            }
        }
    }

    /** Packs the panels of op(B) that begin with the block's column j. */
    private void packB(Block whole, int j) {
        for (int p = 0; p < whole.depth; p += KC) {
            Block block = whole.part(p);
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
    }

    /** Computes a tile of C, which begins at the block's row i and column j. */
    private void tile(Block block, int i, int j, int columns) {
        int iEnd = Math.min(block.rows, i + TILE_ROWS);
        int jEnd = Math.min(block.columns, j + columns);
        for (int p = 0; p < block.depth; p += KC) {
            tile(block.part(p), i, iEnd, j, jEnd);
        }
        if (block.p0 + block.depth == k) {
            int at = placeInC(block, i, j);
            for (int ii = i; ii < iEnd && !epilogue.isNone(); ii++) {
                epilogue.apply(c.array(), at + (ii - i) * c.ld(), jEnd - j, block.j0 + j);
            }
            epilogue.ready(block.i0 + i, iEnd - i, n, block.j0 + j, jEnd - j);
        }
    }

    /** Computes a tile for a block of k. */
    private void tile(Block block, int i, int iEnd, int j, int jEnd) {
        float[] panelsA = block.packedA;
        int at = 0;
        if (!AHEAD) {
            panelsA = Scratch.PACKED_A.floats(TILE_ROWS * block.depth);
            at = -i * block.depth;
            int packedFrom = readsRows() ? i + (iEnd - i) / MR * MR : i;
            packA(block, packedFrom, iEnd, panelsA, at + packedFrom * block.depth);
        }
        if (AHEAD || m <= FEW_ROWS) {
            for (int jj = j; jj < jEnd; jj += NR) {
                for (int ii = i; ii < iEnd; ii += MR) {
                    registers(block, panelsA, at + ii * block.depth, ii, jj);
                }
            }
        } else {
            for (int ii = i; ii < iEnd; ii += MR) {
                for (int jj = j; jj < jEnd; jj += NR) {
                    registers(block, panelsA, at + ii * block.depth, ii, jj);
                }
            }
        }
    }

    private int placeInC(Block block, int i, int j) {
        return c.offset() + (block.i0 + i) * c.ld() + block.j0 + j;
    }

    /**
     * Computes a register tile of C, which begins at the block's row i and column j, from a panel
     * of op(A), which is not looked at if rows are read where they lie. If C does not hold it in
     * full, it is done beside it, and copied.
     */
    private void registers(Block block, float[] panelA, int aAt, int i, int j) {
        int height = Math.min(MR, block.rows - i);
        int width = Math.min(NR, block.columns - j);
        int at = placeInC(block, i, j);
        if (height == MR && (width == NR || width == VL)) {
            if (!adds(block)) {
                clear(at, width);
            }
            multiply(block, panelA, aAt, i, j, c.array(), at, c.ld());
        } else {
            float[] whole = Scratch.TILE_EDGE.floats(MR * NR);
            Arrays.fill(whole, 0, MR * NR, 0f);
            multiply(block, panelA, aAt, i, j, whole, 0, NR);
            copyEdge(whole, at, height, width, adds(block));
        }
    }

    /** The same, added to what lies from an element of an array on, in rows {@code ld} apart. */
    private void multiply(
            Block block, float[] panelA, int aAt, int i, int j, float[] to, int at, int ld) {
        int depth = block.depth;
        int panel = block.at + j * depth;
        if (readsRows() && block.rows - i >= MR) {
            int row = rowOfA(block, i);
            GemmKernels.rows(depth, a.array(), row, a.ld(), block.packedB, panel, to, at, ld);
        } else {
            boolean narrow = block.columns - j <= VL;
            GemmKernels.tile(depth, panelA, aAt, block.packedB, panel, to, at, ld, narrow);
        }
    }

    private void copyEdge(float[] whole, int at, int height, int width, boolean add) {
        float[] to = c.array();
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

    private void withoutTerms() {
        for (int i = 0; i < m; i++) {
            int row = c.offset() + i * c.ld();
            if (!epilogue.adds()) {
                Arrays.fill(c.array(), row, row + n, 0f);
            }
            epilogue.apply(c.array(), row, n, 0);
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
