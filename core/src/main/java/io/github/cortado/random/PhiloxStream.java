package io.github.cortado.random;

import java.util.Objects;

/**
 * One stream of random words: word n is lane n mod 4 of the block with counter (n / 4, c1, c2, c3)
 * under the key that is the seed (k0 its lower half, k1 its upper half).
 *
 * <p>A stream holds {@link #LENGTH} words and may be read at any place in any order; {@link
 * Streams} makes those with a meaning.
 *
 * @param seed the 64-bit key
 * @param c1 second counter word
 * @param c2 third counter word
 * @param c3 fourth counter word
 */
public record PhiloxStream(long seed, int c1, int c2, int c3) {
    /** Words in a stream: 2<sup>32</sup> blocks of four. */
    public static final long LENGTH = 1L << 34;

    /**
     * Returns word n.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= n &lt; {@link #LENGTH}
     */
    public int word(long n) {
        Objects.checkIndex(n, LENGTH);
        return Philox.word(
                (int) (n >>> 2), c1, c2, c3, (int) seed, (int) (seed >>> 32), (int) n & 3);
    }

    /**
     * Returns word n as a number in [0, 1), a multiple of 2<sup>-24</sup>.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= n &lt; {@link #LENGTH}
     */
    public float uniform(long n) {
        return Philox.uniform(word(n));
    }

    /**
     * Writes words first, first + 1, ... to {@code out[offset .. offset + length - 1]}, a block at
     * a time.
     *
     * @throws IndexOutOfBoundsException where the range leaves the stream or the array
     */
    public void words(long first, int[] out, int offset, int length) {
        Objects.checkFromIndexSize(first, length, LENGTH);
        Objects.checkFromIndexSize(offset, length, out.length);
        int k0 = (int) seed;
        int k1 = (int) (seed >>> 32);
        int i = 0;
        for (; i < length && ((first + i) & 3) != 0; i++) {
            out[offset + i] = word(first + i);
        }
        for (; i + Philox.BLOCK <= length; i += Philox.BLOCK) {
            Philox.block((int) ((first + i) >>> 2), c1, c2, c3, k0, k1, out, offset + i);
        }
        for (; i < length; i++) {
            out[offset + i] = word(first + i);
        }
    }

    /**
     * Writes numbers in [low, high) to {@code out[offset .. offset + length - 1]}: out[i] = low +
     * (high - low) uniform(first + i), in float32.
     *
     * @throws IndexOutOfBoundsException where the range leaves the stream or the array
     */
    public void uniforms(long first, float low, float high, float[] out, int offset, int length) {
        Objects.checkFromIndexSize(offset, length, out.length);
        float width = high - low;
        int[] words = new int[Math.min(length, 256)];
        for (int done = 0; done < length; done += words.length) {
            int n = Math.min(words.length, length - done);
            words(first + done, words, 0, n);
            for (int i = 0; i < n; i++) {
                out[offset + done + i] = low + width * Philox.uniform(words[i]);
            }
        }
    }

    /**
     * Writes a dropout mask for elements first, first + 1, ...: {@code kept} where uniform(element)
     * &gt;= p, else 0. With kept = 1 / (1 - p) the mask is what both directions multiply by.
     *
     * @param p the probability of dropping, 0 to 1
     * @throws IllegalArgumentException where p is no probability
     * @throws IndexOutOfBoundsException where the range leaves the stream or the array
     */
    public void dropoutMask(float p, float kept, long first, float[] mask, int offset, int length) {
        int threshold = dropoutThreshold(p);
        Objects.checkFromIndexSize(offset, length, mask.length);
        int[] words = new int[Math.min(length, 256)];
        for (int done = 0; done < length; done += words.length) {
            int n = Math.min(words.length, length - done);
            words(first + done, words, 0, n);
            for (int i = 0; i < n; i++) {
                mask[offset + done + i] = words[i] >>> 8 >= threshold ? kept : 0f;
            }
        }
    }

    /**
     * Returns the integer t for which {@code uniform(w) >= p} exactly when {@code w >>> 8 >= t}.
     *
     * @throws IllegalArgumentException unless 0 &lt;= p &lt;= 1
     */
    public static int dropoutThreshold(float p) {
        if (!(p >= 0f && p <= 1f)) {
            throw new IllegalArgumentException("dropout: p is a probability in [0, 1], got " + p);
        }
        return (int) Math.ceil(p * 0x1p24);
    }

    /** Returns a generator that draws this stream's words from the first one on. */
    public PhiloxGenerator generator() {
        return new PhiloxGenerator(this);
    }
}
