package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import io.github.cortado.vision.ColorJitter;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.RandomAffine;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.RandomRotation;
import io.github.cortado.vision.Resize;
import io.github.cortado.vision.ToTensor;

/** The reference program's transforms, in its order. */
final class Transforms {
    private static final double MEAN = 0.5;
    private static final double DEVIATION = 0.5;

    static final Compose TRAINING =
            Compose.of(
                    new Resize(32, 32),
                    new RandomHorizontalFlip(0.5),
                    new RandomRotation(10),
                    new RandomAffine(0).shear(10).scale(0.8, 1.2),
                    new ColorJitter(0.2, 0.2, 0.2),
                    new ToTensor(),
                    new Normalize(MEAN, DEVIATION));

    static final Compose VALIDATION =
            Compose.of(new Resize(32, 32), new ToTensor(), new Normalize(MEAN, DEVIATION));

    private Transforms() {}

    /** The picture behind values [3, height, width] that Normalize made. */
    static Image denormalized(float[] values, int offset, int height, int width) {
        byte[] planes = new byte[Image.CHANNELS * height * width];
        for (int i = 0; i < planes.length; i++) {
            double value = values[offset + i] * DEVIATION + MEAN;
            planes[i] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
        return Image.of(planes, height, width);
    }
}
