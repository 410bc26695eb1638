package io.github.cortado.random;

/**
 * The seed that new layers draw from, and the ordinals that keep their streams apart. Parameters,
 * random blocks and tensors of random numbers are numbered in the order in which they are made
 * after {@link #manualSeed}, so a model that is built the same way starts the same way, on every
 * device.
 */
public final class Seed {
    private static long seed;
    private static int parameters;
    private static int randomBlocks;
    private static int tensors;

    private Seed() {}

    /** Sets the seed and starts all numberings anew; at the start of a program it is 0. */
    public static synchronized void manualSeed(long value) {
        seed = value;
        parameters = 0;
        randomBlocks = 0;
        tensors = 0;
    }

    /** The present seed. */
    public static synchronized long current() {
        return seed;
    }

    /** The stream of the next parameter's first values. */
    public static synchronized PhiloxStream nextParameter() {
        return Streams.initialisation(seed, parameters++);
    }

    /** The stream of the next tensor of random numbers. */
    public static synchronized PhiloxStream nextTensor() {
        return Streams.tensor(seed, tensors++);
    }

    /** The ordinal of the next block that draws random numbers. */
    public static synchronized int nextRandomBlock() {
        return randomBlocks++;
    }
}
