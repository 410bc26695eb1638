package io.github.cortado.benchmarks;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formula;
import java.util.Arrays;

/**
 * What a backend is asked for in one call.
 *
 * @param kind the method with what it does besides, and of convolutions the kernel: what problems
 *     have in common that differ in size only
 * @param operation the method and its size, for people
 * @param flops multiplications and additions of products and convolutions, else 0
 */
record Problem(String kind, String operation, double flops) {
    /** Of the method of that name with these arguments. */
    static Problem of(String method, Object[] arguments) {
        String name = method;
        String kernel = "";
        String size = "";
        double flops = 0;
        long longest = 0;
        for (Object a : arguments) {
            if (a instanceof Formula f) {
                name = f.name();
            } else if (a instanceof Conv2dSpec c) {
                name =
                        (c.pool() == null ? "" : "pooled ")
                                + named(method, cut(c.limit()), arguments, 4);
                kernel = kernel(c);
                size = size(c);
                flops = flops(c) * products(method, arguments, 4);
            } else if (a instanceof LinearSpec l) {
                name = named(method, l.relu() ? " + relu" : "", arguments, 3);
                size = l.m() + " x " + l.n() + " x " + l.k();
                flops = 2.0 * l.m() * l.n() * l.k() * products(method, arguments, 3);
            } else if (a instanceof MatmulSpec m) {
                size = size(m);
                flops = 2.0 * m.m() * m.n() * m.k() * m.batch();
            } else if (a instanceof Buffer b) {
                longest = Math.max(longest, b.length());
            } else {
                size = size.isEmpty() ? size(a) : size;
            }
        }
        return new Problem(name + kernel, name + " " + (size.isEmpty() ? longest : size), flops);
    }

    private static String cut(double limit) {
        if (Double.isNaN(limit)) {
            return "";
        }
        return Double.isInfinite(limit) ? " + relu" : " + relu6";
    }

    /** With what is done in the same call: what cuts off, or which of dx, dw and db. */
    private static String named(String method, String cut, Object[] arguments, int dx) {
        if (!isGradient(method)) {
            return method + cut;
        }
        String by = "";
        for (int i = 0; i < 3; i++) {
            by += arguments[dx + i] == null ? "" : (by.isEmpty() ? " by " : ", ") + "xwb".charAt(i);
        }
        return method + by;
    }

    /** How many products of the problem's size a call computes: dx and dw are one each. */
    private static int products(String method, Object[] arguments, int dx) {
        return isGradient(method)
                ? (arguments[dx] == null ? 0 : 1) + (arguments[dx + 1] == null ? 0 : 1)
                : 1;
    }

    private static boolean isGradient(String method) {
        return method.endsWith("Grad");
    }

    /** The sizes of a convolution, for people. */
    static String size(Conv2dSpec c) {
        return c.inChannels()
                + " to "
                + c.outChannels()
                + ", "
                + c.h()
                + " x "
                + c.w()
                + ","
                + kernel(c);
    }

    private static String kernel(Conv2dSpec c) {
        return " kernel "
                + c.kernelH()
                + " x "
                + c.kernelW()
                + (c.strideH() == 1 ? "" : ", stride " + c.strideH())
                + (c.groups() == 1 ? "" : ", grouped");
    }

    /** Multiplications and additions of one direction of a convolution. */
    static double flops(Conv2dSpec c) {
        return 2.0 * c.outputSize() * (c.inChannels() / c.groups()) * c.kernelH() * c.kernelW();
    }

    private static String size(MatmulSpec m) {
        return (m.batch() == 1 ? "" : m.batch() + " of ")
                + m.m()
                + " x "
                + m.n()
                + " x "
                + m.k()
                + (m.transA() ? ", a transposed" : "")
                + (m.transB() ? ", b transposed" : "");
    }

    private static String size(Object a) {
        if (a instanceof Axis s) {
            return s.outer() + " x " + s.n() + " x " + s.inner();
        }
        if (a instanceof NormSpec s) {
            return s.n() + " x " + s.channels() + " x " + s.inner();
        }
        if (a instanceof LayerNormSpec s) {
            return s.rows() + " x " + s.n();
        }
        if (a instanceof Strided s) {
            return Arrays.toString(s.shape()) + " by " + Arrays.toString(s.strides());
        }
        if (a instanceof Operands o && !o.walk().isElementwise()) {
            return Arrays.toString(o.walk().shape())
                    + " by "
                    + Arrays.deepToString(o.walk().strides());
        }
        if (a instanceof Operands o) {
            return "" + o.length();
        }
        return "";
    }
}
