package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.Parallel;

/**
 * y = a op b along runs of the innermost dimension. Bound by memory: the loops are plain, for C2 to
 * turn into vector code.
 *
 * @param aStride distance between neighbours of a run in a: 1 or 0 in merged walks, anything is
 *     allowed
 * @param bStride likewise in b
 */
record Zip(Op op, Floats a, int aStride, Floats b, int bStride, Floats y) {
    /** The four operations. */
    enum Op {
        ADD,
        SUB,
        MUL,
        DIV
    }

    /** y = a op b, broadcast. */
    static void run(Op op, Floats a, Floats b, Floats y, Broadcast walk) {
        if (walk.isElementwise()) {
            run(op, a, b, y, walk.shape().length == 0 ? 1 : walk.shape()[0]);
            return;
        }
        int last = walk.shape().length - 1;
        int n = walk.shape()[last];
        Zip zip = new Zip(op, a, walk.aStrides()[last], b, walk.bStrides()[last], y);
        if (last == 0) {
            Parallel.forRanges(
                    n, (i, length) -> zip.run(i * zip.aStride, i * zip.bStride, i, length));
            return;
        }
        int rows = 1;
        for (int d = 0; d < last; d++) {
            rows *= walk.shape()[d];
        }
        int rowsPerChunk = Math.max(1, Parallel.RANGE / n);
        int total = rows;
        Parallel.forChunks(
                (rows + rowsPerChunk - 1) / rowsPerChunk,
                c -> {
                    int end = Math.min(total, (c + 1) * rowsPerChunk);
                    for (int row = c * rowsPerChunk; row < end; row++) {
                        int p = 0;
                        int q = 0;
                        int rest = row;
                        for (int d = last - 1; d >= 0; d--) {
                            int i = rest % walk.shape()[d];
                            rest /= walk.shape()[d];
                            p += i * walk.aStrides()[d];
                            q += i * walk.bStrides()[d];
                        }
                        zip.run(p, q, row * n, n);
                    }
                });
    }

    /** y_i = a_i op b_i for i below n. */
    static void run(Op op, Floats a, Floats b, Floats y, int n) {
        Zip zip = new Zip(op, a, 1, b, 1, y);
        Parallel.forRanges(n, (i, length) -> zip.run(i, i, i, length));
    }

    /** One run of n, from elements {@code fromA}, {@code fromB} and {@code toY} on. */
    private void run(int fromA, int fromB, int toY, int n) {
        float[] a = this.a.array();
        int p = this.a.offset() + fromA;
        int as = aStride;
        float[] b = this.b.array();
        int q = this.b.offset() + fromB;
        int bs = bStride;
        float[] y = this.y.array();
        int to = this.y.offset() + toY;
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
