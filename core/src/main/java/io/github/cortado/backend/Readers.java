package io.github.cortado.backend;

import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** Who will read values that may be overwritten first; nobody is kept alive by that. */
public final class Readers {
    /** So many are kept before they are looked through. */
    private static final int FEW = 8;

    private final List<WeakReference<?>> all = new ArrayList<>();
    private int afterLastLook;

    /**
     * Adds a reader.
     *
     * @param isDone whether one of those before it reads no more, and is forgotten
     */
    public synchronized void add(WeakReference<?> reader, Predicate<WeakReference<?>> isDone) {
        if (all.size() >= 2 * afterLastLook + FEW) {
            all.removeIf(isDone);
            afterLastLook = all.size();
        }
        all.add(reader);
    }

    /** Those that will read yet, in the order of coming. */
    public synchronized List<WeakReference<?>> left(Predicate<WeakReference<?>> isDone) {
        all.removeIf(isDone);
        afterLastLook = all.size();
        return List.copyOf(all);
    }
}
