package io.github.cortado.cuda;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Keeps so many values, and lets go of the one that was asked for the longest ago. */
final class Recent<K, V> {
    private final LinkedHashMap<K, V> values = new LinkedHashMap<>(16, 0.75f, true);
    private final int most;
    private final Consumer<V> letGo;

    Recent(int most, Consumer<V> letGo) {
        this.most = most;
        this.letGo = letGo;
    }

    @Nullable V get(K key) {
        return values.get(key);
    }

    void put(K key, V value) {
        V before = values.put(key, value);
        if (before != null) {
            letGo.accept(before);
        }
        if (values.size() > most) {
            Map.Entry<K, V> eldest = values.entrySet().iterator().next();
            values.remove(eldest.getKey());
            letGo.accept(eldest.getValue());
        }
    }

    /** Lets go of all. */
    void clear() {
        values.values().forEach(letGo);
        values.clear();
    }
}
