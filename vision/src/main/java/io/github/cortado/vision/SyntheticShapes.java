package io.github.cortado.vision;

import io.github.cortado.backend.HeapSpace;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.random.PhiloxGenerator;
import io.github.cortado.random.Streams;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * A drawn data set of ten classes, 32x32, for where there is no other: one figure on each picture,
 * of random colour, place, size and rotation, among clutter, before a gradient, under noise.
 *
 * <p>A picture is a function of the seed and its number, {@link Streams#drawing}; training and test
 * pictures have different numbers. Colours say nothing of the class, and no pixel does by itself,
 * so that a linear model finds little.
 */
public final class SyntheticShapes implements Dataset {
    private static final int SIDE = 32;
    private static final int LENGTH = Image.CHANNELS * SIDE * SIDE;
    private static final int FIRST_TEST_PICTURE = 1 << 30;

    private final byte[] pictures;
    private final byte[] labels;

    private SyntheticShapes(int size, long seed, int firstPicture) {
        if (size < 0 || size > Integer.MAX_VALUE / LENGTH) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "SyntheticShapes: the size must be in 0 .. %d, got %d",
                            Integer.MAX_VALUE / LENGTH,
                            size));
        }
        try {
            pictures = new byte[size * LENGTH];
            labels = new byte[size];
        } catch (OutOfMemoryError e) {
            throw HeapSpace.error(size + " synthetic pictures", (long) size * LENGTH, e);
        }
        ShapePainter painter = new ShapePainter(SIDE);
        PhiloxGenerator draws = new PhiloxGenerator(seed);
        for (int i = 0; i < size; i++) {
            draws.moveTo(Streams.drawing(seed, firstPicture + i));
            labels[i] = (byte) draws.bounded(ShapePainter.FIGURES.size());
            painter.paint(labels[i], draws, pictures, i * LENGTH);
        }
    }

    /**
     * Draws pictures to train with.
     *
     * @throws IllegalArgumentException for a negative size, or one that exceeds 2 GiB
     */
    public static SyntheticShapes train(int size, long seed) {
        return new SyntheticShapes(size, seed, 0);
    }

    /**
     * Draws pictures that are not among those to train with.
     *
     * @throws IllegalArgumentException for a negative size, or one that exceeds 2 GiB
     */
    public static SyntheticShapes test(int size, long seed) {
        return new SyntheticShapes(size, seed, FIRST_TEST_PICTURE);
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<String> classNames() {
        return ShapePainter.FIGURES;
    }

    @Override
    public int label(int index) {
        return labels[Objects.checkIndex(index, size())];
    }

    @Override
    public void read(int index, Image into) {
        into.set(pictures, Objects.checkIndex(index, size()) * LENGTH, SIDE, SIDE);
    }
}
