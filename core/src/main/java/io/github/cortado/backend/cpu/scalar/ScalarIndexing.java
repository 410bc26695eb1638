package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.Indices;

/** Lines of a tensor by number. */
interface ScalarIndexing extends Backend {
    /** A visitor of what is picked: an element of the picked lines, and of all. */
    @FunctionalInterface
    interface Pick {
        void at(int picked, int place);
    }

    @Override
    default void indexSelect(Buffer x, Buffer index, Buffer y, Axis axis) {
        Indices.check(host(index), axis.n());
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        visit(host(index), axis, -1, (k, place) -> to.copy(k, from, place));
    }

    @Override
    default void indexSelectGrad(Buffer dy, Buffer index, Buffer dx, Axis axis, int padding) {
        HostBuffer g = host(dy);
        HostBuffer to = host(dx);
        double[] sums = new double[dx.length()];
        visit(host(index), axis, padding, (k, place) -> sums[place] += g.get(k));
        for (int i = 0; i < sums.length; i++) {
            to.set(i, sums[i]);
        }
    }

    @Override
    default void take(Buffer x, Buffer index, Buffer y, Axis axis) {
        HostBuffer numbers = host(index);
        Indices.check("gather", numbers, axis.n());
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        for (int e = 0; e < y.length(); e++) {
            to.copy(e, from, place(numbers, e, axis));
        }
    }

    @Override
    default void takeGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        HostBuffer numbers = host(index);
        Indices.check("scatterAdd", numbers, axis.n());
        double[] sums = new double[dx.length()];
        for (int e = 0; e < dy.length(); e++) {
            sums[place(numbers, e, axis)] += host(dy).get(e);
        }
        for (int i = 0; i < sums.length; i++) {
            host(dx).set(i, sums[i]);
        }
    }

    @Override
    default void put(Buffer x, Buffer index, Buffer y, Axis axis) {
        HostBuffer numbers = host(index);
        Indices.check("scatter", numbers, axis.n());
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        for (int e = 0; e < x.length(); e++) {
            to.copy(place(numbers, e, axis), from, e);
        }
    }

    /** Where along the axis element e of the index points to. */
    private static int place(HostBuffer index, int e, Axis axis) {
        int picks = index.length() / (axis.outer() * axis.inner());
        int o = e / (picks * axis.inner());
        int j = e % axis.inner();
        return (o * axis.n() + (int) index.getLong(e)) * axis.inner() + j;
    }

    /** Visits the elements of the picked lines, but of those with number {@code skipped}. */
    static void visit(HostBuffer index, Axis axis, int skipped, Pick pick) {
        int inner = axis.inner();
        for (int o = 0; o < axis.outer(); o++) {
            for (int k = 0; k < index.length(); k++) {
                int i = (int) index.getLong(k);
                for (int j = 0; j < inner && i != skipped; j++) {
                    pick.at((o * index.length() + k) * inner + j, (o * axis.n() + i) * inner + j);
                }
            }
        }
    }
}
