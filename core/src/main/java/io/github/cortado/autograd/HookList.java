package io.github.cortado.autograd;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Hooks in the order of their registration; one that removes itself while it is called does no harm
 * to the others.
 *
 * @param <H> what is called
 */
public final class HookList<H> {
    private final List<Entry<H>> entries = new CopyOnWriteArrayList<>();

    /** Not equal to another with the same hook, which may be registered twice. */
    private static final class Entry<H> {
        final H hook;

        Entry(H hook) {
            this.hook = hook;
        }
    }

    /** Adds a hook until the handle removes it. */
    public RemovableHandle add(H hook) {
        Entry<H> entry = new Entry<>(hook);
        entries.add(entry);
        return new RemovableHandle(() -> entries.remove(entry));
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return entries.isEmpty();
    }

    /** Those that are there now. */
    public List<H> present() {
        return entries.stream().map(e -> e.hook).toList();
    }
}
