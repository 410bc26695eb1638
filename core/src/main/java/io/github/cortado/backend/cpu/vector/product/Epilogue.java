package io.github.cortado.backend.cpu.vector.product;

import io.github.cortado.backend.cpu.HostBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a product last: a bias is added to each column, and negative values become zero.
 *
 * @param bias a value for each column from {@code biasOffset} on, or an empty array for none
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
record Epilogue(float[] bias, int biasOffset, boolean relu) {
    private static final float[] NO_BIAS = {};

    /** The product is left as it is. */
    static final Epilogue NONE = of(null, false);

    /** Adds b where there is one. */
    static Epilogue of(HostBuffer.@Nullable Floats b, boolean relu) {
        return b == null
                ? new Epilogue(NO_BIAS, 0, relu)
                : new Epilogue(b.array(), b.offset(), relu);
    }
}
