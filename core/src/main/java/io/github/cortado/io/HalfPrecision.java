package io.github.cortado.io;

/** The two 16-bit floating-point formats, widened to float without any loss. */
final class HalfPrecision {
    private HalfPrecision() {}

    /**
     * IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits. (The JDK has this from 20 on.)
     *
     * @return the same value, with its sign, subnormals, infinities and the payload of a NaN
     */
    static float float16ToFloat(short bits) {
        int sign = (bits & 0x8000) << 16;
        int exponent = bits >>> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        if (exponent == 0) {
            // Zero and subnormals: fraction * 2^-24, a normal float and exact.
            int magnitude = Float.floatToRawIntBits(fraction * 0x1p-24f);
            return Float.intBitsToFloat(sign | magnitude);
        }
        // The bias grows from 15 to 127; the exponent of infinities and NaNs is all ones in both.
        int wide = exponent == 0x1f ? 0xff : exponent + (127 - 15);
        return Float.intBitsToFloat(sign | wide << 23 | fraction << 13);
    }

    /** Brain float: the upper half of a float. */
    static float bfloat16ToFloat(short bits) {
        return Float.intBitsToFloat(bits << 16);
    }
}
