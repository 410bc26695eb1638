package io.github.cortado.cuda;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;

/**
 * What is to be computed: an operation and its sizes, by which a way is chosen.
 *
 * @param spec a {@link Product}, {@link Conv2dSpec}, {@link Pool2dSpec} or {@link Elements}
 * @param bias whether a bias is added
 * @param relu whether a ReLU follows
 * @param tf32 whether factors may be rounded to TF32
 */
record Task(Op op, Record spec, boolean bias, boolean relu, boolean tf32) {
    /** The size of something without a form. */
    record Elements(int n) {}

    /** An operation of nothing but its sizes. */
    static Task of(Op op, Record spec) {
        return new Task(op, spec, false, false, false);
    }

    /** The same without what comes after it. */
    Task bare() {
        return bias || relu ? new Task(op, spec, false, false, tf32) : this;
    }

    /** What kind of operation it is, in a word; tables choose by it. */
    String kind() {
        if (spec instanceof Product p) {
            return p.batch() == 1 ? "single" : "batched";
        }
        if (spec instanceof Conv2dSpec s) {
            return kind(s);
        }
        return "plain";
    }

    private static String kind(Conv2dSpec s) {
        if (s.groups() > 1) {
            return "grouped";
        }
        if (CudaConvolution.isDirect(s)) {
            return "3x3";
        }
        return s.kernelH() == 1 && s.kernelW() == 1 ? "1x1" : "other";
    }

    /** How much it is: multiply-adds, inputs of windows, or elements. */
    long work() {
        if (spec instanceof Product p) {
            return (long) p.batch() * p.m() * p.n() * p.k();
        }
        if (spec instanceof Conv2dSpec s) {
            long pixels = (long) s.n() * s.outH() * s.outW();
            int perPixel = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
            return pixels * s.outChannels() * perPixel;
        }
        if (spec instanceof Pool2dSpec s) {
            long windows = (long) s.n() * s.channels() * s.outH() * s.outW();
            return windows * s.kernelH() * s.kernelW();
        }
        return ((Elements) spec).n();
    }

    /** As plans write it. */
    @Override
    public String toString() {
        return op.key()
                + (bias ? " +bias" : "")
                + (relu ? " +relu" : "")
                + (tf32 ? " tf32 " : " fp32 ")
                + spec;
    }
}
