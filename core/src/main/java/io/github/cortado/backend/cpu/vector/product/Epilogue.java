package io.github.cortado.backend.cpu.vector.product;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.cpu.HostBuffer;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/**
 * What is done to a product last: a bias is added to each column, and negative values become zero.
 *
 * @param bias a value for each column from {@code biasOffset} on, or an empty array for none
 * @param adds the product is added to what is there
 * @param followed the product, if somebody goes on with what is ready of it
 * @param firstRow of the followed rows, the first of this product
 */
@SuppressWarnings("ArrayRecordComponent") // passed through, never compared
record Epilogue(
        float[] bias,
        int biasOffset,
        boolean relu,
        boolean adds,
        HostBuffer.@Nullable Floats followed,
        int firstRow) {
    private static final float[] NO_BIAS = {};

    /** The product is left as it is. */
    static final Epilogue NONE = new Epilogue(NO_BIAS, 0, false);

    /** The product is added to what is there. */
    static final Epilogue ADD = new Epilogue(NO_BIAS, 0, false, true, null, 0);

    Epilogue(float[] bias, int biasOffset, boolean relu) {
        this(bias, biasOffset, relu, false, null, 0);
    }

    /** The product is rows of y from the given one on, and left as it is. */
    static Epilogue of(HostBuffer.Floats y, int firstRow) {
        return y.isFollowed() ? new Epilogue(NO_BIAS, 0, false, false, y, firstRow) : NONE;
    }

    /** Adds b, where there is one, to y. */
    static Epilogue of(HostBuffer.@Nullable Floats b, boolean relu, HostBuffer.Floats y) {
        HostBuffer.Floats followed = y.isFollowed() ? y : null;
        return b == null
                ? new Epilogue(NO_BIAS, 0, relu, false, followed, 0)
                : new Epilogue(b.array(), b.offset(), relu, false, followed, 0);
    }

    /** Whether it leaves the product as it is. */
    boolean isNone() {
        return bias.length == 0 && !relu;
    }

    /** Finishes some elements of a row, which begin at an element of an array and in a column. */
    void apply(float[] to, int at, int length, int column) {
        boolean biased = bias.length > 0;
        int biasAt = biasOffset + column;
        int s = 0;
        for (; s <= length - VL; s += VL) {
            FloatVector v = FloatVector.fromArray(SPECIES, to, at + s);
            if (biased) {
                v = v.add(FloatVector.fromArray(SPECIES, bias, biasAt + s));
            }
            (relu ? v.max(0f) : v).intoArray(to, at + s);
        }
        for (; s < length; s++) {
            float v = biased ? to[at + s] + bias[biasAt + s] : to[at + s];
            to[at + s] = relu ? Math.max(v, 0f) : v;
        }
    }

    /** Says that some rows, of n columns each, are ready in some columns. */
    void ready(int row, int rows, int n, int column, int columns) {
        if (followed != null) {
            followed.ready(firstRow + row, rows, n, column, columns);
        }
    }
}
