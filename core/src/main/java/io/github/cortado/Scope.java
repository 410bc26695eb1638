package io.github.cortado;

import io.github.cortado.autograd.Autograd;
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
    private static final String WHY =
            "the scope that it was made in was closed; call keep() on it before";

    private static final ThreadLocal<@Nullable Scope> CURRENT = new ThreadLocal<>();

    private final @Nullable Scope outer;
    private final boolean forGradients;
    private final long pass;
    private final List<Buffer> made = new ArrayList<>();
    private boolean open = true;
    private boolean releasedAll;

    private Scope(@Nullable Scope outer, boolean forGradients, long pass) {
        this.outer = outer;
        this.forGradients = forGradients;
        this.pass = pass;
    }

    /** Begins a scope inside of the present one. */
    public static Scope open() {
        return open(false, 0);
    }

    /**
     * Begins a scope for the work of one node of a backward pass.
     *
     * @param pass number of the pass, from 1; 0 where others than the pass may see what is made
     */
    public static Scope openForGradients(long pass) {
        return open(true, pass);
    }

    private static Scope open(boolean forGradients, long pass) {
        Scope scope = new Scope(CURRENT.get(), forGradients, pass);
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

    /** The scope that this thread is in. */
    public static @Nullable Scope current() {
        return CURRENT.get();
    }

    /** Number of the backward pass that alone sees what is made inside; 0 if there is none. */
    public long pass() {
        return pass;
    }

    /**
     * Takes this thread into {@code scope}, or what of it and the outer ones is still open, until
     * the result is closed: for results that are computed later than they are written.
     */
    public static Autograd.Pause enter(@Nullable Scope scope) {
        Scope before = CURRENT.get();
        Scope home = scope;
        while (home != null && !home.open) {
            // A gradient that another node of its pass asks for goes when that is done with it.
            boolean samePass =
                    home.forGradients
                            && before != null
                            && before.forGradients
                            // What was made for others to see stays that.
                            && (home.pass != 0 || before.pass == 0);
            home = samePass ? before : home.outer;
        }
        CURRENT.set(home);
        return () -> CURRENT.set(before);
    }

    /** Releases what would have been released with this scope, had it been there then. */
    public void releaseIfClosed(Buffer late) {
        if (releasedAll && !late.isKept()) {
            late.release(WHY);
        }
    }

    /** Releases what was made inside. */
    @Override
    public void close() {
        releasedAll = true;
        close(b -> true, WHY);
    }

    /** Releases what was made inside and {@code isDone}; the rest is the caller's from now on. */
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
            }
        }
    }
}
