package io.github.cortado.data;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.Threads;
import io.github.cortado.backend.Buffer;
import java.util.Locale;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;

/** Reads, transforms and joins the pictures of a batch; safe for several threads. */
final class BatchReader {
    /** Pictures that a thread takes at once: some tens of microseconds. */
    private static final int CHUNK = 5;

    private final Dataset dataset;
    private final Preparation preparation;
    private final long seed;
    private final Queue<Scratch> idle = new ConcurrentLinkedQueue<>();

    /** What one thread needs and another may use after it. */
    private final class Scratch {
        final Image picture = new Image(1, 1);
        final Preparation.Worker worker = preparation.worker(seed);
    }

    BatchReader(Dataset dataset, Preparation preparation, long seed) {
        this.dataset = dataset;
        this.preparation = preparation;
        this.seed = seed;
    }

    /**
     * Reads the pictures {@code order[from .. to - 1]} in the calling thread.
     *
     * @param cancelled asked between pictures; where true the batch is not needed any more
     * @throws SampleException naming the picture that failed
     */
    Batch read(int[] order, int from, int to, int epoch, BooleanSupplier cancelled) {
        Unfinished batch = new Unfinished(order, from, to, epoch);
        batch.add(1, to - from, cancelled);
        if (cancelled.getAsBoolean()) {
            throw new IllegalStateException("the iteration was closed");
        }
        return batch.finished();
    }

    /**
     * Reads the pictures {@code order[from .. to - 1]} in all threads that compute on the CPU.
     *
     * @throws SampleException naming the picture that failed, the first of them if they fail again
     */
    Batch readTogether(int[] order, int from, int to, int epoch) {
        try {
            Unfinished batch = new Unfinished(order, from, to, epoch);
            int n = to - from;
            Threads.forEach(
                    (n + CHUNK - 1) / CHUNK,
                    chunk ->
                            batch.add(
                                    Math.max(1, chunk * CHUNK),
                                    Math.min(n, (chunk + 1) * CHUNK),
                                    () -> false));
            return batch.finished();
        } catch (SampleException e) {
            // Which one was met first depends on the threads; in order, it does not.
            read(order, from, to, epoch, () -> false);
            throw e;
        }
    }

    /** A batch whose first picture is there and says how large the others must be. */
    private final class Unfinished {
        private final int[] order;
        private final int from;
        private final int epoch;
        private final long[] labels;
        private final Shape shape;
        private final Buffer images;

        /** The tensor's own memory: a copy would cost as much again. */
        private final float[] values;

        Unfinished(int[] order, int from, int to, int epoch) {
            this.order = order;
            this.from = from;
            this.epoch = epoch;
            labels = new long[to - from];
            Scratch scratch = scratch();
            Image first = picture(0, scratch);
            shape = Shape.of(labels.length, Image.CHANNELS, first.height(), first.width());
            images = Device.cpu().backend().empty(DType.FLOAT32, shape.size());
            values = (float[]) Objects.requireNonNull(images.array(), "the CPU computes in arrays");
            write(0, first);
            idle.add(scratch);
        }

        private Scratch scratch() {
            Scratch scratch = idle.poll();
            return scratch == null ? new Scratch() : scratch;
        }

        /** Adds the pictures {@code begin .. end - 1}. */
        void add(int begin, int end, BooleanSupplier cancelled) {
            Scratch scratch = scratch();
            for (int i = begin; i < end && !cancelled.getAsBoolean(); i++) {
                write(i, picture(i, scratch));
            }
            idle.add(scratch);
        }

        private Image picture(int i, Scratch scratch) {
            int index = order[from + i];
            try {
                labels[i] = dataset.label(index);
                dataset.read(index, scratch.picture);
                return scratch.worker.prepare(scratch.picture, epoch, index);
            } catch (Exception e) {
                throw new SampleException(index, epoch, e);
            }
        }

        private void write(int i, Image picture) {
            if (picture.height() != shape.dim(2) || picture.width() != shape.dim(3)) {
                String difference =
                        String.format(
                                Locale.ROOT,
                                "the picture is [3, %d, %d], those before it in the batch [3, %d, %d]; add Resize to the transforms",
                                picture.height(),
                                picture.width(),
                                shape.dim(2),
                                shape.dim(3));
                throw new SampleException(
                        order[from + i], epoch, new IllegalArgumentException(difference));
            }
            preparation.toFloats(picture, values, i * picture.length());
        }

        Batch finished() {
            return new Batch(
                    new Tensor(Device.cpu(), shape, images), Tensor.of(labels, labels.length));
        }
    }
}
