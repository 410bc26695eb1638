package io.github.cortado.random;

import java.util.Objects;

/**
 * Philox4x32-10: ten rounds that turn a 128-bit counter and a 64-bit key into four random words.
 *
 * <p>A round multiplies two counter words by fixed odd constants, and mixes the upper halves of the
 * products with the other two words and the key; the key moves on by a Weyl step. It is a bijection
 * of the counter for every key, so that distinct counters never share a block.
 *
 * <p>Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E. Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC11, with the constants and known-answer vectors of Random123.
 */
public final class Philox {
    /** Words in a block. */
    public static final int BLOCK = 4;

    /** What a round multiplies the first counter word by. */
    public static final long M0 = 0xD2511F53L;

    /** What a round multiplies the third counter word by. */
    public static final long M1 = 0xCD9E8D57L;

    /** What the first key word grows by from round to round. */
    public static final int W0 = 0x9E3779B9;

    /** What the second key word grows by from round to round. */
    public static final int W1 = 0xBB67AE85;

    /** Rounds of a block. */
    public static final int ROUNDS = 10;

    private static final long LOW = 0xFFFFFFFFL;

    private Philox() {}

    /**
     * Writes the block of counter (c0, c1, c2, c3) under key (k0, k1) to {@code out[offset ..
     * offset + 3]}.
     *
     * @throws IndexOutOfBoundsException where {@code out} has no room for four words at offset
     */
    public static void block(
            int c0, int c1, int c2, int c3, int k0, int k1, int[] out, int offset) {
        Objects.checkFromIndexSize(offset, BLOCK, out.length);
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = M0 * (c0 & LOW);
            long p1 = M1 * (c2 & LOW);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        out[offset] = c0;
        out[offset + 1] = c1;
        out[offset + 2] = c2;
        out[offset + 3] = c3;
    }

    /** Returns one word of that block: lane 0 to 3 of counter (c0, c1, c2, c3), key (k0, k1). */
    public static int word(int c0, int c1, int c2, int c3, int k0, int k1, int lane) {
        for (int round = 0; round < ROUNDS; round++) {
            long p0 = M0 * (c0 & LOW);
            long p1 = M1 * (c2 & LOW);
            c0 = (int) (p1 >>> 32) ^ c1 ^ k0;
            c2 = (int) (p0 >>> 32) ^ c3 ^ k1;
            c1 = (int) p1;
            c3 = (int) p0;
            k0 += W0;
            k1 += W1;
        }
        return switch (lane) {
            case 0 -> c0;
            case 1 -> c1;
            case 2 -> c2;
            case 3 -> c3;
            default ->
                    throw new IndexOutOfBoundsException(
                            "philox: a block has lanes 0 to 3, got " + lane);
        };
    }

    /**
     * Returns the number in [0, 1) that a random word stands for: its upper 24 bits times
     * 2<sup>-24</sup>, which float32 holds exactly.
     */
    public static float uniform(int word) {
        return (word >>> 8) * 0x1p-24f;
    }
}
