package io.github.cortado.backend;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What was made of the values of some memory, such as weights in the order in which a kernel reads
 * them, and is good for as long as they are not written; see {@link Buffer#derived}. Threads may
 * ask at the same time: each value is right, and the last that was made is kept.
 */
public final class Derived {
    /** A program that asks for ever new things begins anew then. */
    private static final int MOST = 8;

    private final Map<Object, Made> known = new ConcurrentHashMap<>();

    private record Made(Object value, List<Source> sources) {
        boolean isOf(List<Source> now) {
            return sources.equals(now);
        }
    }

    /** Some memory, and how often it had been written. */
    private record Source(Object memory, int version) {}

    /**
     * The value of that key, made now unless it was made of the present values of {@code from}.
     *
     * @param from all that {@code make} reads; what is null is not there, and is made of nothing
     */
    public <T> T get(Class<T> type, Object key, Supplier<T> make, @Nullable Buffer... from) {
        List<Source> now = new ArrayList<>(from.length);
        for (Buffer b : from) {
            if (b != null && !b.isWhole()) {
                return make.get();
            }
            now.add(b == null ? new Source(this, 0) : new Source(b.memory(), b.version()));
        }
        Made made = known.get(key);
        if (made == null || !made.isOf(now)) {
            made = new Made(make.get(), now);
            if (known.size() >= MOST) {
                known.clear();
            }
            known.put(key, made);
        }
        return type.cast(made.value);
    }
}
