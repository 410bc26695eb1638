package io.github.cortado.backend.cpu.vector.softmax;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import org.jspecify.annotations.Nullable;

/** Softmax and its kin along one axis. */
interface Along {
    /**
     * Of each line the largest element, and the logarithm of the sum of the exponentials of
     * elements relative to it. They stay apart: a large maximum would swallow the logarithm.
     */
    @SuppressWarnings("ArrayRecordComponent") // filled by whoever made it, never compared
    record LogSums(float[] max, float[] log) {
        LogSums(int lines) {
            this(new float[lines], new float[lines]);
        }
    }

    /** {@link Backend#softmax}, and what it found of each line where that is asked for. */
    void softmax(Floats x, Floats y, @Nullable LogSums sums);

    /** {@link Backend#softmax}, the logarithm. */
    void logSoftmax(Floats x, Floats y);

    /** {@link Backend#softmaxGrad}. */
    void softmaxGrad(Floats y, Floats dy, Floats dx);

    /** {@link Backend#softmaxGrad}, of the logarithm. */
    void logSoftmaxGrad(Floats y, Floats dy, Floats dx);
}
