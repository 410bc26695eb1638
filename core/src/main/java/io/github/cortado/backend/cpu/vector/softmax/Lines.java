package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.cpu.IntMath;
import io.github.cortado.backend.cpu.Scratch;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * Softmax, or its logarithm, of lines of neighbours that are being computed where its results come
 * to lie: of some lines as soon as they are there, by the thread that has them in its cache; or of
 * all at the end, where nobody said so.
 */
final class Lines implements Floats.Follower {
    /** Such a line and a copy of it take 256 KiB of the second-level cache. */
    static final int LONGEST = 1 << 15;

    private final Ways<Axis, Along> ways;
    private final Floats y;
    private final int n;
    private final boolean log;

    /** Lines to a chunk. */
    private final int together;

    /** Of each line that was told of in parts, how many of its elements are there. */
    private final AtomicIntegerArray told;

    private final AtomicInteger done = new AtomicInteger();

    Lines(Ways<Axis, Along> ways, Floats y, int n, boolean log) {
        this.ways = ways;
        this.y = y;
        this.n = n;
        this.log = log;
        together = Math.max(1, PIECE / n);
        told = new AtomicIntegerArray(y.length() / n);
    }

    @Override
    public void ready(int from, int count) {
        int end = from + count;
        int first = IntMath.ceilDiv(from, n);
        int last = end / n;
        if (first > last) {
            part(last, count);
            return;
        }
        if (from < first * n) {
            part(first - 1, first * n - from);
        }
        if (last > first) {
            whole(first, last - first);
        }
        if (end > last * n) {
            part(last, end - last * n);
        }
    }

    /** Some elements of a line. Who has the last ones sees what others have written of it. */
    private void part(int line, int count) {
        if (told.addAndGet(line, count) == n) {
            whole(line, 1);
        }
    }

    private void whole(int first, int count) {
        for (int line = first; line < first + count; line += together) {
            run(line, Math.min(together, first + count - line));
        }
        done.addAndGet(count);
    }

    private void run(int first, int count) {
        int length = count * n;
        float[] copy = Scratch.ROW.floats(length);
        System.arraycopy(y.array(), y.offset() + first * n, copy, 0, length);
        Along along = ways.plan(new Axis(count, n, 1));
        Floats x = new Floats(copy);
        if (log) {
            along.logSoftmax(x, y.slice(first * n, length));
        } else {
            along.softmax(x, y.slice(first * n, length), null);
        }
    }

    @Override
    public void again() {
        done.set(0);
        for (int line = 0; line < told.length(); line++) {
            told.set(line, 0);
        }
    }

    /** Does all lines if none was said to be ready; whether they were. */
    boolean finish() {
        int lines = told.length();
        if (done.get() == 0) {
            Parallel.forChunks(
                    IntMath.ceilDiv(lines, together),
                    chunk -> {
                        int first = chunk * together;
                        run(first, Math.min(together, lines - first));
                    });
            return false;
        }
        if (done.get() != lines) {
            throw new IllegalStateException(
                    "of " + lines + " lines " + done + " were said to be ready");
        }
        return true;
    }
}
