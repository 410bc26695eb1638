package io.github.cortado.backend;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * The threads of the CPU backends: a loop over fixed chunks, run by the caller and a small pool of
 * daemon workers.
 *
 * <p>The caller decides how the work is cut, and never by the number of threads, so the results
 * have the same bits for any number of them. Each thread begins with its own part of the chunks,
 * the first threads with the first ones: where loop after loop goes over the same pictures, a
 * thread then finds in its own cache what it wrote. Afterwards it takes what others have left, so a
 * slow core does fewer chunks.
 *
 * <p>Handing work over costs about a microsecond while the workers are still spinning, and a
 * wake-up (some 50 microseconds) once they have parked. A loop inside a chunk, or one started while
 * another thread is using the pool, runs on its own thread alone.
 */
public final class Parallel {
    /** What is done for each chunk. */
    @FunctionalInterface
    public interface Body {
        /** Does chunk number {@code chunk}; chunks may run in any order and at the same time. */
        void run(int chunk);
    }

    /** Elements of a range: 64 KiB of floats, so that a chunk outweighs handing it over. */
    public static final int RANGE = 1 << 14;

    /** Longer than what lies between two loops of a training step, so that nobody parks there. */
    private static final long SPIN_NANOS = 150_000;

    private static final ReentrantLock POOL = new ReentrantLock();
    private static final String PROPERTY = "cortado.threads";

    /**
     * 0 where {@code cortado.threads} is no number of threads, which is an error when asked for.
     */
    private static volatile int threads = initialThreads();

    private static volatile Worker[] workers = {};
    private static final Body NOTHING = chunk -> {};
    private static volatile Job current = new Job(0, 1, NOTHING, Thread.currentThread());

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

    /** A part of an element-wise loop, from element {@code from} on. */
    @FunctionalInterface
    public interface Range {
        /** Does {@code length} elements from {@code from} on. */
        void run(int from, int length);
    }

    /** Runs a loop over n elements in chunks of {@value #RANGE}. */
    public static void forRanges(int n, Range body) {
        int chunks = (n + RANGE - 1) / RANGE;
        forChunks(chunks, c -> body.run(c * RANGE, Math.min(RANGE, n - c * RANGE)));
    }

    /** Runs a body for each of some items, as many to a chunk as have {@code chunk} elements. */
    public static void forItems(int items, int itemSize, int chunk, Body body) {
        int perChunk = Math.max(1, chunk / Math.max(1, itemSize));
        forChunks(
                (items + perChunk - 1) / perChunk,
                c -> {
                    int end = Math.min(items, (c + 1) * perChunk);
                    for (int i = c * perChunk; i < end; i++) {
                        body.run(i);
                    }
                });
    }

    /** The number of threads that share a loop, the caller included. */
    public static int threads() {
        String fault = misconfigured();
        if (fault != null) {
            throw new IllegalArgumentException(fault);
        }
        return threads;
    }

    /**
     * Refuses a wrong setting on either CPU backend: a fallback would hide it.
     *
     * @throws BackendUnavailableException where {@code cortado.threads} is no number of threads
     */
    public static void checkThreads() throws BackendUnavailableException {
        String fault = misconfigured();
        if (fault != null) {
            throw new BackendUnavailableException(fault);
        }
    }

    /** What is wrong with {@code cortado.threads}, unless {@link #setThreads} has set it right. */
    private static @Nullable String misconfigured() {
        return threads > 0
                ? null
                : "-D"
                        + PROPERTY
                        + "="
                        + System.getProperty(PROPERTY)
                        + ": expected a number of threads, from 1 up";
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

    private static int initialThreads() {
        String configured = System.getProperty(PROPERTY);
        if (configured == null) {
            return Runtime.getRuntime().availableProcessors();
        }
        try {
            return Math.max(0, Integer.parseInt(configured.strip()));
        } catch (NumberFormatException e) {
            return 0;
        }
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
        int parts = threads();
        Worker[] pool = startedWorkers();
        Job job = new Job(chunks, parts, body, Thread.currentThread());
        current = job;
        int wanted = Math.min(pool.length, chunks - 1);
        for (int i = 0; i < wanted; i++) {
            if (pool[i].parked) {
                LockSupport.unpark(pool[i]);
            }
        }
        job.work(0);
        try {
            job.await();
        } finally {
            job.body = NOTHING; // lets go of the arrays that the body holds
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
        Worker[] pool = workers;
        for (int i = 0; i < pool.length; i++) {
            if (pool[i].retired) {
                pool[i] = new Worker(i + 1);
                pool[i].start();
            }
        }
        return pool;
    }

    /**
     * One loop: the chunks of each part are claimed from a counter of its own. All in two objects,
     * since a worker waits for each that it comes to until the caller's core has sent it.
     */
    private static final class Job {
        /** Ints from one counter to the next: no two in a cache line, nor in a pair of lines. */
        private static final int STRIDE = 32;

        private static final VarHandle NEXT = MethodHandles.arrayElementVarHandle(int[].class);
        private static final VarHandle FINISHED = field("finished", int.class);
        private static final VarHandle FAILURE = field("failure", Throwable.class);

        private final int chunks;
        private final int parts;
        private final Thread caller;
        private final int[] next;
        private Body body;

        @SuppressWarnings("unused") // through FINISHED
        private volatile int finished;

        private volatile @Nullable Throwable failure;

        Job(int chunks, int threads, Body body, Thread caller) {
            this.chunks = chunks;
            this.parts = Math.max(1, Math.min(threads, chunks));
            this.body = body;
            this.caller = caller;
            next = new int[parts * STRIDE];
            for (int part = 0; part < parts; part++) {
                next[part * STRIDE] = first(part);
            }
        }

        private static VarHandle field(String name, Class<?> type) {
            try {
                return MethodHandles.lookup().findVarHandle(Job.class, name, type);
            } catch (ReflectiveOperationException e) {
                throw new LinkageError("no field " + name, e);
            }
        }

        private int first(int part) {
            return (int) ((long) chunks * part / parts);
        }

        void work(int thread) {
            int done = 0;
            for (int i = 0; i < parts; i++) {
                int part = (thread + i) % parts;
                done += work(first(part + 1), part * STRIDE);
            }
            // Counted once, not for each chunk: the counter goes from core to core.
            if (done > 0
                    && (int) FINISHED.getAndAdd(this, done) + done == chunks
                    && Thread.currentThread() != caller) {
                LockSupport.unpark(caller);
            }
        }

        private int work(int end, int counter) {
            int done = 0;
            // Looked at before it is taken: to read what is used up disturbs nobody.
            while ((int) NEXT.getVolatile(next, counter) < end) {
                int chunk = (int) NEXT.getAndAdd(next, counter, 1);
                if (chunk < end) {
                    attempt(chunk);
                    done++;
                }
            }
            return done;
        }

        private void attempt(int chunk) {
            try {
                if (failure == null) {
                    body.run(chunk);
                }
            } catch (Throwable thrown) {
                FAILURE.compareAndSet(this, null, thrown);
            }
        }

        void await() {
            long end = System.nanoTime() + SPIN_NANOS;
            boolean interrupted = false;
            while (finished < chunks) {
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
            Throwable thrown = failure;
            if (thrown instanceof RuntimeException e) {
                throw e;
            }
            if (thrown instanceof Error e) {
                throw e;
            }
        }
    }

    /**
     * A daemon that takes part in the current job, spins a moment for the next, then parks. One
     * that is interrupted ends, and the next loop starts another: who interrupts it wants to be rid
     * of it, as exec:java does of all threads of a program that has ended.
     */
    private static final class Worker extends Thread {
        volatile boolean parked;
        volatile boolean retired;

        private final int number;

        Worker(int number) {
            super("cortado-worker-" + number);
            this.number = number;
            setDaemon(true);
        }

        @Override
        public void run() {
            @Nullable Job done = null;
            while (!retired) {
                Job job = await(done);
                // Read after the job: one published after the worker was replaced is not its own.
                if (!retired) {
                    job.work(number);
                }
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
                if (interrupted()) {
                    retired = true;
                }
            }
            return current;
        }
    }
}
