package io.github.cortado.random;

import java.util.Objects;
import org.apache.commons.math3.random.BitsStreamGenerator;

/**
 * Draws the words of a {@link PhiloxStream} in order, as a generator of Commons Math, so that its
 * distributions can draw from it.
 *
 * <p>Moving to another stream ({@link #moveTo}) allocates nothing. Not safe for use by several
 * threads at once: give each its own.
 */
public final class PhiloxGenerator extends BitsStreamGenerator {
    private static final long serialVersionUID = 1L;

    private long seed;
    private int c1;
    private int c2;
    private int c3;
    private long position;
    private final int[] block = new int[Philox.BLOCK];

    /** Draws from the general-purpose stream 0 of a seed. */
    public PhiloxGenerator(long seed) {
        this(Streams.general(seed, 0));
    }

    /** Draws from a stream, beginning with its first word. */
    public PhiloxGenerator(PhiloxStream stream) {
        seed = stream.seed();
        c1 = stream.c1();
        c2 = stream.c2();
        c3 = stream.c3();
    }

    /** Moves to the first word of another stream. */
    public void moveTo(PhiloxStream stream) {
        seed = stream.seed();
        c1 = stream.c1();
        c2 = stream.c2();
        c3 = stream.c3();
        position = 0;
        clear();
    }

    /** Returns how many words have been drawn. */
    public long position() {
        return position;
    }

    /**
     * Moves to word n of the stream; the next draw returns it.
     *
     * @throws IndexOutOfBoundsException unless 0 &lt;= n &lt; {@link PhiloxStream#LENGTH}
     */
    public void position(long n) {
        position = Objects.checkIndex(n, PhiloxStream.LENGTH);
        if ((n & 3) != 0) {
            load(n);
        }
        clear();
    }

    /**
     * Returns the next word, all 32 bits random.
     *
     * @throws IllegalStateException at the end of the stream, after 2<sup>34</sup> words
     */
    public int word() {
        if (position == PhiloxStream.LENGTH) {
            throw new IllegalStateException("philox: the stream's 2^34 words are used up");
        }
        int lane = (int) position & 3;
        if (lane == 0) {
            load(position);
        }
        position++;
        return block[lane];
    }

    private void load(long n) {
        Philox.block((int) (n >>> 2), c1, c2, c3, (int) seed, (int) (seed >>> 32), block, 0);
    }

    /** Returns the next number in [0, 1), a multiple of 2<sup>-24</sup>, from one word. */
    public float uniform() {
        return Philox.uniform(word());
    }

    /** Returns the next number in [low, high): low + (high - low) uniform(), in float32. */
    public float uniform(float low, float high) {
        return low + (high - low) * uniform();
    }

    /**
     * Returns an integer in [0, n), each equally likely.
     *
     * <p>The upper half of word times n, with the few words rejected that would favour some
     * results: D. Lemire, "Fast random integer generation in an interval", 2019.
     *
     * @throws IllegalArgumentException where n is not positive
     */
    public int bounded(int n) {
        if (n <= 0) {
            throw new IllegalArgumentException("philox: the bound must be positive, got " + n);
        }
        long product = (word() & 0xFFFFFFFFL) * n;
        if (Integer.compareUnsigned((int) product, n) < 0) {
            int reject = Integer.remainderUnsigned(-n, n);
            while (Integer.compareUnsigned((int) product, reject) < 0) {
                product = (word() & 0xFFFFFFFFL) * n;
            }
        }
        return (int) (product >>> 32);
    }

    @Override
    protected int next(int bits) {
        return word() >>> (32 - bits);
    }

    /** Keeps the stream, changes the seed, and moves to the first word. */
    @Override
    public void setSeed(long seed) {
        moveTo(new PhiloxStream(seed, c1, c2, c3));
    }

    /** As {@link #setSeed(long)}, with the seed sign-extended. */
    @Override
    public void setSeed(int seed) {
        setSeed((long) seed);
    }

    /** As {@link #setSeed(long)}, with the first two words as lower and upper half. */
    @Override
    public void setSeed(int[] words) {
        long low = words.length > 0 ? words[0] & 0xFFFFFFFFL : 0;
        long high = words.length > 1 ? words[1] & 0xFFFFFFFFL : 0;
        setSeed(high << 32 | low);
    }
}
