package io.github.cortado.backend.cpu.vector.attention;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.AttentionSpec.Places;
import io.github.cortado.backend.AttentionSpec.Sizes;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Qkv;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.attention.Tile.Pass;
import io.github.cortado.backend.cpu.vector.pointwise.ElementaryFunctions;
import io.github.cortado.backend.cpu.vector.product.Matrix;
import io.github.cortado.backend.cpu.vector.product.RightFactor;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Attention a few queries at a time: their scores of all keys that they may see are a product that
 * stays in the second-level cache, softmax goes over it, and results are a product again. Gradients
 * compute the scores once more (Dao et al., FlashAttention, arXiv 2205.14135); as a row of scores
 * is whole, its largest one needs no second guess.
 *
 * <p>A line is a thread's; of a few lines all threads share the products and the rows of each.
 */
public final class Attention {
    /** Lines that leave threads without work where each has its own. */
    private static final int FEW = 3;

    /** Scores at a time: 64 KiB, as much for what they become, and as much for gradients. */
    private static final int SCORES = 1 << 14;

    /** Fewer rows than this are few for a product. */
    private static final int FEWEST_ROWS = 16;

    private static final int MOST_ROWS = 128;

    /** With a causal mask keys behind the last query are left out: fewer rows leave out more. */
    private static final int MOST_CAUSAL_ROWS = 64;

    private static final Pass[] FORWARD = {
        Passes::scale, Passes::max, Passes::weights, Passes::sum
    };
    private static final Pass[] AGAIN = {
        Passes::scale, Passes::decline, Passes::probabilities, Passes::mean, Passes::ofSoftmax
    };

    /** {@link Backend#attention}. */
    public void attention(Qkv x, @Nullable Buffer mask, Buffer y, Buffer sums, AttentionSpec s) {
        Floats q = floats(x.q());
        Floats k = floats(x.k());
        Floats v = floats(x.v());
        Floats bias = floatsOrNull(mask);
        forLines(s, line -> forward(new Line(s, line, bias), q, k, v, floats(y), floats(sums)));
    }

    private static void forLines(AttentionSpec s, Parallel.Body body) {
        int lines = s.sizes().lines();
        if (lines > FEW) {
            Parallel.forChunks(lines, body);
        } else {
            for (int line = 0; line < lines; line++) {
                body.run(line);
            }
        }
    }

    /** A head of a sequence, and how its queries are cut into tiles. */
    private record Line(AttentionSpec s, int number, @Nullable Floats mask) {
        /** Queries of a tile. */
        int rows() {
            Sizes sizes = s.sizes();
            int most = s.causal() ? MOST_CAUSAL_ROWS : MOST_ROWS;
            int fit = Math.max(FEWEST_ROWS, SCORES / IntMath.roundUp(sizes.keys(), VL));
            int tiles = IntMath.ceilDiv(sizes.queries(), Math.min(most, fit));
            return IntMath.roundUp(IntMath.ceilDiv(sizes.queries(), tiles), 8);
        }

        int tiles() {
            return IntMath.ceilDiv(s.sizes().queries(), rows());
        }

        /** Keys of a tile, in whole blocks or all that there are. */
        int keys(int i) {
            int keys = s.sizes().keys();
            return s.causal() ? Math.min(keys, (i + 1) * rows()) : keys;
        }

        Tile tile(int i) {
            int first = i * rows();
            int rows = Math.min(rows(), s.sizes().queries() - first);
            return new Tile(s, number, first, rows, keys(i), mask);
        }

        /** Rows of a line from one on, as they lie. */
        Matrix of(Floats x, Places places, int row) {
            int at = places.of(number, s.sizes()) + row * places.row();
            return new Matrix(x.array(), x.offset() + at, places.row(), false);
        }

        /** All rows of a line as columns, the right factor of products. */
        RightFactor turned(Floats x, Places places, int width, Scratch panels) {
            int keys = s.sizes().keys();
            Matrix all = of(x, places, 0);
            Matrix turned = new Matrix(all.array(), all.offset(), all.ld(), true);
            float[] to = panels.floats(RightFactor.length(width, keys));
            return new RightFactor(turned, width, keys, to, 0);
        }

        /**
         * Rows of a line as they are, the right factors of products: all at once, or where tiles
         * see some of them, as many as a tile has rows.
         */
        RightFactor[] blocks(Floats x, Places places, int width, Scratch panels) {
            int keys = s.sizes().keys();
            int block = s.causal() ? rows() : keys;
            float[] to = panels.floats(RightFactor.length(keys, width));
            RightFactor[] blocks = new RightFactor[IntMath.ceilDiv(keys, block)];
            for (int i = 0; i < blocks.length; i++) {
                int first = i * block;
                int depth = Math.min(block, keys - first);
                int at = RightFactor.length(first, width);
                blocks[i] = new RightFactor(of(x, places, first), depth, width, to, at);
            }
            return blocks;
        }

        /** c = weights of all keys that a tile sees, times what is in blocks. */
        void times(Tile t, float[] weights, RightFactor[] blocks, Matrix c) {
            int block = s.causal() ? rows() : s.sizes().keys();
            for (int i = 0; i * block < t.keys; i++) {
                blocks[i].times(t.rows, t.from(weights, i * block), c, i > 0);
            }
        }
    }

    private static void forward(Line line, Floats q, Floats k, Floats v, Floats y, Floats sums) {
        AttentionSpec s = line.s;
        Sizes sizes = s.sizes();
        RightFactor turnedKeys = line.turned(k, s.k(), sizes.width(), Scratch.TURNED_KEYS);
        RightFactor[] values = line.blocks(v, s.v(), sizes.valueWidth(), Scratch.ATTENDED);
        for (int i = 0; i < line.tiles(); i++) {
            Tile t = line.tile(i);
            turnedKeys.times(t.rows, t.keys, t.of(q, s.q()), t.from(t.scores, 0), false);
            t.run(FORWARD);
            Matrix to = t.of(y, s.y());
            line.times(t, t.weights, values, to);
            finish(t, to, sums);
        }
    }

    /** Divides by the sums of weights, and notes these. */
    private static void finish(Tile t, Matrix y, Floats sums) {
        ElementaryFunctions.log(t.sums, 0, t.logs, 0, t.rows);
        int rows = t.s.sizes().rows();
        int width = t.s.sizes().valueWidth();
        for (int i = 0; i < t.rows; i++) {
            int at = y.offset() + i * y.ld();
            boolean isFinite = Math.abs(t.max[i]) <= Float.MAX_VALUE;
            boolean isBlind = !isFinite && t.isBlind(i);
            if (isBlind) {
                Arrays.fill(y.array(), at, at + width, 0f);
            } else {
                Passes.multiply(y.array(), at, width, 1 / t.sums[i]);
            }
            int row = sums.offset() + t.row(i);
            sums.array()[row] = isBlind ? 0f : t.max[i];
            sums.array()[row + rows] = isBlind ? Float.POSITIVE_INFINITY : t.logs[i];
        }
    }

    /** {@link Backend#attentionGrad}: a row has all that the results are a mean of. */
    public void attentionGrad(
            Qkv x, @Nullable Buffer mask, Buffer sums, Buffer dy, Qkv dx, AttentionSpec s) {
        Floats bias = floatsOrNull(mask);
        Known known = new Known(floats(sums), floats(dy));
        forLines(s, line -> gradients(new Line(s, line, bias), x, known, dx));
    }

    /** What the forward pass noted, and the gradient of its results. */
    private record Known(Floats sums, Floats dy) {
        /** Fills a tile's largest scores and logarithms. */
        void of(Tile t) {
            int at = sums.offset() + t.row(0);
            System.arraycopy(sums.array(), at, t.max, 0, t.rows);
            System.arraycopy(sums.array(), at + t.s.sizes().rows(), t.logs, 0, t.rows);
        }
    }

    private static void gradients(Line line, Qkv x, Known known, Qkv dx) {
        AttentionSpec s = line.s;
        Sizes sizes = s.sizes();
        int width = sizes.width();
        int valueWidth = sizes.valueWidth();
        Floats q = floats(x.q());
        RightFactor turnedKeys = line.turned(floats(x.k()), s.k(), width, Scratch.TURNED_KEYS);
        RightFactor[] keys = line.blocks(floats(x.k()), s.k(), width, Scratch.KEYS);
        RightFactor turnedValues = line.turned(floats(x.v()), s.v(), valueWidth, Scratch.ATTENDED);
        Matrix dk = line.of(floats(dx.k()), s.k(), 0);
        Matrix dv = line.of(floats(dx.v()), s.v(), 0);
        boolean add = line.tiles() > 1 || line.keys(0) < sizes.keys();
        if (add) {
            clear(dk, sizes.keys(), width);
            clear(dv, sizes.keys(), valueWidth);
        }
        for (int i = 0; i < line.tiles(); i++) {
            Tile t = line.tile(i);
            Matrix queries = t.of(q, s.q());
            Matrix dy = t.of(known.dy, s.y());
            known.of(t);
            turnedKeys.times(t.rows, t.keys, queries, t.from(t.scores, 0), false);
            turnedValues.times(t.rows, t.keys, dy, t.from(t.gradients, 0), false);
            t.run(AGAIN);
            line.times(t, t.gradients, keys, t.of(floats(dx.q()), s.q()));
            RightFactor.once(t.keys, valueWidth, t.rows, t.turned(t.weights), dy, dv, add);
            RightFactor.once(t.keys, width, t.rows, t.turned(t.gradients), queries, dk, add);
        }
    }

    private static void clear(Matrix x, int rows, int width) {
        for (int i = 0; i < rows; i++) {
            int at = x.offset() + i * x.ld();
            Arrays.fill(x.array(), at, at + width, 0f);
        }
    }
}
