package io.github.cortado.backend.cpu;

/**
 * Arrays for what a loop needs for a moment, each thread's own, kept between calls and named by
 * what they hold.
 *
 * <p>An array has whatever its last user left in it, and is valid until the same thread asks for
 * the same name again. Whoever holds one may call only what uses other names; a loop that runs
 * inside of another's chunk has no other thread's.
 */
public enum Scratch {
    /** Panels of a product's left factor. */
    PACKED_A,
    /** Panels of a product's right factor. */
    PACKED_B,
    /** A product's register tile that the result does not hold in full. */
    TILE_EDGE,
    /** The lanes of sums that are not yet added up. */
    LANE_SUMS,
    /** A convolution's weights in the order in which its tiles read them. */
    WEIGHTS,
    /** Pictures as they are laid out for loops. */
    PLANES,
    /** What a tile computes before it is copied to its place. */
    OUTPUTS,
    /** Sums of chunks that are yet to be added up. */
    PARTIALS,
    /** Values of a loop between its passes. */
    VALUES,
    /** Places beside {@link #VALUES}, as integers. */
    PLACES,
    /** Transformed tiles of gradients beside {@link #VALUES}. */
    TILES,
    /** Exponents of elementary functions. */
    EXPONENTS,
    /** Maxima of rows. */
    MAXIMA,
    /** Values near zero beside {@link #EXPONENTS}. */
    NEAR_ZERO,
    /** What a function was given, while its results are written where that was. */
    OPERANDS,
    /** Its second operands. */
    SECOND_OPERANDS,
    /** Places of a formula. */
    FORMULA,
    /** A row between the passes of softmax. */
    ROW,
    /** Rows that are half on their way to columns. */
    HALF_TURNED,
    /** What lines are multiplied by. */
    FACTORS,
    /** Lines of one array, copied side by side. */
    LINES,
    /** Lines of another. */
    MORE_LINES,
    /** What becomes of lines, before it is copied to its place. */
    RESULTS,
    /** Panels of an attention's keys, turned. */
    TURNED_KEYS,
    /** Panels of its keys as they are. */
    KEYS,
    /** Panels of its values. */
    ATTENDED,
    /** Scores of some queries. */
    SCORES,
    /** Gradients of {@link #SCORES}. */
    SCORE_GRADIENTS,
    /** What softmax makes of all lines, where nobody asks for it. */
    PROBABILITIES,
    /** Sums of lines. */
    SUMS,
    /** What rounding took from {@link #SUMS}. */
    LOST;

    /** Longest array that is kept between calls, in elements; a longer one is collected. */
    public static final int MAX_KEPT = 1 << 23;

    private static final int COUNT = values().length;
    private static final ThreadLocal<float[][]> FLOATS =
            ThreadLocal.withInitial(() -> new float[COUNT][0]);
    private static final ThreadLocal<int[][]> INTS =
            ThreadLocal.withInitial(() -> new int[COUNT][0]);

    private final int slot = ordinal();

    /** An array of at least {@code length} floats. */
    public float[] floats(int length) {
        float[][] slots = FLOATS.get();
        if (slots[slot].length >= length) {
            return slots[slot];
        }
        float[] grown = new float[grown(length)];
        if (grown.length <= MAX_KEPT) {
            slots[slot] = grown;
        }
        return grown;
    }

    /** An array of at least {@code length} ints. */
    public int[] ints(int length) {
        int[][] slots = INTS.get();
        if (slots[slot].length >= length) {
            return slots[slot];
        }
        int[] grown = new int[grown(length)];
        if (grown.length <= MAX_KEPT) {
            slots[slot] = grown;
        }
        return grown;
    }

    private static int grown(int length) {
        return Math.max(length, (int) Math.min(2L * length, MAX_KEPT));
    }
}
