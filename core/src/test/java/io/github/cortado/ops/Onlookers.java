package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/** Who looks at values in the middle of a program that goes on as if nobody had. */
final class Onlookers {
    private Onlookers() {}

    /** Prints, reads, keeps or waits, now and then. */
    static Consumer<Tensor> printing(long seed) {
        Random random = new Random(seed);
        return x -> {
            try {
                switch (random.nextInt(8)) {
                    case 0 -> assertNotEquals("", x.toString());
                    case 1 -> x.detach().toDoubles();
                    case 2 -> x.device().synchronize();
                    case 3 -> {
                        // What is managed would live longer.
                        if (!x.buffer().isManaged()) {
                            x.keep();
                        }
                    }
                    default -> {}
                }
            } catch (IllegalStateException e) {
                // Its memory is gone: the program is told as well, if it asks.
            }
        };
    }

    /** Other threads that read values, two of them each one, while their owner goes on. */
    static final class Threads implements Consumer<Tensor>, AutoCloseable {
        private static final int READERS = 2;

        private final ExecutorService threads = Executors.newFixedThreadPool(READERS);
        private final CyclicBarrier together = new CyclicBarrier(READERS);
        private final List<Future<?>> readings = new ArrayList<>();

        @Override
        public void accept(Tensor x) {
            for (int i = 0; i < READERS; i++) {
                readings.add(threads.submit(() -> read(x)));
            }
        }

        private Void read(Tensor x) throws Exception {
            together.await();
            try {
                assertEquals(x.size(), x.toDoubles().length);
            } catch (IllegalStateException e) {
                // As above.
            }
            return null;
        }

        @Override
        public void close() throws Exception {
            try {
                for (Future<?> r : readings) {
                    r.get();
                }
            } catch (ExecutionException e) {
                throw new AssertionError("another thread's reading", e.getCause());
            } finally {
                threads.shutdownNow();
            }
        }
    }
}
