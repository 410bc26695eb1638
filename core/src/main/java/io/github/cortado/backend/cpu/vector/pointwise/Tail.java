package io.github.cortado.backend.cpu.vector.pointwise;

import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A formula that follows what is being computed: it runs on what is ready, by the thread that has
 * it in its cache; or on all of it at the end, where nobody said so.
 */
final class Tail implements HostBuffer.Floats.Follower {
    private final Parallel.Range formula;
    private final int length;
    private final AtomicInteger done = new AtomicInteger();

    Tail(Parallel.Range formula, int length) {
        this.formula = formula;
        this.length = length;
    }

    @Override
    public void ready(int from, int count) {
        formula.run(from, count);
        done.addAndGet(count);
    }

    @Override
    public void again() {
        done.set(0);
    }

    /** Runs the formula if it has not; whether it had. */
    boolean finish() {
        if (done.get() == 0) {
            Parallel.forRanges(length, formula);
            return false;
        }
        if (done.get() != length) {
            throw new IllegalStateException(
                    "of " + length + " results " + done + " were said to be ready");
        }
        return true;
    }
}
