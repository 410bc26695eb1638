package io.github.cortado.backend.cpu;

import static io.github.cortado.backend.cpu.ScalarMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.MatmulSpec;
import org.jspecify.annotations.Nullable;

/** Matrix products and convolutions by their definitions, summed in double. */
interface ScalarProducts extends Backend {

    @Override
    default void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        HostBuffer left = host(a);
        HostBuffer right = host(b);
        HostBuffer to = host(y);
        int rows = s.transA() ? 1 : s.k();
        int cols = s.transA() ? s.m() : 1;
        int down = s.transB() ? 1 : s.n();
        int across = s.transB() ? s.k() : 1;
        for (int t = 0; t < s.batch() * s.m(); t++) {
            int batch = t / s.m();
            int i = t % s.m();
            for (int j = 0; j < s.n(); j++) {
                int p = s.aOffsets()[batch] + i * rows;
                int q = s.bOffsets()[batch] + j * across;
                double sum = 0;
                for (int l = 0; l < s.k(); l++) {
                    sum += left.get(p + l * cols) * right.get(q + l * down);
                }
                to.set(t * s.n() + j, sum);
            }
        }
    }

    @Override
    default void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, int m, int n, int k) {
        HostBuffer in = host(x);
        HostBuffer weight = host(w);
        HostBuffer to = host(y);
        for (int i = 0; i < m; i++) {
            for (int j = 0; j < n; j++) {
                double sum = b == null ? 0 : host(b).get(j);
                for (int l = 0; l < k; l++) {
                    sum += in.get(i * k + l) * weight.get(j * k + l);
                }
                to.set(i * n + j, sum);
            }
        }
    }

    @Override
    default void conv2d(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        HostBuffer in = host(x);
        HostBuffer weight = host(w);
        HostBuffer to = host(y);
        Taps taps = new Taps(s);
        int i = 0;
        for (int n = 0; n < s.n(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outH(); p++) {
                    for (int q = 0; q < s.outW(); q++) {
                        double[] sum = {b == null ? 0 : host(b).get(o)};
                        taps.visit(n, o, p, q, (xi, wi) -> sum[0] += in.get(xi) * weight.get(wi));
                        to.set(i++, sum[0]);
                    }
                }
            }
        }
    }

    @Override
    default void conv2dGradInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        HostBuffer g = host(dy);
        HostBuffer weight = host(w);
        double[] sum = new double[dx.length()];
        Taps taps = new Taps(s);
        int i = 0;
        for (int n = 0; n < s.n(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outH(); p++) {
                    for (int q = 0; q < s.outW(); q++) {
                        double v = g.get(i++);
                        taps.visit(n, o, p, q, (xi, wi) -> sum[xi] += v * weight.get(wi));
                    }
                }
            }
        }
        store(sum, host(dx));
    }

    @Override
    default void conv2dGradWeight(
            Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        HostBuffer in = host(x);
        HostBuffer g = host(dy);
        double[] sum = new double[dw.length()];
        double[] bias = new double[s.outChannels()];
        Taps taps = new Taps(s);
        int i = 0;
        for (int n = 0; n < s.n(); n++) {
            for (int o = 0; o < s.outChannels(); o++) {
                for (int p = 0; p < s.outH(); p++) {
                    for (int q = 0; q < s.outW(); q++) {
                        double v = g.get(i++);
                        bias[o] += v;
                        taps.visit(n, o, p, q, (xi, wi) -> sum[wi] += v * in.get(xi));
                    }
                }
            }
        }
        store(sum, host(dw));
        if (db != null) {
            store(bias, host(db));
        }
    }

    private static void store(double[] sum, HostBuffer to) {
        for (int i = 0; i < sum.length; i++) {
            to.set(i, sum[i]);
        }
    }

    /**
     * The pairs (element of x, element of w) that meet in one element of a convolution's output.
     */
    record Taps(Conv2dSpec s) {
        /** Receives the index in x and the index in w. */
        @FunctionalInterface
        interface Pair {
            void at(int xi, int wi);
        }

        void visit(int n, int o, int p, int q, Pair pair) {
            int channels = s.inChannels() / s.groups();
            int firstChannel = o / (s.outChannels() / s.groups()) * channels;
            for (int c = 0; c < channels; c++) {
                for (int r = 0; r < s.kernelH(); r++) {
                    int row = p * s.strideH() - s.padH() + r * s.dilationH();
                    if (row < 0 || row >= s.h()) {
                        continue;
                    }
                    int xRow = ((n * s.inChannels() + firstChannel + c) * s.h() + row) * s.w();
                    int wRow = ((o * channels + c) * s.kernelH() + r) * s.kernelW();
                    for (int t = 0; t < s.kernelW(); t++) {
                        int col = q * s.strideW() - s.padW() + t * s.dilationW();
                        if (col >= 0 && col < s.w()) {
                            pair.at(xRow + col, wRow + t);
                        }
                    }
                }
            }
        }
    }
}
