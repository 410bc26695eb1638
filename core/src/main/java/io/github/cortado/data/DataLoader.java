package io.github.cortado.data;

import io.github.cortado.Device;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Makes batches of a data set, transformed and in a new order each epoch, ahead of their use.
 *
 * <pre>{@code
 * DataLoader train = new DataLoader(pictures, transforms).batchSize(100).shuffle(true).workers(1);
 * for (int epoch = 0; epoch < 30; epoch++) {
 *     for (Batch batch : train.epoch(epoch)) { ... }
 * }
 * }</pre>
 *
 * <p>Batches are a function of data set, transforms, seed and epoch number alone: any number of
 * workers makes the same ones, and beginning with epoch 7 is like having come to it. The threads
 * are daemons, end a second after their last batch, and never wait for the consumer, so an
 * iteration may be abandoned at any point.
 *
 * <p>Loaders are immutable; the methods named as settings return another one.
 */
public final class DataLoader {
    private static final int MAX_WORKERS = 64;

    private final Dataset dataset;
    private final Preparation transforms;
    private final Settings settings;
    private final BatchReader reader;
    private final ThreadPoolExecutor threads;

    /** What was chosen; {@code prefetch} is in batches. */
    record Settings(
            int batchSize,
            boolean shuffle,
            boolean dropLast,
            long seed,
            int workers,
            int prefetch) {
        Settings {
            require(batchSize >= 1, "the batch size must be positive", batchSize);
            require(
                    workers >= 0 && workers <= MAX_WORKERS,
                    "the number of workers must be in 0 .. " + MAX_WORKERS,
                    workers);
            require(prefetch >= 1, "the number of batches to prefetch must be positive", prefetch);
        }

        private static void require(boolean valid, String rule, int value) {
            if (!valid) {
                throw new IllegalArgumentException("DataLoader: " + rule + ", got " + value);
            }
        }
    }

    /**
     * Loads single pictures in order, without workers, with seed 0.
     *
     * @throws IllegalArgumentException where the transforms do not end in tensors
     */
    public DataLoader(Dataset dataset, Preparation transforms) {
        this(dataset, transforms, new Settings(1, false, false, 0, 0, 2));
    }

    private DataLoader(Dataset dataset, Preparation transforms, Settings settings) {
        if (!transforms.makesTensors()) {
            throw new IllegalArgumentException(
                    "DataLoader: batches are float32, add ToTensor to the transforms: "
                            + transforms);
        }
        this.dataset = dataset;
        this.transforms = transforms;
        this.settings = settings;
        reader = new BatchReader(dataset, transforms, settings.seed());
        threads = threads(Math.max(1, settings.workers()));
    }

    private static ThreadPoolExecutor threads(int n) {
        ThreadPoolExecutor threads =
                new ThreadPoolExecutor(
                        n,
                        n,
                        1,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        work -> {
                            Thread thread = new Thread(work, "cortado-data");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** Returns a loader with batches of n pictures, the last of an epoch perhaps smaller. */
    public DataLoader batchSize(int n) {
        return with(
                new Settings(
                        n,
                        settings.shuffle,
                        settings.dropLast,
                        settings.seed,
                        settings.workers,
                        settings.prefetch));
    }

    /** Returns a loader that visits the pictures in a random order, another one each epoch. */
    public DataLoader shuffle(boolean shuffle) {
        return with(
                new Settings(
                        settings.batchSize,
                        shuffle,
                        settings.dropLast,
                        settings.seed,
                        settings.workers,
                        settings.prefetch));
    }

    /** Returns a loader that leaves out a last batch which is smaller than the others. */
    public DataLoader dropLast(boolean dropLast) {
        return with(
                new Settings(
                        settings.batchSize,
                        settings.shuffle,
                        dropLast,
                        settings.seed,
                        settings.workers,
                        settings.prefetch));
    }

    /** Returns a loader with another seed for order and transforms. */
    public DataLoader seed(long seed) {
        return with(
                new Settings(
                        settings.batchSize,
                        settings.shuffle,
                        settings.dropLast,
                        seed,
                        settings.workers,
                        settings.prefetch));
    }

    /**
     * Returns a loader with n threads that work ahead, 0 to 64.
     *
     * <p>With 0 a batch is made when it is asked for, by all threads that compute on the CPU. That
     * is the faster way where these leave no processor idle, for a thread more would only take the
     * place of one of them.
     */
    public DataLoader workers(int n) {
        return with(
                new Settings(
                        settings.batchSize,
                        settings.shuffle,
                        settings.dropLast,
                        settings.seed,
                        n,
                        Math.max(2, 2 * n)));
    }

    /** Returns a loader whose workers are at most n batches ahead; two for each by default. */
    public DataLoader prefetch(int n) {
        return with(
                new Settings(
                        settings.batchSize,
                        settings.shuffle,
                        settings.dropLast,
                        settings.seed,
                        settings.workers,
                        n));
    }

    private DataLoader with(Settings changed) {
        return new DataLoader(dataset, transforms, changed);
    }

    /**
     * Moves the data set to a device as a whole, for batches that are made there; see {@link
     * ResidentLoader}. Workers have no part in it.
     *
     * @throws IllegalArgumentException saying why, where {@link #obstacleTo} does
     */
    public ResidentLoader residentOn(Device device) {
        return new ResidentLoader(device, dataset, transforms, settings, pictures());
    }

    /** Why the data set cannot be {@link #residentOn} that device; empty if it can. */
    public Optional<String> obstacleTo(Device device) {
        return ResidentLoader.obstacle(device, dataset, transforms, settings.seed);
    }

    /** Returns the number of pictures in a batch, but for a smaller last one. */
    public int batchSize() {
        return settings.batchSize;
    }

    /** Returns the data set. */
    public Dataset dataset() {
        return dataset;
    }

    /** Returns the number of batches of an epoch. */
    public int batches() {
        int size = dataset.size();
        int whole = size / settings.batchSize;
        return settings.dropLast || size % settings.batchSize == 0 ? whole : whole + 1;
    }

    /** Returns the number of pictures of an epoch, without those that dropLast leaves out. */
    public int pictures() {
        return settings.dropLast ? batches() * settings.batchSize : dataset.size();
    }

    /**
     * Begins an epoch.
     *
     * @param epoch its number, which chooses the order and the random transforms
     * @throws IllegalArgumentException for a negative number
     */
    public Batches epoch(int epoch) {
        if (epoch < 0) {
            throw new IllegalArgumentException(
                    "DataLoader: the epoch must not be negative, got " + epoch);
        }
        return new Batches(reader, settings, threads, epoch, dataset.size(), batches());
    }
}
