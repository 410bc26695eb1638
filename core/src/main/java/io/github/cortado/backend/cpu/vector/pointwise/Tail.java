package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A formula that follows what is being computed: it runs on what is ready, by the thread that has
 * it in its cache; or on all of it at the end, where nobody said so. Of its own results it says in
 * turn which are ready.
 */
final class Tail implements Floats.Follower {
    private final Parallel.Range formula;
    private final Floats y;
    private final AtomicInteger done = new AtomicInteger();

    /**
     * A formula that computes y.
     *
     * @param y of the length of what is followed
     */
    Tail(Parallel.Range formula, Floats y) {
        this.formula = formula;
        this.y = y;
    }

    /** Runs a formula on all of y. */
    static void run(Parallel.Range formula, Floats y) {
        if (!y.isFollowed()) {
            Parallel.forRanges(y.length(), formula);
            return;
        }
        Parallel.forRanges(
                y.length(),
                (from, length) -> {
                    for (int at = from; at < from + length; at += PIECE) {
                        int n = Math.min(PIECE, from + length - at);
                        formula.run(at, n);
                        y.ready(at, n);
                    }
                });
    }

    @Override
    public void ready(int from, int count) {
        formula.run(from, count);
        y.ready(from, count);
        done.addAndGet(count);
    }

    @Override
    public void again() {
        y.again();
        done.set(0);
    }

    /** Runs the formula if it has not; whether it had. */
    boolean finish() {
        if (done.get() == 0) {
            run(formula, y);
            return false;
        }
        if (done.get() != y.length()) {
            throw new IllegalStateException(
                    "of " + y.length() + " results " + done + " were said to be ready");
        }
        return true;
    }
}
