package io.github.cortado.backend;

import java.util.Locale;

/** What to say where the heap is too small for what was asked for. */
public final class HeapSpace {
    private static final long MEBI = 1 << 20;

    private HeapSpace() {}

    /**
     * The line for {@code what}, which takes so many bytes: {@code WHAT: 147 MiB are needed, and
     * the heap has 64 MiB in all; java -Xmx256m would give it enough}.
     */
    public static String tooSmall(String what, long bytes) {
        Runtime java = Runtime.getRuntime();
        long needed = Math.max(1, (bytes + MEBI - 1) / MEBI);
        // What is there already stays, and the collector wants a quarter more to work in.
        long used = (java.totalMemory() - java.freeMemory()) / MEBI;
        long most = java.maxMemory() / MEBI;
        long enough = (Math.max(used + needed, most) / 4 + 1) * 5;
        long step = Math.max(64, Long.highestOneBit(enough) / 4);
        return String.format(
                Locale.ROOT,
                "%s: %d MiB are needed, and the heap has %d MiB in all; java -Xmx%dm would give it"
                        + " enough",
                what,
                needed,
                most,
                (enough / step + 1) * step);
    }

    /** What to throw in place of an error that does not say what was asked for. */
    public static OutOfMemoryError error(String what, long bytes, OutOfMemoryError cause) {
        OutOfMemoryError named = new OutOfMemoryError(tooSmall(what, bytes));
        named.initCause(cause);
        return named;
    }
}
