package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Buffer;
import org.jspecify.annotations.Nullable;

/**
 * Running totals of a classifier: the sum of its losses, and how often the largest logit was the
 * right one. They are kept where the logits are and read when asked for, so that a GPU need not
 * stop after every step.
 *
 * <pre>{@code
 * Tensor loss = crossEntropy(model.forward(images), labels, tally);
 * }</pre>
 */
public final class Tally {
    private static final int TOTALS = 3;

    private @Nullable Tensor totals;

    /** Begins with zeros, on the device of the first loss. */
    public Tally() {}

    /**
     * The totals so far.
     *
     * @param lossSum sum of the mean losses of batches
     * @param hits targets whose logit was the first largest
     * @param count targets, without those that are ignored
     */
    public record Totals(double lossSum, long hits, long count) {
        /** hits / count, NaN for nothing. */
        public double accuracy() {
            return (double) hits / count;
        }
    }

    /** Reads the totals, waiting for the device. */
    public Totals read() {
        if (totals == null) {
            return new Totals(0, 0, 0);
        }
        double[] v = totals.toDoubles();
        return new Totals(v[0], (long) v[1], (long) v[2]);
    }

    /** Goes back to zeros. */
    public void reset() {
        if (totals != null) {
            totals.fill(0);
        }
    }

    /**
     * The totals on that device.
     *
     * @throws IllegalStateException if they are on another one
     */
    Buffer on(Device device) {
        if (totals == null) {
            Buffer zeros = device.backend().allocate(DType.FLOAT64, TOTALS);
            totals = new Tensor(device, Shape.of(TOTALS), zeros).keep();
        } else if (!totals.device().sameAs(device)) {
            throw new IllegalStateException(
                    "tally: the totals are on " + totals.device() + ", the loss is on " + device);
        }
        return totals.buffer();
    }
}
