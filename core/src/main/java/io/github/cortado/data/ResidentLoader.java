package io.github.cortado.data;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.PictureBackend;
import io.github.cortado.backend.PictureSource;
import io.github.cortado.backend.PictureSpec;
import io.github.cortado.backend.PictureStep;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.random.Shuffle;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.NoSuchElementException;
import java.util.Optional;

/**
 * A data set that lies on a device as a whole, in bytes, and whose batches are made there: the same
 * pictures in the same order with the same random transforms as those of the {@link DataLoader}
 * that it comes from, bit for bit, without a copy from the host in between.
 *
 * <pre>{@code
 * ResidentLoader train = loader.residentOn(device);
 * for (int epoch = 0; epoch < 30; epoch++) {
 *     train.begin(epoch);
 *     while (train.hasNext()) {
 *         Batch batch = train.next();
 *         ...
 *     }
 * }
 * }</pre>
 *
 * <p>{@link #next} may be part of a {@link io.github.cortado.CompiledStep}: where in the epoch it
 * is, is read on the device. A last batch that is smaller has to be run as it is written.
 */
public final class ResidentLoader {
    private static final int PICTURES_AT_A_TIME = 1000;

    private final Device device;
    private final DataLoader.Settings settings;
    private final int used;
    private final PictureSpec spec;
    private final PictureSource source;
    private final Count position = new Count();
    private final Count epoch = new Count();

    ResidentLoader(
            Device device,
            Dataset dataset,
            Preparation transforms,
            DataLoader.Settings settings,
            int used) {
        this.device = device;
        this.settings = settings;
        this.used = used;
        this.spec = spec(dataset, transforms, settings.seed());
        Optional<String> obstacle = obstacle(device, dataset, transforms, spec);
        if (obstacle.isPresent()) {
            throw new IllegalArgumentException(
                    "ResidentLoader: on device " + device + ": " + obstacle.get());
        }
        int n = dataset.size();
        float[] values = transforms.onDevice(spec.height(), spec.width()).orElseThrow().values();
        source =
                new PictureSource(
                        kept(DType.UINT8, n * bytes()),
                        kept(DType.INT64, n),
                        kept(DType.INT32, n),
                        kept(DType.FLOAT32, values.length));
        device.backend().upload(values, source.values());
        upload(dataset);
        position.set(used);
    }

    private Buffer kept(DType dtype, int n) {
        Buffer b = device.backend().empty(dtype, n);
        b.keep();
        return b;
    }

    private int bytes() {
        return Image.CHANNELS * spec.height() * spec.width();
    }

    private static PictureSpec spec(Dataset dataset, Preparation transforms, long seed) {
        if (dataset.size() == 0) {
            return new PictureSpec(0, 1, 1, seed, List.of());
        }
        Image first = dataset.image(0);
        return new PictureSpec(
                dataset.size(),
                first.height(),
                first.width(),
                seed,
                transforms
                        .onDevice(first.height(), first.width())
                        .map(Preparation.OnDevice::steps)
                        .orElse(List.of()));
    }

    /** Why a data set cannot lie on the device and be transformed there; empty if it can. */
    static Optional<String> obstacle(
            Device device, Dataset dataset, Preparation transforms, long seed) {
        return obstacle(device, dataset, transforms, spec(dataset, transforms, seed));
    }

    private static Optional<String> obstacle(
            Device device, Dataset dataset, Preparation transforms, PictureSpec spec) {
        if (!(device.backend() instanceof PictureBackend backend)) {
            return Optional.of("its backend does not transform pictures");
        }
        if (dataset.size() == 0) {
            return Optional.of("the data set is empty");
        }
        if (transforms.onDevice(spec.height(), spec.width()).isEmpty()) {
            return Optional.of("not all of these transforms exist there: " + transforms);
        }
        long bytes = (long) dataset.size() * Image.CHANNELS * spec.height() * spec.width();
        if (bytes > Integer.MAX_VALUE) {
            return Optional.of("the pictures have " + bytes + " bytes, more than 2 GiB");
        }
        return backend.obstacle(spec);
    }

    private void upload(Dataset dataset) {
        int n = dataset.size();
        long[] classes = new long[n];
        Image picture = new Image(1, 1);
        for (int from = 0; from < n; from += PICTURES_AT_A_TIME) {
            int count = Math.min(PICTURES_AT_A_TIME, n - from);
            byte[] some = new byte[count * bytes()];
            for (int i = 0; i < count; i++) {
                dataset.read(from + i, picture);
                if (picture.height() != spec.height() || picture.width() != spec.width()) {
                    throw new IllegalArgumentException(
                            String.format(
                                    Locale.ROOT,
                                    "ResidentLoader: picture %d is [3, %d, %d], the first one [3, %d, %d]",
                                    from + i,
                                    picture.height(),
                                    picture.width(),
                                    spec.height(),
                                    spec.width()));
                }
                System.arraycopy(picture.pixels(), 0, some, i * bytes(), bytes());
                classes[from + i] = dataset.label(from + i);
            }
            device.backend().upload(some, source.pixels().slice(from * bytes(), some.length));
        }
        device.backend().upload(classes, source.labels());
    }

    /**
     * Begins an epoch.
     *
     * @param number its number, which chooses the order and the random transforms
     * @throws IllegalArgumentException for a negative number
     */
    public void begin(int number) {
        if (number < 0) {
            throw new IllegalArgumentException(
                    "ResidentLoader: the epoch must not be negative, got " + number);
        }
        int[] indices =
                settings.shuffle()
                        ? Shuffle.permutation(spec.size(), settings.seed(), number)
                        : Batches.inOrder(spec.size());
        device.backend().upload(indices, source.order());
        epoch.set(number);
        position.set(0);
    }

    /** Begins an epoch and returns its batches, each made when it is asked for. */
    public Iterable<Batch> epoch(int number) {
        begin(number);
        return () ->
                new Iterator<>() {
                    @Override
                    public boolean hasNext() {
                        return ResidentLoader.this.hasNext();
                    }

                    @Override
                    public Batch next() {
                        return ResidentLoader.this.next();
                    }
                };
    }

    /** True while the epoch has batches to take. */
    public boolean hasNext() {
        return position.get() < used;
    }

    /** True where the next batch has as many pictures as the others. */
    public boolean isNextWhole() {
        return used - position.get() >= settings.batchSize();
    }

    /** Returns the number of pictures of an epoch, without those that dropLast leaves out. */
    public int pictures() {
        return used;
    }

    /**
     * Makes the next batch on the device.
     *
     * @throws NoSuchElementException after the last batch
     */
    public Batch next() {
        if (!hasNext()) {
            throw new NoSuchElementException("epoch " + epoch.get() + " has no more batches");
        }
        int n = (int) Math.min(settings.batchSize(), used - position.get());
        Backend backend = device.backend();
        Shape shape = Shape.of(n, Image.CHANNELS, spec.height(), spec.width());
        Tensor images = new Tensor(device, shape, backend.empty(DType.FLOAT32, shape.size()));
        Tensor targets = new Tensor(device, Shape.of(n), backend.empty(DType.INT64, n));
        ((PictureBackend) backend)
                .pictures(
                        source,
                        position.now(),
                        epoch.now(),
                        images.buffer(),
                        targets.buffer(),
                        spec);
        position.add(n);
        return new Batch(images, targets);
    }

    /** The transforms that are done on the device, for people. */
    @Override
    public String toString() {
        List<String> kinds = new ArrayList<>();
        for (PictureStep step : spec.steps()) {
            kinds.add(step.kind().toString());
        }
        return String.format(
                Locale.ROOT,
                "ResidentLoader(%d pictures [3, %d, %d] on %s, steps %s)",
                spec.size(),
                spec.height(),
                spec.width(),
                device,
                kinds);
    }
}
