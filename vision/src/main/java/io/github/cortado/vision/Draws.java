package io.github.cortado.vision;

import io.github.cortado.random.PhiloxGenerator;
import io.github.cortado.random.Streams;
import org.jspecify.annotations.Nullable;

/**
 * The random draws of one picture's transforms, and the scratch memory they share.
 *
 * <p>Every transform of a chain has its own stream, {@link Streams#augmentation}(seed, epoch,
 * index, ordinal), so that a draw depends on nothing else. Each thread needs an object of its own.
 */
public final class Draws {
    private final long seed;
    private final PhiloxGenerator generator;
    private int epoch;
    private int index;

    // Of geometric transforms in a row, at least one.
    long[][] maps = new long[1][6];
    final float[] factors = new float[3];
    final Colours colours = Colours.fastest();
    final Tones tones = new Tones();
    private double[] doubles = new double[0];
    final @Nullable VectorGeometry geometry =
            VectorPixels.Use.POSSIBLE ? new VectorGeometry() : null;

    /** Begins with epoch 0, picture 0. */
    public Draws(long seed) {
        this.seed = seed;
        generator = new PhiloxGenerator(Streams.augmentation(seed, 0, 0, 0));
    }

    /**
     * Moves to the draws of a picture's first transform and returns this.
     *
     * @param epoch 0 or more
     * @param index of the picture in the data set, 0 or more
     * @throws IllegalArgumentException for a negative number
     */
    public Draws at(int epoch, int index) {
        this.epoch = epoch;
        this.index = index;
        return transform(0);
    }

    /** Moves to the draws of the transform at this place in the chain and returns this. */
    public Draws transform(int ordinal) {
        generator.moveTo(Streams.augmentation(seed, epoch, index, ordinal));
        return this;
    }

    /** Makes sure that there are n maps. */
    void reserveMaps(int n) {
        if (maps.length < n) {
            maps = new long[n][6];
        }
    }

    /** Returns scratch memory for so many numbers. */
    double[] doubles(int n) {
        if (doubles.length < n) {
            doubles = new double[n];
        }
        return doubles;
    }

    /** Returns the next draw in [0, 1), a multiple of 2<sup>-24</sup>. */
    public float uniform() {
        return generator.uniform();
    }

    /** Returns low + (high - low) times the next draw, in float32: one product, then one sum. */
    public float uniform(float low, float high) {
        return generator.uniform(low, high);
    }

    /**
     * Returns low + floor((high - low) times the next draw), in integers: the same on every
     * machine, for fixed-point parameters. high - low must stay below 2<sup>39</sup>.
     */
    public long fixed(long low, long high) {
        return low + (((high - low) * (generator.word() >>> 8)) >> 24);
    }
}
