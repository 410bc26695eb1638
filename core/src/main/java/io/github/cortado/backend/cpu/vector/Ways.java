package io.github.cortado.backend.cpu.vector;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The ways to compute one thing, best first. The first that has no obstacle to a problem makes its
 * plan, which is kept; the last takes every problem.
 *
 * <p>Which way a problem goes depends on the problem and on this machine's vectors alone, never on
 * a stop-watch: the same program has the same bits wherever the vectors are as wide.
 *
 * @param <P> the problem, a record: equal problems share a plan
 * @param <T> what computes a problem; immutable, for many threads at once
 */
public final class Ways<P, T> {
    /** A program that meets ever new problems, such as batches of all sizes, begins anew then. */
    static final int MOST_PLANS = 128;

    private final String what;
    private final Supplier<List<Way<P, T>>> ways;
    private final ConcurrentHashMap<P, Chosen<P, T>> chosen = new ConcurrentHashMap<>();

    private record Chosen<P, T>(Way<P, T> way, T plan) {}

    /**
     * Ways to compute what a method of the backend asks for.
     *
     * @param what the method's name
     * @param ways best first; the last must take every problem. Asked for when the first problem
     *     comes: a program that never pools does not wait for the ways to pool
     */
    public Ways(String what, Supplier<List<Way<P, T>>> ways) {
        this.what = what;
        this.ways = ways;
    }

    /** The name of the method that they compute. */
    public String what() {
        return what;
    }

    /** All of them, best first. */
    public List<Way<P, T>> all() {
        return ways.get();
    }

    /** What computes a problem. */
    public T plan(P problem) {
        return chosen(problem).plan;
    }

    /** The name of the way that a problem goes. */
    public String wayOf(P problem) {
        return chosen(problem).way.name();
    }

    private Chosen<P, T> chosen(P problem) {
        Chosen<P, T> known = chosen.get(problem);
        return known == null ? choose(problem) : known;
    }

    private Chosen<P, T> choose(P problem) {
        List<String> obstacles = new ArrayList<>();
        for (Way<P, T> way : ways.get()) {
            @Nullable String obstacle = way.obstacle().of(problem);
            if (obstacle == null) {
                Chosen<P, T> found = new Chosen<>(way, way.plan().apply(problem));
                if (chosen.size() >= MOST_PLANS) {
                    chosen.clear();
                }
                chosen.put(problem, found);
                return found;
            }
            obstacles.add(way.name() + ": " + obstacle);
        }
        throw new AssertionError(what + ": no way takes " + problem + ", " + obstacles);
    }
}
