package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;
import static io.github.cortado.backend.cpu.vector.Orders.UPPER;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link WinogradForm}s with stride 2, U = G g G^T, V = B^T d B and Y = A^T (U V)
 * A, with, of each side,
 *
 * <pre>
 *   G g = (g0, g0 + g2, g2, g1, g1)
 *
 *   B^T d = (d0 - d2, d2, d2 - d4, d1, d3)           forward
 *   A^T m = (m0 + m1 + m3, m1 - m2 + m4)
 *
 *   B^T d = (d0 - d1, d1, d1 - d2, d0, d1)           the gradient of the input, g turned round
 *   A^T m = (m3, m0 + m1, m4, m1 - m2)
 * </pre>
 *
 * <p>Every line of these is one or two rows, and another one times 1, -1 or 0.
 */
final class WinogradStrided {
    /** A row, another one, and what that is multiplied by. */
    private record Row(int first, int second, float factor) {}

    private static final Row[] STRIDED_INPUT = {
        new Row(0, 2, -1), new Row(2, 2, 0), new Row(2, 4, -1), new Row(1, 1, 0), new Row(3, 3, 0)
    };
    private static final Row[] SPREAD_INPUT = {
        new Row(0, 1, -1), new Row(1, 1, 0), new Row(1, 2, -1), new Row(0, 0, 0), new Row(1, 1, 0)
    };

    /** To which row 1 is added. */
    private static final Row[] STRIDED_OUTPUT = {new Row(3, 0, 1), new Row(4, 2, -1)};

    private static final Row[] SPREAD_OUTPUT = {
        new Row(3, 3, 0), new Row(0, 1, 1), new Row(4, 4, 0), new Row(1, 2, -1)
    };

    private WinogradStrided() {}

    /** U of kernels, as {@link WinogradTransforms#weights}: the 4 x 4 that differ. */
    static void weights(int length, float[] g, int gOff, int ldg, float[] u, int uOff, int ldu) {
        int last = gOff + 6 * ldg;
        weightRow(length, g, gOff, gOff, 0f, ldg, u, uOff, ldu);
        weightRow(length, g, gOff, last, 1f, ldg, u, uOff + 4 * ldu, ldu);
        weightRow(length, g, last, last, 0f, ldg, u, uOff + 8 * ldu, ldu);
        weightRow(length, g, gOff + 3 * ldg, last, 0f, ldg, u, uOff + 12 * ldu, ldu);
    }

    private static void weightRow(
            int length,
            float[] g,
            int first,
            int second,
            float factor,
            int ldg,
            float[] u,
            int uOff,
            int ldu) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < length; i += VL) {
            int a = first + i;
            int b = second + i;
            FloatVector g0 = FloatVector.fromArray(SPECIES, g, a);
            FloatVector g1 = FloatVector.fromArray(SPECIES, g, a + ldg);
            FloatVector g2 = FloatVector.fromArray(SPECIES, g, a + 2 * ldg);
            g0 = FloatVector.fromArray(SPECIES, g, b).fma(f, g0);
            g1 = FloatVector.fromArray(SPECIES, g, b + ldg).fma(f, g1);
            g2 = FloatVector.fromArray(SPECIES, g, b + 2 * ldg).fma(f, g2);
            int to = uOff + i;
            TYPE.cast(g0).intoArray(u, to);
            TYPE.cast(g0.add(g2)).intoArray(u, to + ldu);
            TYPE.cast(g2).intoArray(u, to + 2 * ldu);
            TYPE.cast(g1).intoArray(u, to + 3 * ldu);
        }
    }

    /**
     * V of {@code tiles} tiles of a channel, and of some beyond.
     *
     * @param d as {@link WinogradElements} lays it out, {@code ldd} apart
     * @param v product by product, {@code ldv} apart
     */
    static void input(
            WinogradForm form,
            int tiles,
            float[] d,
            int dOff,
            int ldd,
            float[] v,
            int vOff,
            int ldv) {
        boolean strided = form == WinogradForm.STRIDED;
        int side = form.side;
        for (int e = 0; e < side; e++) {
            Row row = strided ? STRIDED_INPUT[e] : SPREAD_INPUT[e];
            int first = dOff + row.first * form.reads * ldd;
            int second = dOff + row.second * form.reads * ldd;
            int to = vOff + e * side * ldv;
            if (strided) {
                stridedInput(tiles, d, first, second, row.factor, ldd, v, to, ldv);
            } else {
                spreadInput(tiles, d, first, second, row.factor, ldd, v, to, ldv);
            }
        }
    }

    private static void stridedInput(
            int tiles,
            float[] d,
            int first,
            int second,
            float factor,
            int ldd,
            float[] v,
            int vOff,
            int ldv) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < tiles; i += VL) {
            int a = first + i;
            int b = second + i;
            FloatVector d0 = FloatVector.fromArray(SPECIES, d, a);
            FloatVector d1 = FloatVector.fromArray(SPECIES, d, a + ldd);
            FloatVector d2 = FloatVector.fromArray(SPECIES, d, a + 2 * ldd);
            FloatVector d3 = FloatVector.fromArray(SPECIES, d, a + 3 * ldd);
            FloatVector d4 = FloatVector.fromArray(SPECIES, d, a + 4 * ldd);
            d0 = FloatVector.fromArray(SPECIES, d, b).fma(f, d0);
            d1 = FloatVector.fromArray(SPECIES, d, b + ldd).fma(f, d1);
            d2 = FloatVector.fromArray(SPECIES, d, b + 2 * ldd).fma(f, d2);
            d3 = FloatVector.fromArray(SPECIES, d, b + 3 * ldd).fma(f, d3);
            d4 = FloatVector.fromArray(SPECIES, d, b + 4 * ldd).fma(f, d4);
            int to = vOff + i;
            TYPE.cast(d0.sub(d2)).intoArray(v, to);
            TYPE.cast(d2).intoArray(v, to + ldv);
            TYPE.cast(d2.sub(d4)).intoArray(v, to + 2 * ldv);
            TYPE.cast(d1).intoArray(v, to + 3 * ldv);
            TYPE.cast(d3).intoArray(v, to + 4 * ldv);
        }
    }

    private static void spreadInput(
            int tiles,
            float[] d,
            int first,
            int second,
            float factor,
            int ldd,
            float[] v,
            int vOff,
            int ldv) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        for (int i = 0; i < tiles; i += VL) {
            int a = first + i;
            int b = second + i;
            FloatVector d0 = FloatVector.fromArray(SPECIES, d, a);
            FloatVector d1 = FloatVector.fromArray(SPECIES, d, a + ldd);
            FloatVector d2 = FloatVector.fromArray(SPECIES, d, a + 2 * ldd);
            d0 = FloatVector.fromArray(SPECIES, d, b).fma(f, d0);
            d1 = FloatVector.fromArray(SPECIES, d, b + ldd).fma(f, d1);
            d2 = FloatVector.fromArray(SPECIES, d, b + 2 * ldd).fma(f, d2);
            int to = vOff + i;
            TYPE.cast(d0.sub(d1)).intoArray(v, to);
            TYPE.cast(d1).intoArray(v, to + ldv);
            TYPE.cast(d1.sub(d2)).intoArray(v, to + 2 * ldv);
            TYPE.cast(d0).intoArray(v, to + 3 * ldv);
            TYPE.cast(d1).intoArray(v, to + 4 * ldv);
        }
    }

    /**
     * Y + bias, as {@link WinogradTransforms#outputs}.
     *
     * @param y first a vector to which 0 times each output is added, then each row of the tiles'
     *     outputs, {@code ldy} apart
     */
    static void outputs(
            WinogradForm form,
            int tiles,
            float[] m,
            int mOff,
            int ldm,
            float bias,
            boolean relu,
            float[] y,
            int ldy) {
        int ofRow = form.side * ldm;
        for (int r = 0; r < form.writes; r++) {
            int to = VL + r * ldy;
            if (form == WinogradForm.STRIDED) {
                Row row = STRIDED_OUTPUT[r];
                int a = mOff + row.first * ofRow;
                int b = mOff + row.second * ofRow;
                float least = relu ? 0f : Float.NEGATIVE_INFINITY;
                stridedOutputs(tiles, m, mOff + ofRow, a, b, row.factor, ldm, bias, least, y, to);
            } else {
                Row row = SPREAD_OUTPUT[r];
                int a = mOff + row.first * ofRow;
                int b = mOff + row.second * ofRow;
                spreadOutputs(tiles, m, a, b, row.factor, ldm, y, to);
            }
        }
    }

    private static void stridedOutputs(
            int tiles,
            float[] m,
            int one,
            int first,
            int second,
            float factor,
            int ldm,
            float bias,
            float least,
            float[] y,
            int yOff) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector check = FloatVector.fromArray(SPECIES, y, 0);
        for (int i = 0; i < tiles; i += VL) {
            int c = one + i;
            int a = first + i;
            int b = second + i;
            FloatVector m0 = FloatVector.fromArray(SPECIES, m, c);
            FloatVector m1 = FloatVector.fromArray(SPECIES, m, c + ldm);
            FloatVector m2 = FloatVector.fromArray(SPECIES, m, c + 2 * ldm);
            FloatVector m3 = FloatVector.fromArray(SPECIES, m, c + 3 * ldm);
            FloatVector m4 = FloatVector.fromArray(SPECIES, m, c + 4 * ldm);
            m0 = m0.add(FloatVector.fromArray(SPECIES, m, a));
            m1 = m1.add(FloatVector.fromArray(SPECIES, m, a + ldm));
            m2 = m2.add(FloatVector.fromArray(SPECIES, m, a + 2 * ldm));
            m3 = m3.add(FloatVector.fromArray(SPECIES, m, a + 3 * ldm));
            m4 = m4.add(FloatVector.fromArray(SPECIES, m, a + 4 * ldm));
            m0 = FloatVector.fromArray(SPECIES, m, b).fma(f, m0);
            m1 = FloatVector.fromArray(SPECIES, m, b + ldm).fma(f, m1);
            m2 = FloatVector.fromArray(SPECIES, m, b + 2 * ldm).fma(f, m2);
            m3 = FloatVector.fromArray(SPECIES, m, b + 3 * ldm).fma(f, m3);
            m4 = FloatVector.fromArray(SPECIES, m, b + 4 * ldm).fma(f, m4);
            FloatVector y0 = m0.add(m1).add(m3).add(bias);
            FloatVector y1 = m1.sub(m2).add(m4).add(bias);
            check = y0.fma(zero, y1.fma(zero, check));
            y0 = y0.max(least);
            y1 = y1.max(least);
            int to = yOff + 2 * i;
            TYPE.cast(y0.rearrange(LOWER).blend(y1.rearrange(LOWER), ODD)).intoArray(y, to);
            TYPE.cast(y0.rearrange(UPPER).blend(y1.rearrange(UPPER), ODD)).intoArray(y, to + VL);
        }
        TYPE.cast(check).intoArray(y, 0);
    }

    private static void spreadOutputs(
            int tiles,
            float[] m,
            int first,
            int second,
            float factor,
            int ldm,
            float[] y,
            int yOff) {
        FloatVector f = FloatVector.broadcast(SPECIES, factor);
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector check = FloatVector.fromArray(SPECIES, y, 0);
        for (int i = 0; i < tiles; i += VL) {
            int a = first + i;
            int b = second + i;
            FloatVector m0 = FloatVector.fromArray(SPECIES, m, a);
            FloatVector m1 = FloatVector.fromArray(SPECIES, m, a + ldm);
            FloatVector m2 = FloatVector.fromArray(SPECIES, m, a + 2 * ldm);
            FloatVector y0 = FloatVector.fromArray(SPECIES, m, a + 3 * ldm);
            FloatVector y2 = FloatVector.fromArray(SPECIES, m, a + 4 * ldm);
            m0 = FloatVector.fromArray(SPECIES, m, b).fma(f, m0);
            m1 = FloatVector.fromArray(SPECIES, m, b + ldm).fma(f, m1);
            m2 = FloatVector.fromArray(SPECIES, m, b + 2 * ldm).fma(f, m2);
            y0 = FloatVector.fromArray(SPECIES, m, b + 3 * ldm).fma(f, y0);
            y2 = FloatVector.fromArray(SPECIES, m, b + 4 * ldm).fma(f, y2);
            FloatVector y1 = m0.add(m1);
            FloatVector y3 = m1.sub(m2);
            check = y0.fma(zero, y1.fma(zero, check));
            check = y2.fma(zero, y3.fma(zero, check));
            FloatVector even = y0.rearrange(LOWER).blend(y2.rearrange(LOWER), ODD);
            FloatVector odd = y1.rearrange(LOWER).blend(y3.rearrange(LOWER), ODD);
            int to = yOff + 4 * i;
            TYPE.cast(even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD)).intoArray(y, to);
            TYPE.cast(even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD)).intoArray(y, to + VL);
            even = y0.rearrange(UPPER).blend(y2.rearrange(UPPER), ODD);
            odd = y1.rearrange(UPPER).blend(y3.rearrange(UPPER), ODD);
            TYPE.cast(even.rearrange(LOWER).blend(odd.rearrange(LOWER), ODD))
                    .intoArray(y, to + 2 * VL);
            TYPE.cast(even.rearrange(UPPER).blend(odd.rearrange(UPPER), ODD))
                    .intoArray(y, to + 3 * VL);
        }
        TYPE.cast(check).intoArray(y, 0);
    }
}
