package io.github.cortado.backend.cpu.vector.attention;

import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Lanes;
import io.github.cortado.backend.cpu.vector.product.Matrix;
import org.jspecify.annotations.Nullable;

/**
 * Some queries of a line with their scores of the keys that they may see, and what becomes of
 * these. A row of scores has whole vectors; its last lanes stand for no key.
 */
final class Tile {
    /**
     * A loop over some rows. They are called through a list, as the steps of softmax are, so that
     * C2 compiles each by itself.
     */
    @FunctionalInterface
    interface Pass {
        /** Does rows {@code from} to below {@code to}. */
        void run(Tile t, int from, int to);
    }

    private static final int ROWS_OF_A_CHUNK = 32;
    private static final float[] NO_MASK = {};

    final AttentionSpec s;
    final int line;

    /** Number of its first query. */
    final int first;

    final int rows;

    /** How many keys have scores: all that its queries see are among them. */
    final int keys;

    /** Elements from one row of scores to the next. */
    final int ld;

    final float[] scores;

    /** Probabilities, once they are made of the scores. */
    final float[] weights;

    /** Gradients of probabilities, and then of products of queries and keys. */
    final float[] gradients;

    /** Of each row the largest score. */
    final float[] max;

    /** Of each row the sum of its weights, or the mean of gradients by them. */
    final float[] sums;

    /** Of each row the logarithm of its sum. */
    final float[] logs;

    private final float[] mask;
    private final int maskOffset;

    Tile(AttentionSpec s, int line, int first, int rows, int keys, @Nullable Floats mask) {
        this.s = s;
        this.line = line;
        this.first = first;
        this.rows = rows;
        this.keys = keys;
        ld = IntMath.roundUp(keys, Lanes.VL);
        scores = Scratch.SCORES.floats(rows * ld);
        weights = Scratch.PROBABILITIES.floats(rows * ld);
        gradients = Scratch.SCORE_GRADIENTS.floats(rows * ld);
        int whole = IntMath.roundUp(rows, Lanes.VL);
        max = Scratch.MAXIMA.floats(whole);
        sums = Scratch.SUMS.floats(whole);
        logs = Scratch.FACTORS.floats(whole);
        this.mask = mask == null ? NO_MASK : mask.array();
        maskOffset = mask == null ? 0 : mask.offset();
    }

    /** Does all rows, one pass after the other. */
    void run(Pass[] passes) {
        Parallel.forChunks(
                IntMath.ceilDiv(rows, ROWS_OF_A_CHUNK),
                chunk -> {
                    int from = chunk * ROWS_OF_A_CHUNK;
                    for (Pass pass : passes) {
                        pass.run(this, from, Math.min(rows, from + ROWS_OF_A_CHUNK));
                    }
                });
    }

    /** How many keys a row's query sees. */
    int seen(int row) {
        return s.seen(first + row);
    }

    /** Its rows of what lies like that, [rows, ...]. */
    Matrix of(Floats x, Places places) {
        int at = places.of(line, s.sizes()) + first * places.row();
        return new Matrix(x.array(), x.offset() + at, places.row(), false);
    }

    /** Scores, or what is made of them, from a column on. */
    Matrix from(float[] all, int column) {
        return new Matrix(all, column, ld, false);
    }

    /** The same, turned: a row for each key. */
    Matrix turned(float[] all) {
        return new Matrix(all, 0, ld, true);
    }

    /** Where the numbers of a row in {@code sums} begin. */
    int row(int row) {
        return line * s.sizes().queries() + first + row;
    }

    /** Numbers that are added to scores; none where {@link #maskColumn} is 0. */
    float[] mask() {
        return mask;
    }

    /** Distance of a row's numbers; 0 for one number for all, {@link #maskOfAll}. */
    int maskColumn() {
        Places m = s.mask();
        return m == null ? 0 : m.column();
    }

    /** Where the numbers of a row begin. */
    int maskAt(int row) {
        Places m = s.mask();
        return m == null ? 0 : maskOffset + m.of(line, s.sizes()) + (first + row) * m.row();
    }

    /** What is added to all scores of a row that has no mask of its own. */
    float maskOfAll(int row) {
        return mask.length == 0 || maskColumn() != 0 ? 0f : mask[maskAt(row)];
    }

    /** Whether a mask hides all keys from a row's query. */
    boolean isBlind(int row) {
        if (mask.length == 0) {
            return false;
        }
        for (int j = 0; j < seen(row); j++) {
            if (mask[maskAt(row) + j * maskColumn()] != Float.NEGATIVE_INFINITY) {
                return false;
            }
        }
        return true;
    }
}
