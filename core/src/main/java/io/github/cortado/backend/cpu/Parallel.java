package io.github.cortado.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the CPU backends: a loop over fixed chunks, run by the caller and a small pool of
 * daemon workers.
 *
 * <p>The caller decides how the work is cut, and never by the number of threads; who runs which
 * chunk is left to an atomic counter, so a slow core takes fewer chunks and the results have the
 * same bits for any number of threads. Handing work over costs about a microsecond while the
 * workers are still spinning, and a wake-up (some 50 microseconds) once they have parked. A loop
 * inside a chunk, or one started while another thread is using the pool, runs on its own thread
 * alone.
 */
public final class Parallel {
    /** What is done for each chunk. */
    @FunctionalInterface
    public interface Body {
        /** Does chunk number {@code chunk}; chunks may run in any order and at the same time. */
        void run(int chunk);
    }

    /** Longest scratch array that is kept between calls, in floats; a longer one is collected. */
    static final int MAX_KEPT_SCRATCH = 1 << 23;

    private static final int SCRATCH_SLOTS = 10;

    /** Longer than what lies between two loops of a training step, so that nobody parks there. */
    private static final long SPIN_NANOS = 150_000;

    private static final ReentrantLock POOL = new ReentrantLock();
    private static final ThreadLocal<float[][]> SCRATCH =
            ThreadLocal.withInitial(() -> new float[SCRATCH_SLOTS][0]);

    private static final ThreadLocal<int[][]> INT_SCRATCH =
            ThreadLocal.withInitial(() -> new int[1][0]);

    private static volatile int threads = initialThreads();
    private static volatile Worker[] workers = {};
    private static final Job IDLE = new Job(0, chunk -> {}, Thread.currentThread());
    private static volatile Job current = IDLE;

    private Parallel() {}

    /**
     * Runs {@code body} for chunks 0 to {@code chunks - 1} and returns when all are done.
     *
     * @throws RuntimeException or Error, the first that a chunk threw; chunks not yet begun are
     *     then skipped
     */
    public static void forChunks(int chunks, Body body) {
        if (chunks <= 1 || threads == 1 || POOL.isHeldByCurrentThread() || inWorker()) {
            runInline(chunks, body);
        } else if (POOL.tryLock()) {
            try {
                runShared(chunks, body);
            } finally {
                POOL.unlock();
            }
        } else {
            runInline(chunks, body);
        }
    }

    /** The number of threads that share a loop, the caller included. */
    public static int threads() {
        return threads;
    }

    /**
     * Sets the number of threads; results do not depend on it. The default is the property {@code
     * cortado.threads}, else the number of processors.
     *
     * @throws IllegalArgumentException if {@code count} is less than 1
     */
    public static void setThreads(int count) {
        if (count < 1) {
            throw new IllegalArgumentException("threads: expected at least 1, got " + count);
        }
        POOL.lock();
        try {
            threads = count;
            for (Worker worker : workers) {
                worker.retired = true;
                LockSupport.unpark(worker);
            }
            workers = new Worker[0];
        } finally {
            POOL.unlock();
        }
    }

    /**
     * An array of at least {@code length} floats that belongs to this thread, with whatever its
     * last user left in it; valid until the same thread asks for the same slot again.
     */
    static float[] scratch(int slot, int length) {
        float[][] slots = SCRATCH.get();
        if (slots[slot].length >= length) {
            return slots[slot];
        }
        float[] grown = new float[Math.max(length, Math.min(2 * length, MAX_KEPT_SCRATCH))];
        if (grown.length <= MAX_KEPT_SCRATCH) {
            slots[slot] = grown;
        }
        return grown;
    }

    /** As {@link #scratch}, one array of ints for each thread. */
    static int[] intScratch(int length) {
        int[][] slot = INT_SCRATCH.get();
        if (slot[0].length < length) {
            slot[0] = new int[2 * length];
        }
        return slot[0];
    }

    private static int initialThreads() {
        Integer configured = Integer.getInteger("cortado.threads");
        return configured != null && configured > 0
                ? configured
                : Runtime.getRuntime().availableProcessors();
    }

    private static boolean inWorker() {
        return Thread.currentThread() instanceof Worker;
    }

    private static void runInline(int chunks, Body body) {
        for (int chunk = 0; chunk < chunks; chunk++) {
            body.run(chunk);
        }
    }

    private static void runShared(int chunks, Body body) {
        Worker[] pool = startedWorkers();
        Job job = new Job(chunks, body, Thread.currentThread());
        current = job;
        int wanted = Math.min(pool.length, chunks - 1);
        for (int i = 0; i < wanted; i++) {
            if (pool[i].parked) {
                LockSupport.unpark(pool[i]);
            }
        }
        job.work();
        try {
            job.await();
        } finally {
            current = IDLE; // lets go of the arrays that the body holds
        }
    }

    private static Worker[] startedWorkers() {
        if (workers.length != threads - 1) {
            Worker[] started = new Worker[threads - 1];
            for (int i = 0; i < started.length; i++) {
                started[i] = new Worker(i + 1);
                started[i].start();
            }
            workers = started;
        }
        return workers;
    }

    /** One loop: its chunks are claimed from {@code next} until none is left. */
    private static final class Job {
        private final int chunks;
        private final Body body;
        private final Thread caller;
        private final AtomicInteger next = new AtomicInteger();
        private final AtomicInteger finished = new AtomicInteger();
        private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();

        Job(int chunks, Body body, Thread caller) {
            this.chunks = chunks;
            this.body = body;
            this.caller = caller;
        }

        void work() {
            int chunk = next.getAndIncrement();
            while (chunk < chunks) {
                try {
                    if (failure.get() == null) {
                        body.run(chunk);
                    }
                } catch (Throwable thrown) {
                    failure.compareAndSet(null, thrown);
                }
                if (finished.incrementAndGet() == chunks && Thread.currentThread() != caller) {
                    LockSupport.unpark(caller);
                }
                chunk = next.getAndIncrement();
            }
        }

        void await() {
            long end = System.nanoTime() + SPIN_NANOS;
            boolean interrupted = false;
            while (finished.get() < chunks) {
                if (System.nanoTime() < end) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.park(this);
                    interrupted |= Thread.interrupted();
                }
            }
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
            Throwable thrown = failure.get();
            if (thrown instanceof RuntimeException e) {
                throw e;
            }
            if (thrown instanceof Error e) {
                throw e;
            }
        }
    }

    /** A daemon that takes part in the current job, spins a moment for the next, then parks. */
    private static final class Worker extends Thread {
        volatile boolean parked;
        volatile boolean retired;

        Worker(int number) {
            super("cortado-worker-" + number);
            setDaemon(true);
        }

        @Override
        public void run() {
            @Nullable Job done = null;
            while (!retired) {
                Job job = await(done);
                job.work();
                done = job;
            }
        }

        private Job await(@Nullable Job done) {
            long end = System.nanoTime() + SPIN_NANOS;
            while (current == done && !retired) {
                if (System.nanoTime() < end) {
                    Thread.onSpinWait();
                    continue;
                }
                parked = true;
                // Looked at once more: a job published before the flag was seen would be missed.
                if (current == done && !retired) {
                    LockSupport.park(Parallel.class);
                }
                parked = false;
            }
            return current;
        }
    }
}
