package io.github.cortado.backend.cpu.scalar;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.cpu.HostBuffer;

/** Moving elements between buffers: casting, and regions with strides. */
interface ScalarLayout extends Backend {
    /** A visitor of the places of a strided region: the running number and where it lies. */
    @FunctionalInterface
    interface Place {
        void at(int i, int place);
    }

    @Override
    default void increment(Buffer y, long by) {
        HostBuffer to = host(y);
        for (int i = 0; i < y.length(); i++) {
            to.setLong(i, to.getLong(i) + by);
        }
    }

    @Override
    default void cast(Buffer x, Buffer y) {
        HostBuffer from = host(x);
        HostBuffer to = host(y);
        boolean exact = !x.dtype().isFloat() && !y.dtype().isFloat();
        for (int i = 0; i < x.length(); i++) {
            if (exact) {
                to.setLong(i, from.getLong(i));
            } else {
                to.set(i, from.get(i));
            }
        }
    }

    @Override
    default void compare(Relation how, Buffer a, Buffer b, Buffer mask) {
        for (int i = 0; i < mask.length(); i++) {
            long u = host(a).getLong(i);
            long v = host(b).getLong(b.length() == 1 ? 0 : i);
            host(mask).set(i, holds(how, u, v) ? 1 : 0);
        }
    }

    private static boolean holds(Relation how, long a, long b) {
        return switch (how) {
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case GREATER -> a > b;
            case GREATER_EQUAL -> a >= b;
            case AND -> a != 0 && b != 0;
            case OR -> a != 0 || b != 0;
        };
    }

    @Override
    default void gather(Buffer x, Buffer y, Strided from) {
        HostBuffer source = host(x);
        HostBuffer to = host(y);
        visit(from, (i, place) -> to.copy(i, source, place));
    }

    @Override
    default void scatter(Buffer x, Buffer y, Strided to) {
        HostBuffer from = host(x);
        HostBuffer target = host(y);
        visit(to, (i, place) -> target.copy(place, from, i));
    }

    /** Visits the region in row-major order. */
    static void visit(Strided region, Place visitor) {
        int rank = region.shape().length;
        int[] index = new int[rank];
        int size = region.size();
        int place = region.offset();
        for (int i = 0; i < size; i++) {
            visitor.at(i, place);
            for (int d = rank - 1; d >= 0; d--) {
                place += region.strides()[d];
                if (++index[d] < region.shape()[d]) {
                    break;
                }
                place -= region.strides()[d] * index[d];
                index[d] = 0;
            }
        }
    }
}
