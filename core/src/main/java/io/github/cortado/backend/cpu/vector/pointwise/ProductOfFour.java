package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.formula.Functions;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * {@link Functions#PRODUCT_OF_FOUR} of factors in rows, read where they lie: to lay them out first,
 * as the {@link Interpreter} does, takes longer than to multiply them.
 */
final class ProductOfFour {
    private final Floats[] x = new Floats[4];
    private final Floats y;

    /** Elements of a row, and how far rows of factors are from each other. */
    private final int row;

    private final int apart;

    private ProductOfFour(Operands o, int row, int apart) {
        Arrays.setAll(x, k -> floats(o.inputs().get(k)));
        y = floats(o.outputs().get(0));
        this.row = row;
        this.apart = apart;
    }

    /** The loop for factors that lie in rows, all in the same way; null for others. */
    static Parallel.@Nullable Range over(Operands o) {
        int[] shape = o.walk().shape();
        int[] strides = o.walk().strides()[0];
        for (int[] other : o.walk().strides()) {
            if (!Arrays.equals(other, strides)) {
                return null;
            }
        }
        if (shape.length == 2 && strides[1] == 1) {
            return new ProductOfFour(o, shape[1], strides[0])::range;
        }
        if (shape.length == 1) {
            boolean isOneRow = strides[0] == 1;
            return new ProductOfFour(o, isOneRow ? shape[0] : 1, strides[0])::range;
        }
        return null;
    }

    private void range(int from, int length) {
        if (row == 1) {
            single(from, length);
            return;
        }
        int end = from + length;
        for (int at = from; at < end; ) {
            int column = at % row;
            int n = Math.min(row - column, end - at);
            neighbours(at / row * apart + column, at, n);
            at += n;
        }
    }

    private void neighbours(int p, int q, int n) {
        float[] a = x[0].array();
        float[] b = x[1].array();
        float[] c = x[2].array();
        float[] d = x[3].array();
        float[] to = y.array();
        int pa = x[0].offset() + p;
        int pb = x[1].offset() + p;
        int pc = x[2].offset() + p;
        int pd = x[3].offset() + p;
        int py = y.offset() + q;
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector left =
                    FloatVector.fromArray(SPECIES, a, pa + i)
                            .mul(FloatVector.fromArray(SPECIES, b, pb + i));
            FloatVector right =
                    FloatVector.fromArray(SPECIES, c, pc + i)
                            .mul(FloatVector.fromArray(SPECIES, d, pd + i));
            left.mul(right).intoArray(to, py + i);
        }
        for (; i < n; i++) {
            to[py + i] = (a[pa + i] * b[pb + i]) * (c[pc + i] * d[pd + i]);
        }
    }

    private void single(int from, int n) {
        float[] a = x[0].array();
        float[] b = x[1].array();
        float[] c = x[2].array();
        float[] d = x[3].array();
        float[] to = y.array();
        int pa = x[0].offset() + from * apart;
        int pb = x[1].offset() + from * apart;
        int pc = x[2].offset() + from * apart;
        int pd = x[3].offset() + from * apart;
        int py = y.offset() + from;
        for (int i = 0; i < n; i++) {
            int p = i * apart;
            to[py + i] = (a[pa + p] * b[pb + p]) * (c[pc + p] * d[pd + p]);
        }
    }
}
