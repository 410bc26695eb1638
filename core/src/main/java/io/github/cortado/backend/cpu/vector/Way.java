package io.github.cortado.backend.cpu.vector;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One way to compute something, an entry of {@link Ways}.
 *
 * @param name as it is reported
 * @param obstacle says why a problem cannot go this way, or is better off on a later one
 * @param plan prepares a problem that has no obstacle
 * @param <P> the problem, a record
 * @param <T> what computes it, from buffers to buffers; immutable, for many threads at once
 */
public record Way<P, T>(String name, Obstacle<P> obstacle, Function<P, T> plan) {
    /** Why a problem cannot go a way. */
    @FunctionalInterface
    public interface Obstacle<P> {
        /** The reason in a few words, or null where there is none. */
        @Nullable String of(P problem);
    }

    /** A way for the problems that have no obstacle. */
    public static <P, T> Way<P, T> of(String name, Obstacle<P> obstacle, Function<P, T> plan) {
        return new Way<>(name, obstacle, plan);
    }

    /** A way for all problems. */
    public static <P, T> Way<P, T> forAll(String name, Function<P, T> plan) {
        return new Way<>(name, problem -> null, plan);
    }
}
