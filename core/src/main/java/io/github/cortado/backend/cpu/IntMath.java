package io.github.cortado.backend.cpu;

/** Divisions that round upwards, and products. */
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

    /** The product of the elements from {@code from} on, up to and without {@code to}. */
    public static int product(int[] factors, int from, int to) {
        int product = 1;
        for (int i = from; i < to; i++) {
            product *= factors[i];
        }
        return product;
    }
}
