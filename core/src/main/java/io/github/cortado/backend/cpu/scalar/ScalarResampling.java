package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.SourcePlaces;
import io.github.cortado.backend.cpu.HostBuffer;

/** Resampling by its definition, an output at a time. */
interface ScalarResampling extends Backend {
    /**
     * What is done for each output: its place in y, where its plane begins in x, its row and
     * column.
     */
    @FunctionalInterface
    interface PerOutput {
        void at(int place, int plane, int p, int q);
    }

    @Override
    default void resample2d(Buffer x, Buffer y, Resample2dSpec s) {
        HostBuffer in = host(x);
        SourcePlaces down = s.down(x.dtype());
        SourcePlaces across = s.across(x.dtype());
        outputs(
                s,
                (i, plane, p, q) -> {
                    double top = between(in, plane + down.low(p) * s.w(), across, q);
                    double bottom = between(in, plane + down.high(p) * s.w(), across, q);
                    host(y).set(i, between(top, bottom, down, p));
                });
    }

    private static double between(HostBuffer x, int row, SourcePlaces across, int q) {
        return between(x.get(row + across.low(q)), x.get(row + across.high(q)), across, q);
    }

    private static double between(double low, double high, SourcePlaces places, int i) {
        double weight = places.weight(i);
        return places.isBetween() ? (1 - weight) * low + weight * high : low;
    }

    @Override
    default void resample2dGrad(Buffer dy, Buffer dx, Resample2dSpec s) {
        HostBuffer g = host(dy);
        SourcePlaces down = s.down(dy.dtype());
        SourcePlaces across = s.across(dy.dtype());
        for (int n = 0; n < s.planes(); n++) {
            for (int r = 0; r < s.h(); r++) {
                for (int c = 0; c < s.w(); c++) {
                    double sum = 0;
                    for (int p = down.begin(r); p < down.end(r); p++) {
                        for (int q = across.begin(c); q < across.end(c); q++) {
                            sum +=
                                    down.share(r, p)
                                            * across.share(c, q)
                                            * g.get((n * s.outH() + p) * s.outW() + q);
                        }
                    }
                    host(dx).set((n * s.h() + r) * s.w() + c, sum);
                }
            }
        }
    }

    private static void outputs(Resample2dSpec s, PerOutput each) {
        for (int n = 0; n < s.planes(); n++) {
            for (int p = 0; p < s.outH(); p++) {
                for (int q = 0; q < s.outW(); q++) {
                    each.at((n * s.outH() + p) * s.outW() + q, n * s.h() * s.w(), p, q);
                }
            }
        }
    }
}
