package io.github.cortado;

import io.github.cortado.autograd.Node;
import java.util.Locale;
import java.util.function.IntFunction;

/** Writes tensors as nested brackets; long dimensions are cut to their first and last elements. */
final class TensorPrinter {
    private static final int FEW = 1000;
    private static final int EDGE = 3;

    private TensorPrinter() {}

    static String print(Tensor x) {
        StringBuilder s = new StringBuilder("tensor(");
        brackets(s, x, elements(x), 0, 0, x.size() > FEW);
        s.append(", shape=").append(x.shape()).append(", dtype=").append(x.dtype());
        s.append(", device=").append(x.device());
        Node maker = x.node;
        if (maker != null) {
            s.append(", op=").append(maker.op());
        } else if (x.requiresGrad()) {
            s.append(", requiresGrad");
        }
        return s.append(')').toString();
    }

    private static IntFunction<String> elements(Tensor x) {
        if (x.dtype() == DType.INT64) {
            // Not every one is a double's value.
            long[] v = x.toLongs();
            return i -> Long.toString(v[i]);
        }
        double[] v = x.toDoubles();
        return i -> number(v[i], x.dtype());
    }

    private static void brackets(
            StringBuilder s, Tensor x, IntFunction<String> v, int depth, int at, boolean cut) {
        if (depth == x.shape().rank()) {
            s.append(v.apply(at));
            return;
        }
        int n = x.dim(depth);
        int stride = x.shape().product(depth + 1, x.shape().rank());
        boolean inner = depth == x.shape().rank() - 1;
        String gap = inner ? ", " : ",\n" + " ".repeat(depth + 8);
        s.append('[');
        for (int i = 0; i < n; i++) {
            if (i > 0) {
                s.append(gap);
            }
            if (cut && n > 2 * EDGE && i == EDGE) {
                s.append("...");
                i = n - EDGE - 1;
                continue;
            }
            brackets(s, x, v, depth + 1, at + i * stride, cut);
        }
        s.append(']');
    }

    private static String number(double v, DType dtype) {
        if (dtype == DType.BOOL) {
            return v == 0 ? "false" : "true";
        }
        return dtype.isFloat() ? String.format(Locale.ROOT, "%.5g", v) : Long.toString((long) v);
    }
}
