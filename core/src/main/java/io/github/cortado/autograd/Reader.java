package io.github.cortado.autograd;

import io.github.cortado.Internals;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Readers;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Pending} as a reader of what it is computed from. Before a write those are asked that
 * read x themselves: what reads it by way of another reads that other's values once they are there.
 * Each is noted where it reads, for there may be any number of them that nobody has any more and
 * the garbage collector has not found.
 */
final class Reader extends WeakReference<Pending> {
    /** In whose times it was noted: threads may have what waits in common. */
    private volatile List<Era> eras = List.of();

    /** Who reads what this one computes, as long as it is not there. */
    private @Nullable Readers readers;

    Reader(Pending p) {
        super(p);
    }

    /** From one {@link Pending#settleAll} of a thread to the next. */
    static final class Era {
        private final Open home;
        private volatile boolean isOver;

        Era(Open home) {
            this.home = home;
        }

        /** What was noted in it is not computed before a write any more. */
        void end() {
            isOver = true;
        }
    }

    /**
     * Notes it with all that it is computed from; with what waits too, for that may be there by
     * then.
     */
    void note(Era now) {
        Pending p = get();
        if (p == null || p.isSettled() || eras.contains(now)) {
            return;
        }
        add(now);
        for (Tensor input : p.inputs()) {
            Pending from = Internals.pending(input);
            if (from == null) {
                Internals.readers(input).add(this, Reader::isDone);
            } else {
                from.reader().note(now);
                from.reader().readBy(this, from);
            }
        }
    }

    private synchronized void add(Era now) {
        List<Era> before = eras;
        if (!isKnown(null)) {
            eras = List.of(now);
            return;
        }
        List<Era> all = new ArrayList<>(before);
        all.removeIf(era -> era.isOver);
        all.add(now);
        eras = List.copyOf(all);
    }

    /** Whether a thread that noted it has not forgotten that: {@code open}'s, or any. */
    private boolean isKnown(@Nullable Open open) {
        for (Era era : eras) {
            if (!era.isOver && (open == null || era.home == open)) {
                return true;
            }
        }
        return false;
    }

    /** Notes a reader of p, which this is: of its memory where another thread has computed it. */
    private synchronized void readBy(Reader reader, Pending p) {
        Buffer values = p.values();
        if (values != null) {
            values.readers().add(reader, Reader::isDone);
            return;
        }
        if (readers == null) {
            readers = new Readers();
        }
        readers.add(reader, Reader::isDone);
    }

    /** Its values are there: who reads them reads that memory. */
    synchronized void settled(Buffer values) {
        if (readers != null) {
            Readers of = values.readers();
            readers.left(Reader::isDone).forEach(r -> of.add(r, Reader::isDone));
            readers = null;
        }
    }

    private synchronized @Nullable Readers readers() {
        return readers;
    }

    /** Whether it reads nothing any more that has to be computed before a write. */
    static boolean isDone(WeakReference<?> reference) {
        Reader reader = (Reader) reference;
        Pending p = reader.get();
        return p == null || p.isSettled() || !reader.isKnown(null) || p.isLost();
    }

    /** Whether x is one of what p is computed from. */
    static boolean reads(Pending p, Tensor x) {
        Pending waits = Internals.pending(x);
        for (Tensor input : p.inputs()) {
            if (waits == null ? input.sharesMemoryWith(x) : Internals.pending(input) == waits) {
                return true;
            }
        }
        return false;
    }

    /** What was noted by {@code open}, has not been computed, and reads x itself. */
    static List<Pending> of(Tensor x, Open open) {
        Pending waits = Internals.pending(x);
        Readers readers = waits == null ? Internals.readers(x) : waits.reader().readers();
        List<Pending> all = new ArrayList<>();
        if (readers != null) {
            for (WeakReference<?> reference : readers.left(Reader::isDone)) {
                Reader reader = (Reader) reference;
                Pending p = reader.get();
                if (p != null && reader.isKnown(open) && reads(p, x) && !all.contains(p)) {
                    all.add(p);
                }
            }
        }
        return all;
    }
}
