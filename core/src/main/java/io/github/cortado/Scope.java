package io.github.cortado;

import io.github.cortado.backend.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Gives memory back early: when a scope closes, every tensor made inside it on the same thread is
 * released, except those that were {@linkplain Tensor#keep() kept}.
 *
 * <pre>{@code
 * try (Scope scope = Scope.open()) {
 *     scores = model.forward(images).toFloats();
 * }
 * }</pre>
 *
 * <p>Nobody needs one: memory returns by itself. On the CPU, where tensors are Java arrays, a scope
 * does nothing.
 */
public final class Scope implements AutoCloseable {
    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final @Nullable Scope outer;
    private final List<Buffer> made = new ArrayList<>();
    private boolean open = true;

    private Scope(@Nullable Scope outer) {
        this.outer = outer;
    }

    /** Begins a scope inside of the present one. */
    public static Scope open() {
        Scope scope = new Scope(CURRENT.get());
        CURRENT.set(scope);
        return scope;
    }

    /** Notes memory that was just taken on this thread; for backends whose memory is managed. */
    public static void track(Buffer buffer) {
        Scope scope = CURRENT.get();
        if (scope != null) {
            scope.made.add(buffer);
        }
    }

    /** Releases what was made inside. */
    @Override
    public void close() {
        close(b -> true, "the scope that it was made in was closed; call keep() on it before");
    }

    /**
     * Releases what was made inside and {@code isDone}; the rest belongs to the outer scope from
     * now on.
     */
    public void close(Predicate<Buffer> isDone, String why) {
        if (!open) {
            return;
        }
        open = false;
        if (CURRENT.get() != this) {
            throw new IllegalStateException(
                    "scopes are closed in the reverse order of their opening, on one thread");
        }
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
        for (Buffer b : made) {
            if (b.isKept() || b.released() != null) {
                continue;
            }
            if (isDone.test(b)) {
                b.release(why);
            } else if (outer != null) {
                outer.made.add(b);
            }
        }
    }
}
