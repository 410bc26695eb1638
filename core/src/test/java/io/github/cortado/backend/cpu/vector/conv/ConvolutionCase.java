package io.github.cortado.backend.cpu.vector.conv;

import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.cpu.RandomValues;
import io.github.cortado.backend.cpu.vector.conv.Convolution.Forward;
import io.github.cortado.backend.cpu.vector.conv.Convolution.InputGradient;
import io.github.cortado.backend.cpu.vector.conv.Convolution.WeightGradient;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A convolution of random numbers, and what it gives by its definition in double. */
final class ConvolutionCase {
    final Conv2dSpec spec;
    final float[] x;
    final float[] w;
    final float[] bias;
    final float[] dy;

    ConvolutionCase(Conv2dSpec spec) {
        this.spec = spec;
        x = RandomValues.random(1 + spec.n() * spec.inChannels() * spec.h() * spec.w(), 1);
        w = RandomValues.random(2 + weights(), 2);
        bias = RandomValues.random(3 + spec.outChannels(), 3);
        dy = RandomValues.random(4 + outputs(), 4);
    }

    int weights() {
        return spec.outChannels()
                * (spec.inChannels() / spec.groups())
                * spec.kernelH()
                * spec.kernelW();
    }

    int outputs() {
        return spec.n() * spec.outChannels() * spec.outH() * spec.outW();
    }

    float[] forward(Forward plan) {
        float[] y = new float[outputs() + 1];
        Arrays.fill(y, Float.NaN);
        plan.run(
                ConvolutionTest.from(1, x),
                ConvolutionTest.from(2, w),
                ConvolutionTest.from(3, bias),
                ConvolutionTest.from(1, y));
        return Arrays.copyOfRange(y, 1, y.length);
    }

    float[] gradInput(InputGradient plan) {
        float[] dx = new float[x.length];
        Arrays.fill(dx, Float.NaN);
        plan.run(
                ConvolutionTest.from(4, dy),
                ConvolutionTest.from(2, w),
                ConvolutionTest.from(1, dx));
        return Arrays.copyOfRange(dx, 1, dx.length);
    }

    float[] gradWeight(WeightGradient plan, float @Nullable [] db) {
        float[] dw = new float[w.length];
        Arrays.fill(dw, Float.NaN);
        plan.run(
                ConvolutionTest.from(1, x),
                ConvolutionTest.from(4, dy),
                ConvolutionTest.from(2, dw),
                db == null ? null : ConvolutionTest.from(1, db));
        return Arrays.copyOfRange(dw, 2, dw.length);
    }

    /** The values, the sums of the terms' magnitudes, and how many terms there are. */
    double[][] expectedForward() {
        double[][] y = new double[3][outputs()];
        for (int i = 0; i < outputs(); i++) {
            int channel = i / (spec.outH() * spec.outW()) % spec.outChannels();
            add(y, i, bias[3 + channel]);
        }
        forEachTerm((xi, wi, yi) -> add(y, yi, (double) x[1 + xi] * w[2 + wi]));
        return y;
    }

    double[][] expectedGradInput() {
        double[][] dx = new double[3][x.length - 1];
        forEachTerm((xi, wi, yi) -> add(dx, xi, (double) dy[4 + yi] * w[2 + wi]));
        return dx;
    }

    double[][] expectedGradWeight() {
        double[][] dw = new double[3][w.length - 2];
        forEachTerm((xi, wi, yi) -> add(dw, wi, (double) dy[4 + yi] * x[1 + xi]));
        return dw;
    }

    double[][] expectedGradBias() {
        double[][] db = new double[3][spec.outChannels()];
        for (int i = 0; i < outputs(); i++) {
            add(db, i / (spec.outH() * spec.outW()) % spec.outChannels(), dy[4 + i]);
        }
        return db;
    }

    private static void add(double[][] sums, int at, double term) {
        sums[0][at] += term;
        sums[1][at] += Math.abs(term);
        sums[2][at]++;
    }

    private void forEachTerm(Term term) {
        int in = spec.inChannels() / spec.groups();
        int out = spec.outChannels() / spec.groups();
        for (int n = 0; n < spec.n(); n++) {
            for (int o = 0; o < spec.outChannels(); o++) {
                for (int q = 0; q < in; q++) {
                    int i = o / out * in + q;
                    int x = (n * spec.inChannels() + i) * spec.h() * spec.w();
                    int w = (o * in + q) * spec.kernelH() * spec.kernelW();
                    int y = (n * spec.outChannels() + o) * spec.outH() * spec.outW();
                    forEachTerm(term, x, w, y);
                }
            }
        }
    }

    /** Those of one plane each, which begin there. */
    private void forEachTerm(Term term, int x, int w, int y) {
        for (int ky = 0; ky < spec.kernelH(); ky++) {
            for (int kx = 0; kx < spec.kernelW(); kx++) {
                int wi = w + ky * spec.kernelW() + kx;
                for (int oy = 0; oy < spec.outH(); oy++) {
                    int iy = oy * spec.strideH() - spec.padH() + ky * spec.dilationH();
                    if (iy >= 0 && iy < spec.h()) {
                        int xi = x + iy * spec.w() - spec.padW() + kx * spec.dilationW();
                        forEachTerm(term, xi, wi, y + oy * spec.outW(), x + iy * spec.w());
                    }
                }
            }
        }
    }

    /** Those of one row of outputs: of the inputs' row, which begins at {@code line}. */
    private void forEachTerm(Term term, int x, int w, int y, int line) {
        for (int ox = 0; ox < spec.outW(); ox++) {
            int xi = x + ox * spec.strideW();
            if (xi >= line && xi < line + spec.w()) {
                term.at(xi, w, y + ox);
            }
        }
    }

    @FunctionalInterface
    private interface Term {
        void at(int xi, int wi, int yi);
    }
}
