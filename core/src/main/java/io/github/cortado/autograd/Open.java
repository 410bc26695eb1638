package io.github.cortado.autograd;

import io.github.cortado.Tensor;
import io.github.cortado.backend.Readers;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What a thread has left open of {@link Pending} results, in the order of making. */
final class Open {
    /** The oldest is computed when there are more: nobody may ever ask for it. */
    private static final int MOST = 32;

    private static final ThreadLocal<Open> OF_THREAD = ThreadLocal.withInitial(Open::new);

    /** What nothing was made of. */
    private final List<Pending> results = new ArrayList<>();

    /** What something was made of, as long as somebody has it. */
    private Readers used = new Readers();

    private Reader.Era era = new Reader.Era(this);
    private int paused;

    /** What was computed along with something else, and how often; null if nobody asks. */
    private @Nullable Map<String, Integer> fused;

    static Open ofThisThread() {
        return OF_THREAD.get();
    }

    void add(Pending p) {
        results.add(p);
        if (results.size() > MOST) {
            results.remove(0).settle();
        }
    }

    void used(Pending p) {
        remove(p);
        p.reader().note(era);
        used.add(p.reader(), Reader::isDone);
    }

    void remove(Pending p) {
        for (int i = results.size() - 1; i >= 0; i--) {
            if (results.get(i) == p) {
                results.remove(i);
                return;
            }
        }
    }

    /** All that reads x itself and has not been computed. */
    List<Pending> readers(Tensor x) {
        List<Pending> readers = Reader.of(x, this);
        for (Pending p : results) {
            if (Reader.reads(p, x)) {
                readers.add(p);
            }
        }
        return readers;
    }

    /** {@link Pending#settleUnused}. */
    void settleUnused() {
        while (!results.isEmpty()) {
            results.remove(results.size() - 1).settle();
        }
    }

    /** {@link Pending#settleAll}. */
    void settleAll() {
        settleUnused();
        used = new Readers();
        era.end();
        era = new Reader.Era(this);
    }

    /** {@link Pending#settleUsedToo}. */
    void settleUsedToo() {
        settleUnused();
        for (WeakReference<?> u : used.left(Reader::isDone)) {
            Pending p = ((Reader) u).get();
            if (p != null) {
                p.settle();
            }
        }
    }

    /** Whether all is computed where it is written. */
    boolean isPaused() {
        return paused > 0;
    }

    /** {@link Pending#pause}. */
    Autograd.Pause pause() {
        settleUnused();
        paused++;
        return () -> paused--;
    }

    /** {@link Pending#fused}. */
    void fused(String what) {
        if (fused != null) {
            fused.merge(what, 1, Integer::sum);
        }
    }

    /** {@link Pending#fusedIn}. */
    Map<String, Integer> fusedIn(Runnable work) {
        Map<String, Integer> outer = fused;
        Map<String, Integer> all = new TreeMap<>();
        fused = all;
        try {
            work.run();
        } finally {
            fused = outer;
        }
        return all;
    }
}
