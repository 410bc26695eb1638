package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;

/**
 * y = a op b along runs of the innermost dimension, one call each. Bound by memory: the loops are
 * plain, for C2 to turn into vector code.
 *
 * @param aStride distance between neighbours of a run in a: 1 or 0 in merged walks, anything is
 *     allowed
 * @param bStride likewise in b
 */
record Zip(Op op, int aStride, int bStride) {
    /** The four operations. */
    enum Op {
        ADD,
        SUB,
        MUL,
        DIV
    }

    /** y = a op b, broadcast. */
    static void run(Op op, Floats left, Floats right, Floats result, Broadcast walk) {
        float[] a = left.array();
        int ao = left.offset();
        float[] b = right.array();
        int bo = right.offset();
        float[] y = result.array();
        int yo = result.offset();
        if (walk.isElementwise()) {
            int n = walk.shape().length == 0 ? 1 : walk.shape()[0];
            Zip zip = new Zip(op, 1, 1);
            Parallel.forRanges(n, (i, length) -> zip.run(a, ao + i, b, bo + i, y, yo + i, length));
            return;
        }
        int last = walk.shape().length - 1;
        int n = walk.shape()[last];
        int as = walk.aStrides()[last];
        int bs = walk.bStrides()[last];
        Zip zip = new Zip(op, as, bs);
        if (last == 0) {
            Parallel.forRanges(
                    n, (i, length) -> zip.run(a, ao + i * as, b, bo + i * bs, y, yo + i, length));
            return;
        }
        int rows = IntMath.product(walk.shape(), 0, last);
        int rowsPerChunk = Math.max(1, Parallel.RANGE / n);
        Parallel.forChunks(
                IntMath.ceilDiv(rows, rowsPerChunk),
                c -> {
                    int end = Math.min(rows, (c + 1) * rowsPerChunk);
                    for (int row = c * rowsPerChunk; row < end; row++) {
                        int p = ao;
                        int q = bo;
                        int rest = row;
                        for (int d = last - 1; d >= 0; d--) {
                            int i = rest % walk.shape()[d];
                            rest /= walk.shape()[d];
                            p += i * walk.aStrides()[d];
                            q += i * walk.bStrides()[d];
                        }
                        zip.run(a, p, b, q, y, yo + row * n, n);
                    }
                });
    }

    /** y += x. */
    static void accumulate(Floats from, Floats to) {
        float[] x = from.array();
        int xo = from.offset();
        float[] y = to.array();
        int yo = to.offset();
        Parallel.forRanges(to.length(), (i, n) -> add(x, xo + i, y, yo + i, y, yo + i, n));
    }

    /** One run of n. */
    private void run(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        int as = aStride;
        int bs = bStride;
        Op op = this.op;
        if (as == 1 && bs == 1) {
            switch (op) {
                case ADD -> add(a, p, b, q, y, to, n);
                case SUB -> sub(a, p, b, q, y, to, n);
                case MUL -> mul(a, p, b, q, y, to, n);
                case DIV -> div(a, p, b, q, y, to, n);
            }
            return;
        }
        if (op == Op.DIV && as == 1 && bs == 0) {
            divByOne(a, p, b[q], y, to, n);
            return;
        }
        for (int i = 0; i < n; i++) {
            float u = a[p + i * as];
            float v = b[q + i * bs];
            y[to + i] =
                    switch (op) {
                        case ADD -> u + v;
                        case SUB -> u - v;
                        case MUL -> u * v;
                        case DIV -> u / v;
                    };
        }
    }

    private static void add(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] + b[q + i];
        }
    }

    private static void sub(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] - b[q + i];
        }
    }

    private static void mul(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] * b[q + i];
        }
    }

    private static void div(float[] a, int p, float[] b, int q, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] / b[q + i];
        }
    }

    private static void divByOne(float[] a, int p, float divisor, float[] y, int to, int n) {
        for (int i = 0; i < n; i++) {
            y[to + i] = a[p + i] / divisor;
        }
    }
}
