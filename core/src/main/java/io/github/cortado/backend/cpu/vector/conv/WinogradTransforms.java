package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;
import static io.github.cortado.backend.cpu.vector.Orders.LOWER;
import static io.github.cortado.backend.cpu.vector.Orders.ODD;
import static io.github.cortado.backend.cpu.vector.Orders.UPPER;

import jdk.incubator.vector.FloatVector;

/**
 * The transforms of {@link Winograd}, a vector of tiles or weights at a time: of weights, U = G g
 * G^T, of inputs, V = B^T d B, and back, Y = A^T M A, where
 *
 * <pre>
 * B^T = 1  0 -1  0    G = 1    0    0      A^T = 1 1  1  0
 *       0  1  1  0        1/2  1/2  1/2          0 1 -1 -1
 *       0 -1  1  0        1/2 -1/2  1/2
 *       0  1  0 -1        0    0    1
 * </pre>
 *
 * <p>An output reads nothing that the definition does not: rows 0 to 2 of V hold rows 0 to 2 of d,
 * and rows 1 to 3 of V rows 1 to 3.
 */
final class WinogradTransforms {
    private WinogradTransforms() {}

    /**
     * U of {@code length} kernels, and of some beyond.
     *
     * @param g tap by tap, {@code ldg} apart
     * @param u product by product, {@code ldu} apart
     */
    static void weights(int length, float[] g, int gOff, int ldg, float[] u, int uOff, int ldu) {
        for (int i = 0; i < length; i += VL) {
            int from = gOff + i;
            int to = uOff + i;
            FloatVector g00 = FloatVector.fromArray(SPECIES, g, from);
            FloatVector g01 = FloatVector.fromArray(SPECIES, g, from + ldg);
            FloatVector g02 = FloatVector.fromArray(SPECIES, g, from + 2 * ldg);
            FloatVector g20 = FloatVector.fromArray(SPECIES, g, from + 6 * ldg);
            FloatVector g21 = FloatVector.fromArray(SPECIES, g, from + 7 * ldg);
            FloatVector g22 = FloatVector.fromArray(SPECIES, g, from + 8 * ldg);
            FloatVector h0 = FloatVector.fromArray(SPECIES, g, from + 3 * ldg).mul(0.5f);
            FloatVector h1 = FloatVector.fromArray(SPECIES, g, from + 4 * ldg).mul(0.5f);
            FloatVector h2 = FloatVector.fromArray(SPECIES, g, from + 5 * ldg).mul(0.5f);
            FloatVector s0 = g00.add(g20).mul(0.5f);
            FloatVector s1 = g01.add(g21).mul(0.5f);
            FloatVector s2 = g02.add(g22).mul(0.5f);
            FloatVector even;
            FloatVector odd;
            even = g00.add(g02).mul(0.5f);
            odd = g01.mul(0.5f);
            g00.intoArray(u, to);
            TYPE.cast(even.add(odd)).intoArray(u, to + ldu);
            TYPE.cast(even.sub(odd)).intoArray(u, to + 2 * ldu);
            g02.intoArray(u, to + 3 * ldu);
            FloatVector t0 = s0.add(h0);
            FloatVector t2 = s2.add(h2);
            even = t0.add(t2).mul(0.5f);
            odd = s1.add(h1).mul(0.5f);
            TYPE.cast(t0).intoArray(u, to + 4 * ldu);
            TYPE.cast(even.add(odd)).intoArray(u, to + 5 * ldu);
            TYPE.cast(even.sub(odd)).intoArray(u, to + 6 * ldu);
            TYPE.cast(t2).intoArray(u, to + 7 * ldu);
            t0 = s0.sub(h0);
            t2 = s2.sub(h2);
            even = t0.add(t2).mul(0.5f);
            odd = s1.sub(h1).mul(0.5f);
            TYPE.cast(t0).intoArray(u, to + 8 * ldu);
            TYPE.cast(even.add(odd)).intoArray(u, to + 9 * ldu);
            TYPE.cast(even.sub(odd)).intoArray(u, to + 10 * ldu);
            TYPE.cast(t2).intoArray(u, to + 11 * ldu);
            even = g20.add(g22).mul(0.5f);
            odd = g21.mul(0.5f);
            g20.intoArray(u, to + 12 * ldu);
            TYPE.cast(even.add(odd)).intoArray(u, to + 13 * ldu);
            TYPE.cast(even.sub(odd)).intoArray(u, to + 14 * ldu);
            g22.intoArray(u, to + 15 * ldu);
        }
    }

    /**
     * V of {@code rows} rows of tiles of a channel; up to a vector beyond is overwritten, with 0 up
     * to the end of the last whole one.
     *
     * @param d laid out by {@code tiles}
     * @param v product by product, {@code ldv} apart
     */
    static void input(
            WinogradTiles tiles, int rows, float[] d, int dOff, float[] v, int vOff, int ldv) {
        int columns = tiles.tileColumns();
        int phase = tiles.phase();
        for (int row = 0; row < rows; row++) {
            for (int j = 0; j < columns; j += VL) {
                int at = dOff + 4 * row * phase + j;
                int to = vOff + row * columns + j;
                input(d, at, 2 * phase, phase, 1, v, to, ldv);
            }
        }
        if (rows * columns % VL > 0) {
            FloatVector zero = FloatVector.zero(SPECIES);
            for (int e = 0; e < Winograd.PRODUCTS; e++) {
                zero.intoArray(v, vOff + rows * columns + e * ldv);
            }
        }
    }

    /** The same of tiles whose elements lie {@code ldd} apart, as {@link WinogradElements} does. */
    static void input(int tiles, float[] d, int dOff, int ldd, float[] v, int vOff, int ldv) {
        for (int i = 0; i < tiles; i += VL) {
            input(d, dOff + i, 4 * ldd, ldd, 2 * ldd, v, vOff + i, ldv);
        }
    }

    /**
     * V of as many tiles or channels as a vector has lanes.
     *
     * @param row from one row of a tile to the next
     * @param column from column 0 to 1, and from 2 to 3
     * @param two from column 0 to 2, and from 1 to 3
     */
    static void input(float[] d, int at, int row, int column, int two, float[] v, int to, int ldv) {
        int from1 = at + row;
        int from2 = at + 2 * row;
        int from3 = at + 3 * row;
        int three = column + two;
        FloatVector d10 = FloatVector.fromArray(SPECIES, d, from1);
        FloatVector d11 = FloatVector.fromArray(SPECIES, d, from1 + column);
        FloatVector d12 = FloatVector.fromArray(SPECIES, d, from1 + two);
        FloatVector d13 = FloatVector.fromArray(SPECIES, d, from1 + three);
        FloatVector d20 = FloatVector.fromArray(SPECIES, d, from2);
        FloatVector d21 = FloatVector.fromArray(SPECIES, d, from2 + column);
        FloatVector d22 = FloatVector.fromArray(SPECIES, d, from2 + two);
        FloatVector d23 = FloatVector.fromArray(SPECIES, d, from2 + three);
        FloatVector t0 = FloatVector.fromArray(SPECIES, d, at).sub(d20);
        FloatVector t1 = FloatVector.fromArray(SPECIES, d, at + column).sub(d21);
        FloatVector t2 = FloatVector.fromArray(SPECIES, d, at + two).sub(d22);
        FloatVector t3 = FloatVector.fromArray(SPECIES, d, at + three).sub(d23);
        TYPE.cast(t0.sub(t2)).intoArray(v, to);
        TYPE.cast(t1.add(t2)).intoArray(v, to + ldv);
        TYPE.cast(t2.sub(t1)).intoArray(v, to + 2 * ldv);
        TYPE.cast(t1.sub(t3)).intoArray(v, to + 3 * ldv);
        t0 = d10.add(d20);
        t1 = d11.add(d21);
        t2 = d12.add(d22);
        t3 = d13.add(d23);
        TYPE.cast(t0.sub(t2)).intoArray(v, to + 4 * ldv);
        TYPE.cast(t1.add(t2)).intoArray(v, to + 5 * ldv);
        TYPE.cast(t2.sub(t1)).intoArray(v, to + 6 * ldv);
        TYPE.cast(t1.sub(t3)).intoArray(v, to + 7 * ldv);
        t0 = d20.sub(d10);
        t1 = d21.sub(d11);
        t2 = d22.sub(d12);
        t3 = d23.sub(d13);
        TYPE.cast(t0.sub(t2)).intoArray(v, to + 8 * ldv);
        TYPE.cast(t1.add(t2)).intoArray(v, to + 9 * ldv);
        TYPE.cast(t2.sub(t1)).intoArray(v, to + 10 * ldv);
        TYPE.cast(t1.sub(t3)).intoArray(v, to + 11 * ldv);
        t0 = d10.sub(FloatVector.fromArray(SPECIES, d, from3));
        t1 = d11.sub(FloatVector.fromArray(SPECIES, d, from3 + column));
        t2 = d12.sub(FloatVector.fromArray(SPECIES, d, from3 + two));
        t3 = d13.sub(FloatVector.fromArray(SPECIES, d, from3 + three));
        TYPE.cast(t0.sub(t2)).intoArray(v, to + 12 * ldv);
        TYPE.cast(t1.add(t2)).intoArray(v, to + 13 * ldv);
        TYPE.cast(t2.sub(t1)).intoArray(v, to + 14 * ldv);
        TYPE.cast(t1.sub(t3)).intoArray(v, to + 15 * ldv);
    }

    /**
     * Y + bias of {@code tiles} tiles, and of some beyond, or the larger of 0 and that.
     *
     * @param m product by product, {@code ldm} apart
     * @param y first a vector to which 0 times each output is added, then the upper outputs of the
     *     tiles, then from {@code lower} on the lower ones
     */
    static void outputs(
            int tiles,
            float[] m,
            int mOff,
            int ldm,
            float bias,
            boolean relu,
            float[] y,
            int lower) {
        FloatVector zero = FloatVector.zero(SPECIES);
        FloatVector least = FloatVector.broadcast(SPECIES, relu ? 0f : Float.NEGATIVE_INFINITY);
        FloatVector check = FloatVector.fromArray(SPECIES, y, 0);
        for (int i = 0; i < tiles; i += VL) {
            int at = mOff + i;
            FloatVector p0;
            FloatVector p1;
            FloatVector m0;
            FloatVector m1;
            FloatVector m2;
            FloatVector m3;
            // Columns 1 and 2, whose sum and difference the outputs are made of.
            m0 = FloatVector.fromArray(SPECIES, m, at + ldm);
            m1 = FloatVector.fromArray(SPECIES, m, at + 5 * ldm);
            m2 = FloatVector.fromArray(SPECIES, m, at + 9 * ldm);
            m3 = FloatVector.fromArray(SPECIES, m, at + 13 * ldm);
            p0 = m0.add(m1).add(m2);
            p1 = m1.sub(m2).sub(m3);
            m0 = FloatVector.fromArray(SPECIES, m, at + 2 * ldm);
            m1 = FloatVector.fromArray(SPECIES, m, at + 6 * ldm);
            m2 = FloatVector.fromArray(SPECIES, m, at + 10 * ldm);
            m3 = FloatVector.fromArray(SPECIES, m, at + 14 * ldm);
            FloatVector q0 = m0.add(m1).add(m2);
            FloatVector q1 = m1.sub(m2).sub(m3);
            FloatVector y00 = p0.add(q0);
            FloatVector y01 = p0.sub(q0);
            FloatVector y10 = p1.add(q1);
            FloatVector y11 = p1.sub(q1);
            m0 = FloatVector.fromArray(SPECIES, m, at);
            m1 = FloatVector.fromArray(SPECIES, m, at + 4 * ldm);
            m2 = FloatVector.fromArray(SPECIES, m, at + 8 * ldm);
            m3 = FloatVector.fromArray(SPECIES, m, at + 12 * ldm);
            y00 = y00.add(m0.add(m1).add(m2)).add(bias);
            y10 = y10.add(m1.sub(m2).sub(m3)).add(bias);
            m0 = FloatVector.fromArray(SPECIES, m, at + 3 * ldm);
            m1 = FloatVector.fromArray(SPECIES, m, at + 7 * ldm);
            m2 = FloatVector.fromArray(SPECIES, m, at + 11 * ldm);
            m3 = FloatVector.fromArray(SPECIES, m, at + 15 * ldm);
            y01 = y01.sub(m0.add(m1).add(m2)).add(bias);
            y11 = y11.sub(m1.sub(m2).sub(m3)).add(bias);
            check = y00.fma(zero, y01.fma(zero, check));
            check = y10.fma(zero, y11.fma(zero, check));
            y00 = y00.max(least);
            y01 = y01.max(least);
            y10 = y10.max(least);
            y11 = y11.max(least);
            int to = VL + 2 * i;
            TYPE.cast(y00.rearrange(LOWER).blend(y01.rearrange(LOWER), ODD)).intoArray(y, to);
            TYPE.cast(y00.rearrange(UPPER).blend(y01.rearrange(UPPER), ODD)).intoArray(y, to + VL);
            to += lower - VL;
            TYPE.cast(y10.rearrange(LOWER).blend(y11.rearrange(LOWER), ODD)).intoArray(y, to);
            TYPE.cast(y10.rearrange(UPPER).blend(y11.rearrange(UPPER), ODD)).intoArray(y, to + VL);
        }
        TYPE.cast(check).intoArray(y, 0);
    }

    /**
     * Z = A dy A^T of a tile whose four outputs lie at {@code at00} to {@code at11}, {@code lanes}
     * channels each.
     *
     * @param z product by product, {@code ldz} apart
     */
    static void gradient(
            float[] dy,
            int at00,
            int at01,
            int at10,
            int at11,
            int lanes,
            float[] z,
            int zOff,
            int ldz) {
        for (int l = 0; l < lanes; l += VL) {
            int to = zOff + l;
            FloatVector a = FloatVector.fromArray(SPECIES, dy, at00 + l);
            FloatVector b = FloatVector.fromArray(SPECIES, dy, at01 + l);
            FloatVector c = FloatVector.fromArray(SPECIES, dy, at10 + l);
            FloatVector d = FloatVector.fromArray(SPECIES, dy, at11 + l);
            FloatVector left = a.add(c);
            FloatVector right = b.add(d);
            TYPE.cast(a).intoArray(z, to);
            TYPE.cast(a.add(b)).intoArray(z, to + ldz);
            TYPE.cast(a.sub(b)).intoArray(z, to + 2 * ldz);
            TYPE.cast(b.neg()).intoArray(z, to + 3 * ldz);
            TYPE.cast(left).intoArray(z, to + 4 * ldz);
            TYPE.cast(left.add(right)).intoArray(z, to + 5 * ldz);
            TYPE.cast(left.sub(right)).intoArray(z, to + 6 * ldz);
            TYPE.cast(right.neg()).intoArray(z, to + 7 * ldz);
            left = a.sub(c);
            right = b.sub(d);
            TYPE.cast(left).intoArray(z, to + 8 * ldz);
            TYPE.cast(left.add(right)).intoArray(z, to + 9 * ldz);
            TYPE.cast(left.sub(right)).intoArray(z, to + 10 * ldz);
            TYPE.cast(right.neg()).intoArray(z, to + 11 * ldz);
            TYPE.cast(c.neg()).intoArray(z, to + 12 * ldz);
            TYPE.cast(c.neg().sub(d)).intoArray(z, to + 13 * ldz);
            TYPE.cast(d.sub(c)).intoArray(z, to + 14 * ldz);
            d.intoArray(z, to + 15 * ldz);
        }
    }

    /**
     * dw = G^T S G of {@code lanes} kernels, tap by tap.
     *
     * @param s product by product, {@code lds} apart
     */
    static void weightGradient(float[] s, int sOff, int lds, int lanes, float[] dw, int dwOff) {
        for (int l = 0; l < lanes; l += VL) {
            int from = sOff + l;
            int to = dwOff + l;
            FloatVector p0 = FloatVector.fromArray(SPECIES, s, from + 4 * lds);
            FloatVector q0 = FloatVector.fromArray(SPECIES, s, from + 8 * lds);
            FloatVector h0 = p0.add(q0).mul(0.5f);
            FloatVector p1 = FloatVector.fromArray(SPECIES, s, from + 5 * lds);
            FloatVector q1 = FloatVector.fromArray(SPECIES, s, from + 9 * lds);
            FloatVector h1 = p1.add(q1).mul(0.5f);
            FloatVector p2 = FloatVector.fromArray(SPECIES, s, from + 6 * lds);
            FloatVector q2 = FloatVector.fromArray(SPECIES, s, from + 10 * lds);
            FloatVector h2 = p2.add(q2).mul(0.5f);
            FloatVector p3 = FloatVector.fromArray(SPECIES, s, from + 7 * lds);
            FloatVector q3 = FloatVector.fromArray(SPECIES, s, from + 11 * lds);
            FloatVector h3 = p3.add(q3).mul(0.5f);
            FloatVector t0;
            FloatVector t1;
            FloatVector t2;
            FloatVector t3;
            FloatVector h;
            t0 = FloatVector.fromArray(SPECIES, s, from).add(h0);
            t1 = FloatVector.fromArray(SPECIES, s, from + lds).add(h1);
            t2 = FloatVector.fromArray(SPECIES, s, from + 2 * lds).add(h2);
            t3 = FloatVector.fromArray(SPECIES, s, from + 3 * lds).add(h3);
            h = t1.add(t2).mul(0.5f);
            TYPE.cast(t0.add(h)).intoArray(dw, to);
            TYPE.cast(t1.sub(t2).mul(0.5f)).intoArray(dw, to + lanes);
            TYPE.cast(t3.add(h)).intoArray(dw, to + 2 * lanes);
            t0 = p0.sub(q0).mul(0.5f);
            t1 = p1.sub(q1).mul(0.5f);
            t2 = p2.sub(q2).mul(0.5f);
            t3 = p3.sub(q3).mul(0.5f);
            h = t1.add(t2).mul(0.5f);
            TYPE.cast(t0.add(h)).intoArray(dw, to + 3 * lanes);
            TYPE.cast(t1.sub(t2).mul(0.5f)).intoArray(dw, to + 4 * lanes);
            TYPE.cast(t3.add(h)).intoArray(dw, to + 5 * lanes);
            t0 = FloatVector.fromArray(SPECIES, s, from + 12 * lds).add(h0);
            t1 = FloatVector.fromArray(SPECIES, s, from + 13 * lds).add(h1);
            t2 = FloatVector.fromArray(SPECIES, s, from + 14 * lds).add(h2);
            t3 = FloatVector.fromArray(SPECIES, s, from + 15 * lds).add(h3);
            h = t1.add(t2).mul(0.5f);
            TYPE.cast(t0.add(h)).intoArray(dw, to + 6 * lanes);
            TYPE.cast(t1.sub(t2).mul(0.5f)).intoArray(dw, to + 7 * lanes);
            TYPE.cast(t3.add(h)).intoArray(dw, to + 8 * lanes);
        }
    }
}
