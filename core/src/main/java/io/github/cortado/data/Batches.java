package io.github.cortado.data;

import io.github.cortado.random.Shuffle;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;

/**
 * The batches of one epoch, to be gone through once.
 *
 * <p>A batch is begun when there is room for it: taking one lets the workers begin another, so that
 * at no time more are made or waiting than are to be prefetched. Closing early spares the work on
 * those.
 */
public final class Batches implements Iterable<Batch>, AutoCloseable {
    private final BatchReader reader;
    private final DataLoader.Settings settings;
    private final Executor threads;
    private final int epoch;
    private final int batches;
    private final int[] order;
    private final Deque<FutureTask<Batch>> ahead = new ArrayDeque<>();
    private int begun;
    private int taken;
    private volatile boolean closed;

    Batches(
            BatchReader reader,
            DataLoader.Settings settings,
            Executor threads,
            int epoch,
            int size,
            int batches) {
        this.reader = reader;
        this.settings = settings;
        this.threads = threads;
        this.epoch = epoch;
        this.batches = batches;
        order =
                settings.shuffle()
                        ? Shuffle.permutation(size, settings.seed(), epoch)
                        : inOrder(size);
        if (settings.workers() > 0) {
            workAhead();
        }
    }

    static int[] inOrder(int size) {
        int[] order = new int[size];
        for (int i = 0; i < size; i++) {
            order[i] = i;
        }
        return order;
    }

    private void workAhead() {
        while (ahead.size() < settings.prefetch() && begun < batches) {
            int batch = begun++;
            FutureTask<Batch> task = new FutureTask<>(() -> read(batch));
            ahead.add(task);
            threads.execute(task);
        }
    }

    private Batch read(int batch) {
        int from = batch * settings.batchSize();
        return reader.read(order, from, end(from), epoch, () -> closed);
    }

    private Batch readTogether(int batch) {
        int from = batch * settings.batchSize();
        return reader.readTogether(order, from, end(from), epoch);
    }

    private int end(int from) {
        return Math.min(order.length, from + settings.batchSize());
    }

    /** Returns an iterator that goes on after the batches taken so far; see {@link #next}. */
    @Override
    public Iterator<Batch> iterator() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return Batches.this.hasNext();
            }

            @Override
            public Batch next() {
                return Batches.this.next();
            }
        };
    }

    /** True while there are batches to take. */
    public boolean hasNext() {
        return !closed && taken < batches;
    }

    /**
     * Takes the next batch, waiting for it if need be.
     *
     * @throws SampleException where one of its pictures could not be read or transformed; there are
     *     no further batches then
     * @throws NoSuchElementException after the last batch or after {@link #close}
     * @throws IllegalStateException where the thread is interrupted while it waits
     */
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException(
                    closed ? "the batches are closed" : "epoch " + epoch + " has no more batches");
        }
        boolean done = false;
        try {
            Batch batch = settings.workers() > 0 ? takeAhead() : readTogether(taken);
            taken++;
            done = true;
            return batch;
        } finally {
            if (!done) {
                close();
            }
        }
    }

    private Batch takeAhead() {
        try {
            Batch batch = ahead.remove().get();
            workAhead();
            return batch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a batch", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SampleException sample) {
                throw sample;
            }
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw new IllegalStateException("a batch could not be made", e.getCause());
        }
    }

    /** Gives up the batches that were not taken. */
    @Override
    public void close() {
        closed = true;
        ahead.forEach(task -> task.cancel(false));
        ahead.clear();
    }
}
