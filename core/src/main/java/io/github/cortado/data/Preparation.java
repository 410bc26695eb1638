package io.github.cortado.data;

import io.github.cortado.backend.PictureStep;
import java.util.List;
import java.util.Optional;

/**
 * What becomes of the pictures of a data set on their way into a batch: 8-bit pictures first, then
 * floats. The transforms of the module {@code cortado-vision} are put in such a row by its {@code
 * Compose}.
 *
 * <p>Preparations are immutable and may be shared by threads.
 */
public interface Preparation {
    /** Prepares pictures for one thread at a time, in memory that it keeps. */
    interface Worker {
        /**
         * Returns what becomes of a picture, which may be overwritten; the result is valid until
         * the next one is asked for. What is random is a function of seed, epoch and index alone.
         *
         * @param epoch 0 or more
         * @param index of the picture in the data set
         */
        Image prepare(Image picture, int epoch, int index);
    }

    /** Returns a worker that draws from the random streams of this seed. */
    Worker worker(long seed);

    /** True where pictures are to become floats, so that {@link #toFloats} can be asked for. */
    boolean makesTensors();

    /** Writes what the prepared picture is in float32, [3, height, width], to out[offset ..]. */
    void toFloats(Image picture, float[] out, int offset);

    /**
     * The same in numbers, for a device that prepares height x width pictures itself; empty where
     * there is something that it cannot do, so that it is done on the host.
     */
    default Optional<OnDevice> onDevice(int height, int width) {
        return Optional.empty();
    }

    /**
     * A preparation in numbers.
     *
     * @param steps what is done to the 8-bit pictures, in order
     * @param values what byte x of channel c becomes, at 256 c + x; not to be changed
     */
    @SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
    record OnDevice(List<PictureStep> steps, float[] values) {}
}
