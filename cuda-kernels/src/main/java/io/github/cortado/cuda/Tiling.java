package io.github.cortado.cuda;

/**
 * How a matrix product is spread over a GPU: tiles of so many rows and columns, and, where there
 * are few of them, shares of k. It depends on the sizes and on the number of multiprocessors alone,
 * so that the same GPU always adds in the same order.
 *
 * @param tile columns of a tile
 * @param across tiles side by side
 * @param down tiles below each other
 * @param splits shares of k
 * @param partialLength floats that the shares need, 0 where there is one
 */
record Tiling(int tile, int across, int down, int splits, int partialLength) {
    /** Steps of k that a share should have at least: below that, adding shares costs more. */
    private static final int LEAST_STEPS = 8;

    /** Blocks at which a multiprocessor is busy. */
    private static final int BLOCKS = 2;

    /** Steps of k of tiles on tensor cores. */
    static final int TF32_STEP = 16;

    private static final int MOST_SPLITS = 64;
    private static final int MOST_PARTIAL = 16 << 20;

    /** A batch of m x n products along k: large tiles where they fill the GPU. */
    static Tiling ofProduct(int m, int n, int k, int batch, boolean tf32, Gpu gpu) {
        long large = (long) tiles(m, 128) * tiles(n, 128) * batch;
        if (large >= gpu.properties().multiprocessors()) {
            return of(128, 128, tf32 ? TF32_STEP : 8, m, n, k, batch, gpu);
        }
        return of(64, 64, 16, m, n, k, batch, gpu);
    }

    /** Tiles of rows x columns for a product along k in steps of that many. */
    static Tiling of(int rows, int columns, int step, int m, int n, int k, int batch, Gpu gpu) {
        int across = tiles(n, columns);
        int down = tiles(m, rows);
        long tiles = (long) across * down * batch;
        long wanted = (long) BLOCKS * gpu.properties().multiprocessors() / Math.max(tiles, 1);
        long room = MOST_PARTIAL / (tiles * rows * columns);
        long splits = Math.min(Math.min(wanted, k / (step * LEAST_STEPS)), room);
        splits = Math.max(1, Math.min(splits, MOST_SPLITS));
        // Every tile that is shared has a counter.
        if (tiles > gpu.arrived().length()) {
            splits = 1;
        }
        int partial = splits == 1 ? 0 : Math.toIntExact(tiles * splits * rows * columns);
        return new Tiling(columns, across, down, (int) splits, partial);
    }

    private static int tiles(int n, int size) {
        return (n + size - 1) / size;
    }
}
