package io.github.cortado.random;

/**
 * The one place that says which random words belong to which purpose.
 *
 * <p>The seed is Philox's 64-bit key (k0 its lower half). Counter word c0 counts the blocks of four
 * words of a stream; the upper eight bits of c3 name the purpose, so that no two purposes share a
 * counter; the rest is given below. Element, draw and word n of a stream are lane n mod 4 of block
 * n / 4, for n below 2<sup>34</sup>.
 *
 * <table>
 * <caption>Counter layout</caption>
 * <tr><th>purpose</th><th>c0</th><th>c1</th><th>c2</th><th>c3 upper 8</th><th>c3 lower 24</th></tr>
 * <tr><td>general</td><td>word / 4</td><td>stream, lower half</td><td>stream, upper half</td>
 *     <td>0</td><td>0</td></tr>
 * <tr><td>dropout</td><td>element / 4</td><td>forward number, lower half</td>
 *     <td>forward number, upper half</td><td>1</td><td>block ordinal</td></tr>
 * <tr><td>augmentation</td><td>draw / 4</td><td>index in the data set</td><td>epoch</td>
 *     <td>2</td><td>transform ordinal</td></tr>
 * <tr><td>shuffle</td><td>draw / 4</td><td>0</td><td>epoch</td><td>3</td><td>0</td></tr>
 * <tr><td>initialisation</td><td>element / 4</td><td>parameter ordinal</td><td>0</td><td>4</td>
 *     <td>0</td></tr>
 * <tr><td>drawing</td><td>draw / 4</td><td>picture</td><td>0</td><td>5</td><td>0</td></tr>
 * <tr><td>tensor</td><td>element / 4</td><td>tensor ordinal</td><td>0</td><td>6</td><td>0</td></tr>
 * </table>
 */
public final class Streams {
    /** Purpose of {@link #general}. */
    public static final int GENERAL = 0;

    /** Purpose of {@link #dropout}. */
    public static final int DROPOUT = 1;

    /** Purpose of {@link #augmentation}. */
    public static final int AUGMENTATION = 2;

    /** Purpose of {@link #shuffle}. */
    public static final int SHUFFLE = 3;

    /** Purpose of {@link #initialisation}. */
    public static final int INITIALISATION = 4;

    /** Purpose of {@link #drawing}. */
    public static final int DRAWING = 5;

    /** Purpose of {@link #tensor}. */
    public static final int TENSOR = 6;

    /** Block and transform ordinals are below 2<sup>24</sup>. */
    public static final int MAX_ORDINAL = (1 << 24) - 1;

    private Streams() {}

    /** Returns a stream for a purpose of the user's own; any stream number will do. */
    public static PhiloxStream general(long seed, long stream) {
        return new PhiloxStream(seed, (int) stream, (int) (stream >>> 32), c3(GENERAL, 0));
    }

    /**
     * Returns the stream whose word e decides over element e of a random block's input.
     *
     * @param blockOrdinal which of the model's random blocks, 0 to {@link #MAX_ORDINAL}
     * @param forward how many training forward passes that block has made before, 0 or more
     * @throws IllegalArgumentException for a number outside these limits
     */
    public static PhiloxStream dropout(long seed, int blockOrdinal, long forward) {
        notNegative("dropout", "forward number", forward);
        ordinal("dropout", "block ordinal", blockOrdinal);
        return new PhiloxStream(
                seed, (int) forward, (int) (forward >>> 32), c3(DROPOUT, blockOrdinal));
    }

    /**
     * Returns the stream of the draws that one random transform makes for one picture.
     *
     * @param epoch 0 or more
     * @param index of the picture in the data set, 0 or more
     * @param transformOrdinal place of the transform in its chain, 0 to {@link #MAX_ORDINAL}
     * @throws IllegalArgumentException for a number outside these limits
     */
    public static PhiloxStream augmentation(long seed, int epoch, int index, int transformOrdinal) {
        notNegative("augmentation", "epoch", epoch);
        notNegative("augmentation", "index", index);
        ordinal("augmentation", "transform ordinal", transformOrdinal);
        return new PhiloxStream(seed, index, epoch, c3(AUGMENTATION, transformOrdinal));
    }

    /**
     * Returns the stream that orders the pictures of an epoch, 0 or more.
     *
     * @throws IllegalArgumentException for a negative epoch
     */
    public static PhiloxStream shuffle(long seed, int epoch) {
        notNegative("shuffle", "epoch", epoch);
        return new PhiloxStream(seed, 0, epoch, c3(SHUFFLE, 0));
    }

    /**
     * Returns the stream whose word e becomes element e of a parameter's first value.
     *
     * @param parameterOrdinal which parameter, in the order they were made, 0 or more
     * @throws IllegalArgumentException for a negative ordinal
     */
    public static PhiloxStream initialisation(long seed, int parameterOrdinal) {
        notNegative("initialisation", "parameter ordinal", parameterOrdinal);
        return new PhiloxStream(seed, parameterOrdinal, 0, c3(INITIALISATION, 0));
    }

    /**
     * Returns the stream that draws one picture of the built-in data set, 0 or more.
     *
     * @throws IllegalArgumentException for a negative picture
     */
    public static PhiloxStream drawing(long seed, int picture) {
        notNegative("drawing", "picture", picture);
        return new PhiloxStream(seed, picture, 0, c3(DRAWING, 0));
    }

    /**
     * Returns the stream of a tensor of random numbers.
     *
     * @param tensorOrdinal which tensor, in the order they were drawn, 0 or more
     * @throws IllegalArgumentException for a negative ordinal
     */
    public static PhiloxStream tensor(long seed, int tensorOrdinal) {
        notNegative("tensor", "tensor ordinal", tensorOrdinal);
        return new PhiloxStream(seed, tensorOrdinal, 0, c3(TENSOR, 0));
    }

    private static int c3(int purpose, int ordinal) {
        return purpose << 24 | ordinal;
    }

    private static void notNegative(String purpose, String what, long value) {
        if (value < 0) {
            throw new IllegalArgumentException(
                    purpose + ": the " + what + " must not be negative, got " + value);
        }
    }

    private static void ordinal(String purpose, String what, int value) {
        if (value < 0 || value > MAX_ORDINAL) {
            throw new IllegalArgumentException(
                    purpose
                            + ": the "
                            + what
                            + " must be in 0 .. "
                            + MAX_ORDINAL
                            + ", got "
                            + value);
        }
    }
}
