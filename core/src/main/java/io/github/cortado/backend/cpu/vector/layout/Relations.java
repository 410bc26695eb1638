package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Bytes;
import io.github.cortado.backend.cpu.HostBuffer.Longs;

/** Masks of whole numbers and of truths. Of a buffer of one element, all are compared with that. */
final class Relations {
    private Relations() {}

    /** {@link Backend#compare}. */
    static void of(Relation how, Buffer a, Buffer b, Buffer mask) {
        Bytes whole = (Bytes) host(mask);
        boolean one = b.length() == 1;
        Parallel.forRanges(
                whole.length(),
                (first, n) -> {
                    HostBuffer left = host(a).slice(first, n);
                    HostBuffer right = one ? host(b) : host(b).slice(first, n);
                    Bytes to = whole.slice(first, n);
                    if (left instanceof Longs u) {
                        numbers(how.ofNumbers(), u, (Longs) right, to);
                    } else {
                        truths(how.ofTruths(), (Bytes) left, (Bytes) right, to);
                    }
                });
    }

    private static void numbers(int table, Longs a, Longs b, Bytes mask) {
        long[] left = a.array();
        long[] right = b.array();
        byte[] y = mask.array();
        int p = a.offset();
        int q = b.offset();
        int to = mask.offset();
        int n = mask.length();
        int step = b.length() == 1 ? 0 : 1;
        for (int i = 0; i < n; i++) {
            long u = left[p + i];
            long v = right[q + step * i];
            int place = (u > v ? 1 : 0) - (u < v ? 1 : 0) + 1;
            y[to + i] = (byte) (table >> place & 1);
        }
    }

    /**
     * Each function of two truths is a sum modulo 2 of 1, a, b and a b, or of some of them, which
     * bytes side by side are added by.
     */
    private static void truths(int table, Bytes a, Bytes b, Bytes mask) {
        byte[] left = a.array();
        byte[] right = b.array();
        byte[] y = mask.array();
        int p = a.offset();
        int q = b.offset();
        int to = mask.offset();
        int n = mask.length();
        int c = table & 1;
        int cb = (table >> 1 & 1) ^ c;
        int ca = (table >> 2 & 1) ^ c;
        int cab = (table >> 3 & 1) ^ ca ^ cb ^ c;
        if (b.length() == 1) {
            int sum = c ^ (cb & right[q]);
            int factor = ca ^ (cab & right[q]);
            for (int i = 0; i < n; i++) {
                y[to + i] = (byte) (sum ^ (factor & left[p + i]));
            }
            return;
        }
        for (int i = 0; i < n; i++) {
            int u = left[p + i];
            int v = right[q + i];
            y[to + i] = (byte) (c ^ (ca & u) ^ (cb & v) ^ (cab & u & v));
        }
    }
}
