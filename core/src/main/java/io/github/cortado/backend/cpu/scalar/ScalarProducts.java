package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.HostBuffer;
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
        Parallel.forChunks(
                s.batch() * s.m(),
                row -> {
                    int p = s.aOffsets()[row / s.m()] + row % s.m() * rows;
                    for (int j = 0; j < s.n(); j++) {
                        int q = s.bOffsets()[row / s.m()] + j * across;
                        double sum = 0;
                        for (int l = 0; l < s.k(); l++) {
                            sum += left.get(p + l * cols) * right.get(q + l * down);
                        }
                        to.set(row * s.n() + j, sum);
                    }
                });
    }

    @Override
    default void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, LinearSpec s) {
        HostBuffer in = host(x);
        HostBuffer weight = host(w);
        HostBuffer to = host(y);
        int n = s.n();
        int k = s.k();
        Parallel.forChunks(
                s.m(),
                i -> {
                    for (int j = 0; j < n; j++) {
                        double sum = b == null ? 0 : host(b).get(j);
                        for (int l = 0; l < k; l++) {
                            sum += in.get(i * k + l) * weight.get(j * k + l);
                        }
                        to.set(i * n + j, s.relu() ? Math.max(sum, 0) : sum);
                    }
                });
    }

    @Override
    default void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s) {
        if (s.pool() != null) {
            new Unfused(this).conv2d(x, w, b, y, index, s);
            return;
        }
        HostBuffer in = host(x);
        HostBuffer weight = host(w);
        HostBuffer to = host(y);
        int kernel = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
        Parallel.forChunks(
                s.n() * s.outChannels(),
                plane -> {
                    int o = plane % s.outChannels();
                    int picture = plane / s.outChannels() * s.inChannels() * s.h() * s.w();
                    Taps taps = new Taps(s, o);
                    for (int i = 0; i < s.outH() * s.outW(); i++) {
                        double sum = b == null ? 0 : host(b).get(o);
                        for (int t = taps.first(i); t < kernel; t = taps.next(t)) {
                            sum += in.get(picture + taps.place(t)) * weight.get(o * kernel + t);
                        }
                        int at = plane * s.outH() * s.outW() + i;
                        to.set(at, s.isRectified() ? Math.min(Math.max(sum, 0), s.limit()) : sum);
                    }
                });
    }

    @Override
    default void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        if (s.pool() != null) {
            new Unfused(this).conv2dGrad(x, w, dy, index, dx, dw, db, s);
            return;
        }
        if (dx != null) {
            gradientOfInput(dy, w, dx, s);
        }
        if (dw != null) {
            gradientOfWeight(x, dy, dw, db, s);
        }
    }

    private static void gradientOfInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        HostBuffer g = host(dy);
        HostBuffer weight = host(w);
        int kernel = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
        int size = s.inChannels() * s.h() * s.w();
        Parallel.forChunks(
                s.n(),
                n -> {
                    double[] sum = new double[size];
                    for (int o = 0; o < s.outChannels(); o++) {
                        Taps taps = new Taps(s, o);
                        int plane = (n * s.outChannels() + o) * s.outH() * s.outW();
                        for (int i = 0; i < s.outH() * s.outW(); i++) {
                            double v = g.get(plane + i);
                            for (int t = taps.first(i); t < kernel; t = taps.next(t)) {
                                sum[taps.place(t)] += v * weight.get(o * kernel + t);
                            }
                        }
                    }
                    store(sum, host(dx), n * size);
                });
    }

    private static void gradientOfWeight(
            Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        HostBuffer in = host(x);
        HostBuffer g = host(dy);
        int kernel = s.inChannels() / s.groups() * s.kernelH() * s.kernelW();
        Parallel.forChunks(
                s.outChannels(),
                o -> {
                    Taps taps = new Taps(s, o);
                    double[] sum = new double[kernel];
                    double bias = 0;
                    for (int n = 0; n < s.n(); n++) {
                        int plane = (n * s.outChannels() + o) * s.outH() * s.outW();
                        int picture = n * s.inChannels() * s.h() * s.w();
                        for (int i = 0; i < s.outH() * s.outW(); i++) {
                            double v = g.get(plane + i);
                            bias += v;
                            for (int t = taps.first(i); t < kernel; t = taps.next(t)) {
                                sum[t] += v * in.get(picture + taps.place(t));
                            }
                        }
                    }
                    store(sum, host(dw), o * kernel);
                    if (db != null) {
                        host(db).set(o, bias);
                    }
                });
    }

    private static void store(double[] sum, HostBuffer to, int from) {
        for (int i = 0; i < sum.length; i++) {
            to.set(from + i, sum[i]);
        }
    }

    /**
     * The taps of one output channel: tap t = (c kernelH + r) kernelW + q is an element of its
     * weights, and meets output i of a plane at one place of the picture, or outside of it.
     */
    final class Taps {
        private final Conv2dSpec s;
        private final int[] channel;
        private final int[] down;
        private final int[] right;
        private int row;
        private int col;

        Taps(Conv2dSpec s, int o) {
            this.s = s;
            int channels = s.inChannels() / s.groups();
            int first = o / (s.outChannels() / s.groups()) * channels;
            int taps = channels * s.kernelH() * s.kernelW();
            channel = new int[taps];
            down = new int[taps];
            right = new int[taps];
            for (int t = 0; t < taps; t++) {
                channel[t] = (first + t / (s.kernelH() * s.kernelW())) * s.h() * s.w();
                down[t] = t / s.kernelW() % s.kernelH() * s.dilationH() - s.padH();
                right[t] = t % s.kernelW() * s.dilationW() - s.padW();
            }
        }

        /** Moves to output i of a plane: the first tap that meets it inside the picture. */
        int first(int i) {
            row = i / s.outW() * s.strideH();
            col = i % s.outW() * s.strideW();
            return next(-1);
        }

        /** The next such tap after {@code t}. */
        int next(int t) {
            int n = t + 1;
            while (n < channel.length && isOutside(row + down[n], s.h(), col + right[n], s.w())) {
                n++;
            }
            return n;
        }

        private static boolean isOutside(int r, int h, int c, int w) {
            return r < 0 || r >= h || c < 0 || c >= w;
        }

        /** Where in the picture tap {@code t} meets the present output. */
        int place(int t) {
            return channel[t] + (row + down[t]) * s.w() + col + right[t];
        }
    }
}
