package io.github.cortado.backend.cpu.vector.norm;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.reduce.RowSums;
import java.util.Arrays;

/**
 * The gradients of a layer normalisation. Where each element of a row has its weight, those of w
 * and b are added up for blocks of rows, and those of the blocks afterwards; of channels each row
 * has one sum, and those are added up.
 *
 * @param w of each element of the rows that have weights of their own, or of each channel
 */
record LayerGradient(Floats x, Floats dy, Floats w, Floats mean, Floats inv, LayerNormSpec s) {
    /** Rows whose gradients of w and b are added up as a block: how many blocks at least. */
    private static final int BLOCKS = 64;

    private static final int MOST_ROWS = 256;

    /** Of weights that belong to elements. */
    void ofElements(Floats dx, Floats dw, Floats db) {
        int n = s.n();
        int block =
                Math.max(
                        Math.max(1, Parallel.RANGE / Math.max(1, n)),
                        Math.min(MOST_ROWS, IntMath.ceilDiv(s.rows(), BLOCKS)));
        int blocks = IntMath.ceilDiv(s.rows(), block);
        int all = 2 * s.groups() * n;
        Floats parts = new Floats(Scratch.OUTPUTS.floats((blocks + 1) * all));
        Parallel.forChunks(
                blocks,
                i -> {
                    int first = i * block;
                    int end = Math.min(s.rows(), first + block);
                    block(first, end, dx, parts.slice(i * all, all));
                });
        Floats sums = parts.slice(blocks * all, all);
        new RowSums(new Axis(1, blocks, all)).run(parts, sums);
        for (int g = 0; g < s.groups(); g++) {
            int to = g * s.weightsOfARow();
            joined(sums, 2 * g * n, dw, to);
            joined(sums, (2 * g + 1) * n, db, to);
        }
    }

    /** Gradients of some rows, and for each group the sums of dy h and of dy over them. */
    private void block(int first, int end, Floats dx, Floats parts) {
        int n = s.n();
        float[] factors = new float[4];
        Arrays.fill(parts.array(), parts.offset(), parts.offset() + parts.length(), 0f);
        for (int row = first; row < end; row++) {
            int group = row % s.groups();
            Floats weights = s.groups() == 1 ? w : w.slice(group * n, n);
            Floats sums = s.groups() == 1 ? parts : parts.slice(2 * group * n, 2 * n);
            factors[0] = (float) mean.get(row);
            factors[1] = (float) inv.get(row);
            means(row, weights, factors);
            LayerRows.gradients(x, dy, weights, dx, row, factors, sums);
        }
    }

    /** The means of g and of g h over a row, into the last two factors. */
    private void means(int row, Floats weights, float[] factors) {
        int n = s.n();
        double sum = 0;
        double dot = 0;
        float[] run = new float[2];
        for (int i = 0; i < n; i += LayerNormalisation.RUN) {
            int length = Math.min(LayerNormalisation.RUN, n - i);
            LayerRows.sums(x, dy, weights, row * n + i, length, factors, run);
            sum += run[0];
            dot += run[1];
        }
        factors[2] = s.centred() ? (float) (sum / n) : 0;
        factors[3] = (float) (dot / n);
    }

    /** The sums of a row's elements as those of its weights. */
    private void joined(Floats sums, int from, Floats to, int at) {
        float[] a = sums.array();
        int start = sums.offset() + from;
        if (s.inner() == 1) {
            System.arraycopy(a, start, to.array(), to.offset() + at, s.n());
            return;
        }
        for (int k = 0; k < s.weightsOfARow(); k++) {
            double sum = 0;
            for (int i = k * s.inner(); i < (k + 1) * s.inner(); i++) {
                sum += a[start + i];
            }
            to.set(at + k, sum);
        }
    }

    /** Of weights that belong to channels. */
    void ofChannels(Floats dx, Floats dw, Floats db) {
        int channels = s.weightsOfARow();
        int half = s.rows() * channels;
        Floats sums = new Floats(Scratch.OUTPUTS.floats(2 * half));
        Parallel.forItems(
                s.rows(),
                s.n(),
                Parallel.RANGE,
                row -> {
                    float[] factors = {(float) mean.get(row), (float) inv.get(row), 0, 0};
                    channelMeans(row, factors, sums, half);
                    ChannelRows.gradients(x, dy, w, dx, row, factors, s);
                });
        Axis pictures = new Axis(1, s.rows() / s.groups(), s.weights());
        new RowSums(pictures).run(sums.slice(0, half), dw);
        new RowSums(pictures).run(sums.slice(half, half), db);
    }

    /**
     * The means of g and of g h over a row, into the last two factors, and the sums of dy h and of
     * dy over each of its channels.
     */
    private void channelMeans(int row, float[] factors, Floats sums, int half) {
        int channels = s.weightsOfARow();
        double sum = 0;
        double dot = 0;
        float[] run = new float[2];
        for (int k = 0; k < channels; k++) {
            double ofDy = 0;
            double ofDyH = 0;
            for (int i = 0; i < s.inner(); i += LayerNormalisation.RUN) {
                int length = Math.min(LayerNormalisation.RUN, s.inner() - i);
                int first = row * s.n() + k * s.inner() + i;
                ChannelRows.sums(x, dy, first, length, factors, run);
                ofDy += run[0];
                ofDyH += run[1];
            }
            sums.set(row * channels + k, ofDyH);
            sums.set(half + row * channels + k, ofDy);
            double weight = w.get(s.firstWeight(row) + k);
            sum += weight * ofDy;
            dot += weight * ofDyH;
        }
        factors[2] = s.centred() ? (float) (sum / s.n()) : 0;
        factors[3] = (float) (dot / s.n());
    }
}
