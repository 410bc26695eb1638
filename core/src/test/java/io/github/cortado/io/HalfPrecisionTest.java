package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class HalfPrecisionTest {
    @Test
    void float16HasItsDefiningValues() {
        assertEquals(0x00000000, bits16(0x0000));
        assertEquals(0x80000000, bits16(0x8000));
        assertEquals(1f, HalfPrecision.float16ToFloat((short) 0x3c00));
        assertEquals(-2f, HalfPrecision.float16ToFloat((short) 0xc000));
        assertEquals(65504f, HalfPrecision.float16ToFloat((short) 0x7bff));
        assertEquals(0x1p-14f, HalfPrecision.float16ToFloat((short) 0x0400));
        assertEquals(0x1p-24f, HalfPrecision.float16ToFloat((short) 0x0001));
        assertEquals(-0x1.ff8p-15f, HalfPrecision.float16ToFloat((short) 0x83ff));
        assertEquals(Float.POSITIVE_INFINITY, HalfPrecision.float16ToFloat((short) 0x7c00));
        assertEquals(Float.NEGATIVE_INFINITY, HalfPrecision.float16ToFloat((short) 0xfc00));
    }

    @Test
    void everyFloat16HasTheValueOfItsFormula() {
        for (int b = 0; b < 0x10000; b++) {
            float actual = HalfPrecision.float16ToFloat((short) b);
            int exponent = b >> 10 & 0x1f;
            int fraction = b & 0x3ff;
            if (exponent == 31 && fraction != 0) {
                assertTrue(Float.isNaN(actual), Integer.toHexString(b));
                continue;
            }
            double magnitude =
                    exponent == 31
                            ? Double.POSITIVE_INFINITY
                            : exponent == 0
                                    ? fraction * Math.pow(2, -24)
                                    : (1024 + fraction) * Math.pow(2, exponent - 25);
            assertEquals((float) (b >= 0x8000 ? -magnitude : magnitude), actual);
        }
    }

    @Test
    void bfloat16IsTheUpperHalfOfAFloat() {
        for (int b = 0; b < 0x10000; b++) {
            float actual = HalfPrecision.bfloat16ToFloat((short) b);
            float expected = Float.intBitsToFloat(b << 16);
            assertEquals(expected, actual);
        }
        assertEquals(3.140625f, HalfPrecision.bfloat16ToFloat((short) 0x4049));
        assertEquals(0x1p-133f, HalfPrecision.bfloat16ToFloat((short) 0x0001));
        assertTrue(Float.isNaN(HalfPrecision.bfloat16ToFloat((short) 0x7fc0)));
        assertEquals(Float.NEGATIVE_INFINITY, HalfPrecision.bfloat16ToFloat((short) 0xff80));
    }

    private static int bits16(int half) {
        return Float.floatToRawIntBits(HalfPrecision.float16ToFloat((short) half));
    }
}
