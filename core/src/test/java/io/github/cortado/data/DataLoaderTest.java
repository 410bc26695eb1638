package io.github.cortado.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Threads;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DataLoaderTest {
    private static final Preparation PLAIN = new Plain();

    /** Picture i has every pixel i, and class i mod 10. */
    private static class Numbered implements Dataset {
        private final int size;
        final AtomicInteger reads = new AtomicInteger();

        Numbered(int size) {
            this.size = size;
        }

        @Override
        public int size() {
            return size;
        }

        @Override
        public List<String> classNames() {
            return List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
        }

        @Override
        public int label(int index) {
            return index % 10;
        }

        @Override
        public void read(int index, Image into) {
            reads.incrementAndGet();
            into.reshape(2, 3);
            Arrays.fill(into.pixels(), (byte) index);
        }
    }

    private static List<Integer> indices(Iterable<Batch> batches) {
        List<Integer> indices = new ArrayList<>();
        for (Batch batch : batches) {
            float[] values = batch.images().toFloats();
            long[] labels = batch.labels().toLongs();
            for (int i = 0; i < batch.size(); i++) {
                int index = Math.round(values[i * 18] * 255);
                assertEquals(values[i * 18], values[i * 18 + 17]);
                assertEquals(index % 10, labels[i]);
                indices.add(index);
            }
        }
        return indices;
    }

    @Test
    void batchesAreFloatPicturesAndLongLabelsInOrder() {
        DataLoader loader = new DataLoader(new Numbered(23), PLAIN).batchSize(10);
        assertEquals(3, loader.batches());
        assertEquals(23, loader.pictures());
        List<Integer> sizes = new ArrayList<>();
        for (Batch batch : loader.epoch(0)) {
            assertEquals(DType.FLOAT32, batch.images().dtype());
            assertEquals(DType.INT64, batch.labels().dtype());
            assertEquals(Shape.of(batch.size(), 3, 2, 3), batch.images().shape());
            assertEquals(Shape.of(batch.size()), batch.labels().shape());
            sizes.add(batch.size());
        }
        assertEquals(List.of(10, 10, 3), sizes);
        List<Integer> order = indices(loader.epoch(5));
        for (int i = 0; i < 23; i++) {
            assertEquals(i, order.get(i));
        }
    }

    @Test
    void dropLastLeavesOutTheSmallerBatch() {
        DataLoader loader = new DataLoader(new Numbered(23), PLAIN).batchSize(10).dropLast(true);
        assertEquals(2, loader.batches());
        assertEquals(20, loader.pictures());
        assertEquals(20, indices(loader.epoch(0)).size());
        assertEquals(2, new DataLoader(new Numbered(20), PLAIN).batchSize(10).batches());
        assertEquals(List.of(), indices(new DataLoader(new Numbered(0), PLAIN).epoch(0)));
    }

    @Test
    void shufflingVisitsEveryPictureOnceInAnotherOrderEachEpoch() {
        DataLoader loader =
                new DataLoader(new Numbered(100), PLAIN).batchSize(7).shuffle(true).seed(4);
        List<Integer> first = indices(loader.epoch(0));
        assertEquals(100, new HashSet<>(first).size());
        assertEquals(first, indices(loader.epoch(0)));
        assertNotEquals(first, indices(loader.epoch(1)));
        assertNotEquals(first, indices(loader.seed(5).epoch(0)));
    }

    @Test
    void aBatchIsNotTouchedByThoseAfterIt() {
        Batches batches = new DataLoader(new Numbered(100), PLAIN).batchSize(5).workers(2).epoch(0);
        Batch first = batches.next();
        float[] before = first.images().toFloats();
        batches.forEach(batch -> {});
        assertArrayEquals(before, first.images().toFloats());
    }

    @Test
    void noMoreIsReadAheadThanAsked() throws InterruptedException {
        Numbered dataset = new Numbered(100);
        Batches batches =
                new DataLoader(dataset, PLAIN).batchSize(5).workers(2).prefetch(3).epoch(0);
        batches.next();
        while (dataset.reads.get() < 20) {
            TimeUnit.MILLISECONDS.sleep(5);
        }
        TimeUnit.MILLISECONDS.sleep(50);
        assertEquals(20, dataset.reads.get());
        batches.close();
    }

    @Test
    void aFailureReachesTheConsumerWithIndexAndCause() {
        IllegalStateException cause = new IllegalStateException("broken");
        Dataset broken =
                new Numbered(50) {
                    @Override
                    public void read(int index, Image into) {
                        if (index == 33) {
                            throw cause;
                        }
                        super.read(index, into);
                    }
                };
        for (int workers : new int[] {0, 1, 3}) {
            Batches batches = new DataLoader(broken, PLAIN).batchSize(10).workers(workers).epoch(2);
            for (int i = 0; i < 3; i++) {
                batches.next();
            }
            SampleException e = assertThrows(SampleException.class, batches::next);
            assertEquals(33, e.index());
            assertSame(cause, e.getCause());
            assertTrue(e.getMessage().startsWith("DataLoader: sample 33 in epoch 2: "));
            assertFalse(batches.hasNext());
        }
    }

    @Test
    void anErrorInAWorkerReachesTheConsumerAsItIs() {
        Dataset broken =
                new Numbered(5) {
                    @Override
                    public int label(int index) {
                        throw new AssertionError("seen");
                    }
                };
        Batches batches = new DataLoader(broken, PLAIN).workers(1).epoch(0);
        assertEquals("seen", assertThrows(AssertionError.class, batches::next).getMessage());
    }

    @Test
    void picturesOfDifferentSizesAreRefusedNamingTheSecond() {
        Dataset uneven =
                new Numbered(4) {
                    @Override
                    public void read(int index, Image into) {
                        into.reshape(2 + index / 2, 3);
                    }
                };
        Batches batches = new DataLoader(uneven, PLAIN).batchSize(4).epoch(0);
        SampleException e = assertThrows(SampleException.class, batches::next);
        assertEquals(2, e.index());
        assertTrue(
                e.getMessage()
                        .contains(
                                "the picture is [3, 3, 3], those before it in the batch [3, 2, 3]"),
                e.getMessage());
    }

    @Test
    void closingStopsTheWorkAndEndsTheIteration() throws InterruptedException {
        CountDownLatch reading = new CountDownLatch(1);
        CountDownLatch closed = new CountDownLatch(1);
        Numbered slow =
                new Numbered(1000) {
                    @Override
                    public void read(int index, Image into) {
                        super.read(index, into);
                        reading.countDown();
                        try {
                            closed.await();
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    }
                };
        Batches batches = new DataLoader(slow, PLAIN).batchSize(100).workers(1).epoch(0);
        reading.await();
        batches.close();
        batches.close();
        closed.countDown();
        assertFalse(batches.hasNext());
        assertThrows(NoSuchElementException.class, batches::next);
        TimeUnit.MILLISECONDS.sleep(100);
        assertEquals(1, slow.reads.get());
    }

    @Test
    void noThreadIsLeftWhenIterationsAreAbandoned() throws InterruptedException {
        Set<Thread> before = loaderThreads();
        DataLoader loader = new DataLoader(new Numbered(1000), PLAIN).batchSize(10).workers(2);
        for (int i = 0; i < 20; i++) {
            loader.epoch(i).next();
        }
        Set<Thread> during = loaderThreads();
        during.removeAll(before);
        assertTrue(during.size() <= 2, "threads " + during);
        for (Thread thread : during) {
            assertTrue(thread.isDaemon());
            thread.join(10_000);
            assertFalse(thread.isAlive(), thread + " goes on");
        }
    }

    private static Set<Thread> loaderThreads() {
        Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
        threads.removeIf(thread -> !thread.getName().equals("cortado-data"));
        return threads;
    }

    @Test
    void settingsThatCannotWorkAreRefusedWithTheReason() {
        DataLoader loader = new DataLoader(new Numbered(5), PLAIN);
        refused("batch size must be positive, got 0", () -> loader.batchSize(0));
        refused("workers must be in 0 .. 64, got -1", () -> loader.workers(-1));
        refused("prefetch must be positive, got 0", () -> loader.prefetch(0));
        refused("epoch must not be negative, got -1", () -> loader.epoch(-1));
        refused("add ToTensor", () -> new DataLoader(new Numbered(5), new Plain(false)));
    }

    private static void refused(String reason, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertTrue(message.contains(reason), message);
    }

    @Test
    void withoutWorkersAllThreadsMakeABatchTogether() {
        CountDownLatch two = new CountDownLatch(2);
        Set<Thread> threads = ConcurrentHashMap.newKeySet();
        Dataset pictures =
                new Numbered(40) {
                    @Override
                    public void read(int index, Image into) {
                        if (index > 0 && threads.add(Thread.currentThread())) {
                            two.countDown();
                            // Nobody goes on before another thread has come.
                            assertDoesNotThrow(() -> two.await(20, TimeUnit.SECONDS));
                        }
                        super.read(index, into);
                    }
                };
        int before = Threads.count();
        Threads.setCount(2);
        try {
            List<Integer> made = indices(new DataLoader(pictures, PLAIN).batchSize(40).epoch(0));
            assertEquals(IntStream.range(0, 40).boxed().toList(), made);
            assertEquals(2, threads.size());
        } finally {
            Threads.setCount(before);
        }
    }

    @Test
    void withoutWorkersTheFirstBadPictureIsNamedWhicheverFailedFirst() {
        CountDownLatch later = new CountDownLatch(1);
        Dataset pictures =
                new Numbered(40) {
                    @Override
                    public void read(int index, Image into) {
                        if (index == 3) {
                            // So that it is not the first to fail, where there are two threads.
                            assertDoesNotThrow(() -> later.await(2, TimeUnit.SECONDS));
                            throw new IllegalStateException("the earlier one");
                        }
                        if (index == 37) {
                            later.countDown();
                            throw new IllegalStateException("the later one");
                        }
                        super.read(index, into);
                    }
                };
        int before = Threads.count();
        Threads.setCount(2);
        try {
            Batches batches = new DataLoader(pictures, PLAIN).batchSize(40).epoch(0);
            assertEquals(3, assertThrows(SampleException.class, batches::next).index());
        } finally {
            Threads.setCount(before);
        }
    }
}
