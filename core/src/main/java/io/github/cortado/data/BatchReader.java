package io.github.cortado.data;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.cpu.HostBuffer;
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
        Device device = Device.cpu();
        long[] labels = new long[to - from];
        Shape shape = Shape.of(0);
        Buffer images = device.backend().empty(DType.FLOAT32, 0);
        for (int i = 0; i < labels.length && !cancelled.getAsBoolean(); i++) {
            int index = order[from + i];
            try {
                labels[i] = dataset.label(index);
                dataset.read(index, scratch.picture);
                Image picture =
                        transforms.picture(
                                scratch.picture, scratch.spare, scratch.draws.at(epoch, index));
                if (i == 0) {
                    shape =
                            Shape.of(
                                    labels.length,
                                    Image.CHANNELS,
                                    picture.height(),
                                    picture.width());
                    images = device.backend().empty(DType.FLOAT32, shape.size());
                } else if (picture.height() != shape.dim(2) || picture.width() != shape.dim(3)) {
                    throw new IllegalArgumentException(
                            "the picture is [3, %d, %d], those before it in the batch [3, %d, %d];"
                                            .formatted(
                                                    picture.height(),
                                                    picture.width(),
                                                    shape.dim(2),
                                                    shape.dim(3))
                                    + " add Resize to the transforms");
                }
                transforms.toFloats(picture, values(images), i * picture.length());
            } catch (Exception e) {
                throw new SampleException(index, epoch, e);
            }
        }
        if (cancelled.getAsBoolean()) {
            throw new IllegalStateException("the iteration was closed");
        }
        return new Batch(new Tensor(device, shape, images), Tensor.of(labels, labels.length));
    }

    /** The memory of a tensor on the CPU: written at once, for a copy of it would cost as much. */
    private static float[] values(Buffer images) {
        return (float[]) ((HostBuffer) images).array();
    }
}
