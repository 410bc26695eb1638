package io.github.cortado.gpucheck;

import java.util.Optional;
import java.util.function.Consumer;

/**
 * Something that was looked for: it, or why it is not there.
 *
 * @param why empty where it is
 */
record Found<T>(Optional<T> it, String why) {
    static <T> Found<T> yes(T it) {
        return new Found<>(Optional.of(it), "");
    }

    static <T> Found<T> no(String why) {
        return new Found<>(Optional.empty(), why);
    }

    boolean isThere() {
        return it.isPresent();
    }

    /** It, where it is known to be there. */
    T get() {
        return it.orElseThrow(() -> new IllegalStateException(why));
    }

    /** Does something with it, if it is there. */
    void ifThere(Consumer<T> action) {
        it.ifPresent(action);
    }

    /** The reason, if it is not there. */
    Optional<String> obstacle() {
        return isThere() ? Optional.empty() : Optional.of(why);
    }
}
