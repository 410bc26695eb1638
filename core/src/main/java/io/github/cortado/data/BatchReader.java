package io.github.cortado.data;

import io.github.cortado.Tensor;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** Reads, transforms and joins the pictures of a batch; safe for several threads. */
final class BatchReader {
    private final Dataset dataset;
    private final Compose transforms;
    private final long seed;
    private final Queue<Scratch> idle = new ConcurrentLinkedQueue<>();

    /** What one thread needs and another may use after it. */
    private static final class Scratch {
        final Image picture = new Image(1, 1);
        final Image spare = new Image(1, 1);
        final Draws draws;
        float[] values = new float[0];

        Scratch(long seed) {
            draws = new Draws(seed);
        }
    }

    BatchReader(Dataset dataset, Compose transforms, long seed) {
        this.dataset = dataset;
        this.transforms = transforms;
        this.seed = seed;
    }

    /**
     * Reads the pictures {@code order[from .. to - 1]}.
     *
     * @param cancelled asked between pictures; where true the batch is not needed any more
     * @throws SampleException naming the picture that failed
     */
    Batch read(int[] order, int from, int to, int epoch, BooleanSupplier cancelled) {
        Scratch scratch = idle.poll();
        if (scratch == null) {
            scratch = new Scratch(seed);
        }
        try {
            return read(order, from, to, epoch, cancelled, scratch);
        } finally {
            idle.add(scratch);
        }
    }

    private Batch read(
            int[] order, int from, int to, int epoch, BooleanSupplier cancelled, Scratch scratch) {
        long[] labels = new long[to - from];
        int height = 0;
        int width = 0;
        for (int i = 0; i < labels.length && !cancelled.getAsBoolean(); i++) {
            int index = order[from + i];
            try {
                labels[i] = dataset.label(index);
                dataset.read(index, scratch.picture);
                Image picture =
                        transforms.picture(
                                scratch.picture, scratch.spare, scratch.draws.at(epoch, index));
                if (i == 0) {
                    height = picture.height();
                    width = picture.width();
                    reserve(scratch, labels.length, picture);
                } else if (picture.height() != height || picture.width() != width) {
                    throw new IllegalArgumentException(
                            "the picture is [3, %d, %d], those before it in the batch [3, %d, %d];"
                                            .formatted(
                                                    picture.height(),
                                                    picture.width(),
                                                    height,
                                                    width)
                                    + " add Resize to the transforms");
                }
                transforms.toFloats(picture, scratch.values, i * picture.length());
            } catch (Exception e) {
                throw new SampleException(index, epoch, e);
            }
        }
        if (cancelled.getAsBoolean()) {
            throw new IllegalStateException("the iteration was closed");
        }
        return new Batch(
                Tensor.of(scratch.values, labels.length, Image.CHANNELS, height, width),
                Tensor.of(labels, labels.length));
    }

    private static void reserve(Scratch scratch, int n, Image picture) {
        int length = Math.multiplyExact(n, picture.length());
        if (scratch.values.length != length) {
            scratch.values = new float[length];
        }
    }
}
