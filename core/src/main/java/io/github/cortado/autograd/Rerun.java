package io.github.cortado.autograd;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What has to be the same where a {@link Autograd#checkpoint checkpoint}'s function is run again:
 * its random numbers are those of the first run, and what it notes besides, such as running
 * statistics, it noted then.
 */
public final class Rerun {
    private static final ThreadLocal<@Nullable Rerun> CURRENT = new ThreadLocal<>();

    /** What was drawn in the first run, in this order. */
    private final List<Object> drawn = new ArrayList<>();

    private @Nullable Rerun outer;
    private boolean again;
    private int next;

    /** Takes this thread into the first run, or into another one, until the result is closed. */
    Autograd.Pause run(boolean isAgain) {
        Rerun before = CURRENT.get();
        outer = before;
        again = isAgain;
        next = 0;
        CURRENT.set(this);
        return () -> {
            outer = null;
            CURRENT.set(before);
        };
    }

    /** Refuses a run that drew less than the first one. */
    void checkDrawn() {
        if (next != drawn.size()) {
            throw differs(next, "");
        }
    }

    private IllegalStateException differs(int count, String more) {
        return new IllegalStateException(
                "checkpoint: the function drew random numbers "
                        + drawn.size()
                        + " times in its forward pass, and"
                        + more
                        + " "
                        + count
                        + " times when it was run again for its gradient");
    }

    /** What {@code draws} says, or said in the first run. */
    public static <T> T draw(Class<T> type, Supplier<T> draws) {
        Rerun run = CURRENT.get();
        return run == null ? draws.get() : run.drawn(type, draws);
    }

    private <T> T drawn(Class<T> type, Supplier<T> draws) {
        if (again) {
            if (next == drawn.size() || !type.isInstance(drawn.get(next))) {
                throw differs(next + 1, " at least");
            }
            return type.cast(drawn.get(next++));
        }
        T value = outer == null ? draws.get() : outer.drawn(type, draws);
        drawn.add(value);
        return value;
    }

    /** Whether what this thread computes was computed before, and noted. */
    public static boolean isRunning() {
        for (Rerun run = CURRENT.get(); run != null; run = run.outer) {
            if (run.again) {
                return true;
            }
        }
        return false;
    }
}
