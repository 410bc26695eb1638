package io.github.cortado;

/** Element type of a {@link Tensor}. */
public enum DType {
    /** IEEE 754 single precision: what networks compute in. */
    FLOAT32(4),
    /** IEEE 754 double precision: for gradient checks, on the scalar CPU backend. */
    FLOAT64(8),
    /** 32-bit signed integers. */
    INT32(4),
    /** 64-bit signed integers: class labels and indices. */
    INT64(8),
    /** Unsigned bytes: pictures. */
    UINT8(1),
    /** True or false, as comparisons give it: a byte that is 1 or 0. */
    BOOL(1);

    private final int bytes;

    DType(int bytes) {
        this.bytes = bytes;
    }

    /** Size of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** Whether elements are floating-point numbers, so that gradients exist. */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT64;
    }

    /** The name as PyTorch writes it: {@code float32}, {@code int64}, ... */
    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
