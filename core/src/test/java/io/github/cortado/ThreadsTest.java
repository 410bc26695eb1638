package io.github.cortado;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    private final int before = Threads.count();

    @BeforeEach
    void two() {
        Threads.setCount(2);
    }

    @AfterEach
    void asBefore() {
        Threads.setCount(before);
    }

    @Test
    void everyChunkIsDoneOnce() {
        for (int chunks : new int[] {0, 1, 2, 1000}) {
            AtomicIntegerArray calls = new AtomicIntegerArray(chunks);
            Threads.forEach(chunks, calls::incrementAndGet);
            int[] once = new int[chunks];
            Arrays.fill(once, 1);
            int[] done = new int[chunks];
            Arrays.setAll(done, calls::get);
            assertArrayEquals(once, done);
        }
    }

    @Test
    void chunksRunAtTheSameTime() {
        CountDownLatch both = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Threads.forEach(
                2,
                chunk -> {
                    threads.add(Thread.currentThread());
                    both.countDown();
                    assertTrue(met(both), "each waits for the other");
                });
        assertEquals(2, threads.size());
    }

    private static boolean met(CountDownLatch both) {
        try {
            return both.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void whatAChunkThrowsIsThrown() {
        IllegalStateException thrown =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Threads.forEach(
                                        4,
                                        chunk -> {
                                            if (chunk == 2) {
                                                throw new IllegalStateException("chunk 2");
                                            }
                                        }));
        assertEquals("chunk 2", thrown.getMessage());
    }
}
