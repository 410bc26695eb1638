package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.conv.OutputKernel.CHANNELS;

import jdk.incubator.vector.FloatVector;

/**
 * Outputs as {@link OutputKernel} computes them where registers are 16, of inputs that lie in a
 * panel: two vectors for each term, term after term.
 *
 * <p>The distance from one term to the next is a constant then, and C2 asks once before the loop,
 * not for every load, whether it is in the array. That is worth 10 to 15 % on first-level data, and
 * a third where another thread shares the core.
 */
final class PanelKernel {
    /** Floats of a term. */
    static final int WIDTH = 2 * VL;

    private PanelKernel() {}

    /**
     * Outputs [channels, {@link #WIDTH}]: y[r, p] = bias[r] + sum over q of w[q, r] x[q, p].
     *
     * @param channels from 1 to 8; rows beyond them are written or not
     * @param w packed as [terms, 8] from {@code wOff} on
     * @param x panel [terms, {@link #WIDTH}] from {@code xOff} on
     * @param y 8 rows from {@code at} on, {@code ldy} apart
     */
    static void outputs(
            int channels,
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            float[] y,
            int at,
            int ldy) {
        tile4x2(terms, w, wOff, bias, biasOff, x, xOff, y, at, ldy);
        if (channels > 4) {
            tile4x2(terms, w, wOff + 4, bias, biasOff + 4, x, xOff, y, at + 4 * ldy, ldy);
        }
    }

    private static void tile4x2(
            int terms,
            float[] w,
            int wOff,
            float[] bias,
            int biasOff,
            float[] x,
            int xOff,
            float[] y,
            int at,
            int ldy) {
        FloatVector y00 = FloatVector.broadcast(SPECIES, bias[biasOff]);
        FloatVector y01 = y00;
        FloatVector y10 = FloatVector.broadcast(SPECIES, bias[biasOff + 1]);
        FloatVector y11 = y10;
        FloatVector y20 = FloatVector.broadcast(SPECIES, bias[biasOff + 2]);
        FloatVector y21 = y20;
        FloatVector y30 = FloatVector.broadcast(SPECIES, bias[biasOff + 3]);
        FloatVector y31 = y30;
        FloatVector wr;
        // Outside of the loop, so that C2 asks there whether x is long enough, once for all steps.
        FloatVector x0 = FloatVector.fromArray(SPECIES, x, xOff);
        FloatVector x1;
        int wi = wOff;
        int end = xOff + (terms & ~1) * WIDTH;
        for (int xi = xOff; xi < end; xi += 2 * WIDTH) {
            x0 = FloatVector.fromArray(SPECIES, x, xi);
            x1 = FloatVector.fromArray(SPECIES, x, xi + VL);
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            x0 = FloatVector.fromArray(SPECIES, x, xi + WIDTH);
            x1 = FloatVector.fromArray(SPECIES, x, xi + WIDTH + VL);
            wr = FloatVector.broadcast(SPECIES, w[wi + CHANNELS]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + CHANNELS + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + CHANNELS + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + CHANNELS + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
            wi += 2 * CHANNELS;
        }
        if (terms % 2 > 0) {
            x0 = FloatVector.fromArray(SPECIES, x, end);
            x1 = FloatVector.fromArray(SPECIES, x, end + VL);
            wr = FloatVector.broadcast(SPECIES, w[wi]);
            y00 = wr.fma(x0, y00);
            y01 = wr.fma(x1, y01);
            wr = FloatVector.broadcast(SPECIES, w[wi + 1]);
            y10 = wr.fma(x0, y10);
            y11 = wr.fma(x1, y11);
            wr = FloatVector.broadcast(SPECIES, w[wi + 2]);
            y20 = wr.fma(x0, y20);
            y21 = wr.fma(x1, y21);
            wr = FloatVector.broadcast(SPECIES, w[wi + 3]);
            y30 = wr.fma(x0, y30);
            y31 = wr.fma(x1, y31);
        }
        int row = at;
        TYPE.cast(y00).intoArray(y, row);
        TYPE.cast(y01).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y10).intoArray(y, row);
        TYPE.cast(y11).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y20).intoArray(y, row);
        TYPE.cast(y21).intoArray(y, row + VL);
        row += ldy;
        TYPE.cast(y30).intoArray(y, row);
        TYPE.cast(y31).intoArray(y, row + VL);
    }
}
