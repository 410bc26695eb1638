package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.CellSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Scratch;
import jdk.incubator.vector.FloatVector;

/**
 * Long short-term memory, row by row on all threads. A step of a small network is as little as
 * thirty rows, whose functions still take a thread longer than another needs to come along.
 */
public final class LstmCell {
    /** Gates that are worth a thread. */
    private static final int CHUNK = 1 << 12;

    private LstmCell() {}

    /** {@link Backend#lstmCell}. */
    public static void step(Floats x, Floats gates, Floats c, Floats h, Floats next, CellSpec s) {
        int n = s.hidden();
        Parallel.forItems(
                s.n(),
                4 * n,
                CHUNK,
                row -> {
                    float[] own = gates.array();
                    int at = gates.offset() + row * 4 * n;
                    add(x.array(), x.offset() + row * 4 * n, own, at, 4 * n);
                    ElementaryFunctions.sigmoid(own, at, own, at, 2 * n);
                    ElementaryFunctions.tanh(own, at + 2 * n, own, at + 2 * n, n);
                    ElementaryFunctions.sigmoid(own, at + 3 * n, own, at + 3 * n, n);
                    float[] cells = next.array();
                    int to = next.offset() + row * n;
                    cell(own, at, c.array(), c.offset() + row * n, cells, to, n);
                    float[] y = h.array();
                    int yo = h.offset() + row * n;
                    ElementaryFunctions.tanh(cells, to, y, yo, n);
                    scale(own, at + 3 * n, y, yo, n);
                });
    }

    /** y += x. */
    private static void add(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .add(FloatVector.fromArray(SPECIES, y, yo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] += x[xo + i];
        }
    }

    /** next = i g + f c. */
    private static void cell(
            float[] gates, int at, float[] c, int co, float[] next, int to, int n) {
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector kept =
                    FloatVector.fromArray(SPECIES, gates, at + n + j)
                            .mul(FloatVector.fromArray(SPECIES, c, co + j));
            FloatVector.fromArray(SPECIES, gates, at + j)
                    .fma(FloatVector.fromArray(SPECIES, gates, at + 2 * n + j), kept)
                    .intoArray(next, to + j);
        }
        for (; j < n; j++) {
            float kept = gates[at + n + j] * c[co + j];
            next[to + j] = Math.fma(gates[at + j], gates[at + 2 * n + j], kept);
        }
    }

    /** y *= x. */
    private static void scale(float[] x, int xo, float[] y, int yo, int n) {
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector.fromArray(SPECIES, x, xo + i)
                    .mul(FloatVector.fromArray(SPECIES, y, yo + i))
                    .intoArray(y, yo + i);
        }
        for (; i < n; i++) {
            y[yo + i] *= x[xo + i];
        }
    }

    /** {@link Backend#lstmCellGrad}. */
    public static void gradient(
            Floats gates,
            Floats c,
            Floats next,
            Floats dh,
            Floats dy,
            Floats dc,
            Floats dgates,
            CellSpec s) {
        int n = s.hidden();
        Parallel.forItems(
                s.n(),
                4 * n,
                CHUNK,
                row -> {
                    // The gradient by h, and the hyperbolic tangent of the cell behind it.
                    float[] lines = Scratch.LINES.floats(2 * n);
                    System.arraycopy(dh.array(), dh.offset() + row * n, lines, 0, n);
                    add(dy.array(), dy.offset() + row * n, lines, 0, n);
                    ElementaryFunctions.tanh(next.array(), next.offset() + row * n, lines, n, n);
                    ofOutput(gates, dgates, dc, lines, row, n);
                    ofCell(gates, c, dgates, dc, row, n);
                });
    }

    /** do, and dc += d o (1 - t^2), of two lines d and t. */
    private static void ofOutput(
            Floats gates, Floats dgates, Floats dc, float[] lines, int row, int n) {
        float[] own = gates.array();
        int o = gates.offset() + row * 4 * n + 3 * n;
        float[] to = dgates.array();
        int at = dgates.offset() + row * 4 * n + 3 * n;
        float[] cell = dc.array();
        int co = dc.offset() + row * n;
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector d = FloatVector.fromArray(SPECIES, lines, j);
            FloatVector t = FloatVector.fromArray(SPECIES, lines, n + j);
            FloatVector gate = FloatVector.fromArray(SPECIES, own, o + j);
            one.sub(t.mul(t))
                    .fma(d.mul(gate), FloatVector.fromArray(SPECIES, cell, co + j))
                    .intoArray(cell, co + j);
            one.sub(gate).mul(gate).mul(d.mul(t)).intoArray(to, at + j);
        }
        for (; j < n; j++) {
            float d = lines[j];
            float t = lines[n + j];
            float gate = own[o + j];
            cell[co + j] = Math.fma(1 - t * t, d * gate, cell[co + j]);
            to[at + j] = (1 - gate) * gate * (d * t);
        }
    }

    /** di, df and dg, and dc *= f. */
    private static void ofCell(Floats gates, Floats c, Floats dgates, Floats dc, int row, int n) {
        float[] own = gates.array();
        int gi = gates.offset() + row * 4 * n;
        float[] to = dgates.array();
        int at = dgates.offset() + row * 4 * n;
        float[] cell = dc.array();
        int co = dc.offset() + row * n;
        float[] before = c.array();
        int bo = c.offset() + row * n;
        FloatVector one = FloatVector.broadcast(SPECIES, 1f);
        int j = 0;
        for (; j <= n - VL; j += VL) {
            FloatVector e = FloatVector.fromArray(SPECIES, cell, co + j);
            FloatVector i = FloatVector.fromArray(SPECIES, own, gi + j);
            FloatVector f = FloatVector.fromArray(SPECIES, own, gi + n + j);
            FloatVector g = FloatVector.fromArray(SPECIES, own, gi + 2 * n + j);
            FloatVector old = FloatVector.fromArray(SPECIES, before, bo + j);
            one.sub(i).mul(i).mul(e.mul(g)).intoArray(to, at + j);
            one.sub(f).mul(f).mul(e.mul(old)).intoArray(to, at + n + j);
            one.sub(g.mul(g)).mul(e.mul(i)).intoArray(to, at + 2 * n + j);
            e.mul(f).intoArray(cell, co + j);
        }
        for (; j < n; j++) {
            float e = cell[co + j];
            float i = own[gi + j];
            float f = own[gi + n + j];
            float g = own[gi + 2 * n + j];
            to[at + j] = (1 - i) * i * (e * g);
            to[at + n + j] = (1 - f) * f * (e * before[bo + j]);
            to[at + 2 * n + j] = (1 - g * g) * (e * i);
            cell[co + j] = e * f;
        }
    }
}
