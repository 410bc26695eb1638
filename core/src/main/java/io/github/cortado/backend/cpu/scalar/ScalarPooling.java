package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;
import static java.util.Objects.requireNonNull;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/** Pooling by its definition, a window at a time. */
interface ScalarPooling extends Backend {
    /**
     * One window, cut to the picture: rows top .. bottom - 1, columns left .. right - 1.
     *
     * @param row where the window would begin without the cut, like col
     */
    record Window(
            int plane, int row, int col, int top, int bottom, int left, int right, int divisor) {
        /** The place of an element in the uncut window, row by row. */
        int indexOf(int element, Pool2dSpec s) {
            int r = (element - plane) / s.w() - row;
            int c = (element - plane) % s.w() - col;
            return r * s.kernelW() + c;
        }

        /** The element at the place that window i has in the index, -1 if it has none. */
        int place(Buffer index, int i, Pool2dSpec s) {
            int place = (int) host(index).get(i);
            return place == Pool2dSpec.NOWHERE
                    ? -1
                    : plane + (row + place / s.kernelW()) * s.w() + col + place % s.kernelW();
        }
    }

    /** What is done for each window; i numbers the windows as the outputs. */
    @FunctionalInterface
    interface PerWindow {
        void at(int i, Window window);
    }

    @Override
    default void maxPool2d(Buffer x, Buffer y, @Nullable Buffer index, Pool2dSpec s) {
        HostBuffer in = host(x);
        HostBuffer to = host(y);
        windows(
                s,
                (i, v) -> {
                    int best = argmax(in, v, s.w());
                    double max = in.get(best);
                    boolean stays = !s.relu() || max > 0;
                    to.set(i, stays || Double.isNaN(max) ? max : 0);
                    if (index != null) {
                        host(index).set(i, stays ? v.indexOf(best, s) : Pool2dSpec.NOWHERE);
                    }
                });
    }

    @Override
    default void maxPool2dGrad(
            @Nullable Buffer x, @Nullable Buffer index, Buffer dy, Buffer dx, Pool2dSpec s) {
        HostBuffer g = host(dy);
        HostBuffer to = host(dx);
        fill(dx, 0);
        windows(
                s,
                (i, v) -> {
                    int best =
                            index == null
                                    ? argmax(host(requireNonNull(x)), v, s.w())
                                    : v.place(index, i, s);
                    if (best >= 0) {
                        to.set(best, to.get(best) + g.get(i));
                    }
                });
    }

    private static int argmax(HostBuffer x, Window v, int w) {
        int best = v.plane + v.top * w + v.left;
        double max = x.get(best);
        for (int row = v.top; row < v.bottom; row++) {
            for (int col = v.left; col < v.right && !Double.isNaN(max); col++) {
                int at = v.plane + row * w + col;
                double value = x.get(at);
                if (value > max || Double.isNaN(value)) {
                    max = value;
                    best = at;
                }
            }
        }
        return best;
    }

    @Override
    default void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        HostBuffer in = host(x);
        HostBuffer to = host(y);
        windows(
                s,
                (i, v) -> {
                    double sum = 0;
                    for (int row = v.top; row < v.bottom; row++) {
                        for (int col = v.left; col < v.right; col++) {
                            sum += in.get(v.plane + row * s.w() + col);
                        }
                    }
                    to.set(i, sum / v.divisor);
                });
    }

    @Override
    default void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        HostBuffer g = host(dy);
        HostBuffer to = host(dx);
        fill(dx, 0);
        windows(
                s,
                (i, v) -> {
                    double share = g.get(i) / v.divisor;
                    for (int row = v.top; row < v.bottom; row++) {
                        for (int col = v.left; col < v.right; col++) {
                            int at = v.plane + row * s.w() + col;
                            to.set(at, to.get(at) + share);
                        }
                    }
                });
    }

    private static void windows(Pool2dSpec s, PerWindow body) {
        int i = 0;
        for (int plane = 0; plane < s.n() * s.channels(); plane++) {
            for (int p = 0; p < s.outH(); p++) {
                for (int q = 0; q < s.outW(); q++) {
                    body.at(i++, window(s, plane * s.h() * s.w(), p, q));
                }
            }
        }
    }

    /** The divisor counts padding, if asked for, but nothing beyond the padded picture. */
    private static Window window(Pool2dSpec s, int plane, int p, int q) {
        int row = p * s.strideH() - s.padH();
        int col = q * s.strideW() - s.padW();
        int endRow = Math.min(row + s.kernelH(), s.h() + s.padH());
        int endCol = Math.min(col + s.kernelW(), s.w() + s.padW());
        int top = Math.max(row, 0);
        int left = Math.max(col, 0);
        int bottom = Math.min(endRow, s.h());
        int right = Math.min(endCol, s.w());
        int divisor =
                s.countIncludePad()
                        ? (endRow - row) * (endCol - col)
                        : (bottom - top) * (right - left);
        return new Window(plane, row, col, top, bottom, left, right, divisor);
    }
}
