package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CellSpec;
import io.github.cortado.backend.cpu.HostBuffer;

/** Cells of recurrent networks, an element of the state at a time. */
interface ScalarRecurrence extends Backend {
    @Override
    default void lstmCell(Buffer x, Buffer gates, Buffer c, Buffer h, Buffer next, CellSpec s) {
        HostBuffer own = host(gates);
        for (int e = 0; e < s.n() * s.hidden(); e++) {
            int at = gates(e, s);
            double i = logistic(sum(x, own, at));
            double f = logistic(sum(x, own, at + s.hidden()));
            double g = StrictMath.tanh(sum(x, own, at + 2 * s.hidden()));
            double o = logistic(sum(x, own, at + 3 * s.hidden()));
            double cell = f * host(c).get(e) + i * g;
            host(next).set(e, cell);
            host(h).set(e, o * StrictMath.tanh(cell));
            own.set(at, i);
            own.set(at + s.hidden(), f);
            own.set(at + 2 * s.hidden(), g);
            own.set(at + 3 * s.hidden(), o);
        }
    }

    @Override
    default void lstmCellGrad(
            Buffer gates,
            Buffer c,
            Buffer next,
            Buffer dh,
            Buffer dy,
            Buffer dc,
            Buffer dgates,
            CellSpec s) {
        HostBuffer own = host(gates);
        HostBuffer to = host(dgates);
        for (int e = 0; e < s.n() * s.hidden(); e++) {
            int at = gates(e, s);
            double i = own.get(at);
            double f = own.get(at + s.hidden());
            double g = own.get(at + 2 * s.hidden());
            double o = own.get(at + 3 * s.hidden());
            double t = StrictMath.tanh(host(next).get(e));
            double d = host(dh).get(e) + host(dy).get(e);
            double ofCell = host(dc).get(e) + d * o * (1 - t * t);
            to.set(at, ofCell * g * i * (1 - i));
            to.set(at + s.hidden(), ofCell * host(c).get(e) * f * (1 - f));
            to.set(at + 2 * s.hidden(), ofCell * i * (1 - g * g));
            to.set(at + 3 * s.hidden(), d * t * o * (1 - o));
            host(dc).set(e, ofCell * f);
        }
    }

    /** Where the first gate of element e of the state is. */
    private static int gates(int e, CellSpec s) {
        return e / s.hidden() * 4 * s.hidden() + e % s.hidden();
    }

    private static double sum(Buffer x, HostBuffer gates, int at) {
        return host(x).get(at) + gates.get(at);
    }

    private static double logistic(double v) {
        return 1 / (1 + StrictMath.exp(-v));
    }
}
