package io.github.cortado.backend.cpu.vector.layout;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.HostBuffer.Bytes;
import io.github.cortado.backend.cpu.HostBuffer.Longs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Masks of whole numbers and of truths. Of a buffer of one element, all are compared with that. */
final class Relations {
    /** Eight bytes of an array as one number, from any place on. */
    private static final VarHandle EIGHT =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    /** A 1 in each byte. */
    private static final long ONES = 0x0101010101010101L;

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
     * Each function of two truths is a sum modulo 2 of 1, a, b and a b, or of some of them, by
     * which eight truths are computed as one number: JDK 17 computes bytes one by one.
     */
    private static void truths(int table, Bytes a, Bytes b, Bytes mask) {
        int c = table & 1;
        int cb = (table >> 1 & 1) ^ c;
        int ca = (table >> 2 & 1) ^ c;
        int cab = (table >> 3 & 1) ^ ca ^ cb ^ c;
        if (b.length() == 1) {
            int one = b.array()[b.offset()];
            withOne(c ^ (cb & one), ca ^ (cab & one), a, mask);
            return;
        }
        byte[] left = a.array();
        byte[] right = b.array();
        byte[] y = mask.array();
        int p = a.offset();
        int q = b.offset();
        int to = mask.offset();
        int n = mask.length();
        int i = 0;
        for (; i <= n - 8; i += 8) {
            long u = (long) EIGHT.get(left, p + i);
            long v = (long) EIGHT.get(right, q + i);
            long sum = ONES * c ^ (ONES * ca & u) ^ (ONES * cb & v) ^ (ONES * cab & u & v);
            EIGHT.set(y, to + i, sum);
        }
        for (; i < n; i++) {
            int u = left[p + i];
            int v = right[q + i];
            y[to + i] = (byte) (c ^ (ca & u) ^ (cb & v) ^ (cab & u & v));
        }
    }

    /** The term plus so many times a, modulo 2. */
    private static void withOne(int term, int factor, Bytes a, Bytes mask) {
        byte[] left = a.array();
        byte[] y = mask.array();
        int p = a.offset();
        int to = mask.offset();
        int n = mask.length();
        int i = 0;
        for (; i <= n - 8; i += 8) {
            long u = (long) EIGHT.get(left, p + i);
            EIGHT.set(y, to + i, ONES * term ^ (ONES * factor & u));
        }
        for (; i < n; i++) {
            y[to + i] = (byte) (term ^ (factor & left[p + i]));
        }
    }
}
