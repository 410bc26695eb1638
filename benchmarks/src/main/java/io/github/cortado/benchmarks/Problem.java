package io.github.cortado.benchmarks;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.formula.Formula;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a backend is asked for in one call.
 *
 * @param kind the method, and of convolutions the kernel: what problems have in common that differ
 *     in size only
 * @param operation the method and its size, for people
 * @param flops multiplications and additions of products and convolutions, else 0
 */
record Problem(String kind, String operation, double flops) {
    /** Of the method of that name with these arguments. */
    static Problem of(String method, Object[] arguments) {
        String kind = method;
        String size = "";
        double flops = 0;
        long longest = 0;
        for (Object argument : arguments) {
            Object a = argument instanceof ConvPoolSpec s ? s.conv() : argument;
            if (a instanceof Formula f) {
                kind = f.name();
            } else if (a instanceof Conv2dSpec c) {
                kind = method + kernel(c);
                size = size(c);
                flops = flops(c) * (isBothGradients(method, arguments) ? 2 : 1);
            } else if (a instanceof MatmulSpec m) {
                size = size(m);
                flops = 2.0 * m.m() * m.n() * m.k() * m.batch();
            } else if (a instanceof Buffer b) {
                longest = Math.max(longest, b.length());
            } else {
                size = size.isEmpty() ? size(a) : size;
            }
        }
        if (method.startsWith("linear")) {
            List<Integer> n = integers(arguments);
            size = n.get(0) + " x " + n.get(1) + " x " + n.get(2);
            flops = 2.0 * n.get(0) * n.get(1) * n.get(2);
        }
        String name = kind.startsWith(method) ? method : kind;
        return new Problem(kind, name + " " + (size.isEmpty() ? longest : size), flops);
    }

    private static String size(Conv2dSpec c) {
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

    private static double flops(Conv2dSpec c) {
        return 2.0 * c.outputSize() * (c.inChannels() / c.groups()) * c.kernelH() * c.kernelW();
    }

    /** Of a pooled convolution both come from one call; dx is null where nobody needs it. */
    private static boolean isBothGradients(String method, Object[] arguments) {
        return method.equals("conv2dReluMaxPool2dGrad") && arguments[4] != null;
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

    private static List<Integer> integers(Object[] arguments) {
        List<Integer> all = new ArrayList<>();
        for (Object a : arguments) {
            if (a instanceof Integer i) {
                all.add(i);
            }
        }
        return all;
    }
}
