package io.github.cortado.backend.cpu;

/** Divisions that round upwards. */
public final class IntMath {
    private IntMath() {}

    /** The least integer that is not less than a / b. */
    public static int ceilDiv(int a, int b) {
        return -Math.floorDiv(-a, b);
    }

    /** The least multiple of b that is not less than a. */
    public static int roundUp(int a, int b) {
        return ceilDiv(a, b) * b;
    }
}
