package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

public class ParallelTest {
    private final int threads = Parallel.threads();

    @AfterEach
    void restoreThreads() {
        Parallel.setThreads(threads);
    }

    @Test
    void everyChunkRunsExactlyOnceForAnyNumberOfThreads() {
        for (int count : new int[] {1, 2, 7}) {
            Parallel.setThreads(count);
            for (int chunks : new int[] {0, 1, 2, 5, 100}) {
                for (int again = 0; again < 200; again++) {
                    AtomicIntegerArray runs = new AtomicIntegerArray(chunks + 1);
                    Parallel.forChunks(chunks, runs::incrementAndGet);
                    for (int i = 0; i < chunks; i++) {
                        assertEquals(1, runs.get(i));
                    }
                }
            }
        }
    }

    @Test
    void workersThatFellAsleepAreWoken() {
        Parallel.setThreads(3);
        for (int again = 0; again < 20; again++) {
            CountDownLatch bothAtOnce = new CountDownLatch(3);
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            Parallel.forChunks(
                    3,
                    chunk -> {
                        seen.add(Thread.currentThread());
                        bothAtOnce.countDown();
                        await(bothAtOnce);
                    });
            assertEquals(3, seen.size());
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Test
    void whoHasBeenReplacedTakesNoPartInTheNextLoop() {
        for (int again = 0; again < 500; again++) {
            Parallel.setThreads(4);
            Parallel.forChunks(4, chunk -> {});
            Parallel.setThreads(2);
            Set<Thread> seen = ConcurrentHashMap.newKeySet();
            Parallel.forChunks(
                    40,
                    chunk -> {
                        seen.add(Thread.currentThread());
                        LockSupport.parkNanos(1_000);
                    });
            assertTrue(seen.size() <= 2, () -> seen.toString());
        }
    }

    @Test
    void eachThreadBeginsWithItsOwnPart() {
        Parallel.setThreads(3);
        CountDownLatch allAtOnce = new CountDownLatch(3);
        Set<Integer> firsts = ConcurrentHashMap.newKeySet();
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        Thread caller = Thread.currentThread();
        Parallel.forChunks(
                100,
                chunk -> {
                    if (seen.add(Thread.currentThread())) {
                        firsts.add(chunk);
                        assertEquals(chunk == 0, Thread.currentThread() == caller);
                        allAtOnce.countDown();
                        await(allAtOnce);
                    }
                });
        assertEquals(Set.of(0, 33, 66), firsts);
    }

    @Test
    void whatASlowThreadLeavesIsDoneByTheOthers() {
        Parallel.setThreads(2);
        CountDownLatch started = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(99);
        Thread caller = Thread.currentThread();
        Parallel.forChunks(
                100,
                chunk -> {
                    if (Thread.currentThread() != caller) {
                        started.countDown();
                        await(others);
                        return;
                    }
                    await(started);
                    others.countDown();
                });
        assertEquals(0, others.getCount());
    }

    @Test
    void aLoopInsideAChunkRunsOnTheSameThread() {
        Parallel.setThreads(4);
        Parallel.forChunks(
                8,
                chunk -> {
                    Thread outer = Thread.currentThread();
                    Parallel.forChunks(5, inner -> assertSame(outer, Thread.currentThread()));
                });
    }

    @Test
    void theFirstFailureReachesTheCallerAndThePoolGoesOn() {
        Parallel.setThreads(2);
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Parallel.forChunks(
                                        50,
                                        chunk -> {
                                            throw new IllegalStateException("chunk " + chunk);
                                        }));
        assertTrue(thrown.getMessage().startsWith("chunk "));
        everyChunkRunsExactlyOnceForAnyNumberOfThreads();
    }

    @Test
    void twoCallersAtOnceBothFinish() throws InterruptedException {
        Parallel.setThreads(2);
        AtomicIntegerArray runs = new AtomicIntegerArray(64);
        Thread[] callers = new Thread[3];
        for (int t = 0; t < callers.length; t++) {
            callers[t] =
                    new Thread(
                            () -> {
                                for (int again = 0; again < 500; again++) {
                                    Parallel.forChunks(64, runs::incrementAndGet);
                                }
                            });
            callers[t].start();
        }
        for (Thread caller : callers) {
            caller.join();
        }
        for (int i = 0; i < runs.length(); i++) {
            assertEquals(1500, runs.get(i));
        }
    }

    @Test
    void fewerThanOneThreadIsRefused() {
        IllegalArgumentException thrown =
                assertThrows(IllegalArgumentException.class, () -> Parallel.setThreads(0));
        assertEquals("threads: expected at least 1, got 0", thrown.getMessage());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void aWorkerThatIsInterruptedEndsAndAnotherTakesItsPlace() throws Exception {
        int before = Parallel.threads();
        Parallel.setThreads(2);
        try {
            Thread first = otherThread();
            first.interrupt();
            first.join(20_000);
            assertFalse(first.isAlive());
            assertNotSame(first, otherThread());
        } finally {
            Parallel.setThreads(before);
        }
    }

    /** The thread beside this one that shares a loop: each waits in its chunk for the other. */
    private static Thread otherThread() {
        CyclicBarrier both = new CyclicBarrier(2);
        Thread[] threads = new Thread[2];
        Parallel.forChunks(
                2,
                chunk -> {
                    threads[chunk] = Thread.currentThread();
                    try {
                        both.await(20, TimeUnit.SECONDS);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                });
        return threads[0] == Thread.currentThread() ? threads[1] : threads[0];
    }
}
