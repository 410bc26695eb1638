package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import io.github.cortado.vision.ColorJitter;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.PaddingMode;
import io.github.cortado.vision.RandomAffine;
import io.github.cortado.vision.RandomCrop;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.RandomRotation;
import io.github.cortado.vision.Resize;
import io.github.cortado.vision.ToTensor;
import java.util.List;

/**
 * What pictures go through before a network gets them.
 *
 * @param training with random transforms
 * @param validation without
 * @param mean of each channel, which is subtracted
 * @param deviation of each channel, which is divided by
 */
record Transforms(Compose training, Compose validation, List<Double> mean, List<Double> deviation) {
    /** The reference program's, in its order. */
    static final Transforms REFERENCE = reference(new Normalize(0.5, 0.5));

    /** Mirrored, moved and cut out of, with CIFAR-10's own mean and deviation. */
    static final Transforms TRANSLATED =
            translated(List.of(0.4914, 0.4822, 0.4465), List.of(0.2470, 0.2435, 0.2616));

    private static Transforms reference(Normalize normalize) {
        return new Transforms(
                Compose.of(
                        new Resize(32, 32),
                        new RandomHorizontalFlip(0.5),
                        new RandomRotation(10),
                        new RandomAffine(0).shear(10).scale(0.8, 1.2),
                        new ColorJitter(0.2, 0.2, 0.2),
                        new ToTensor(),
                        normalize),
                Compose.of(new Resize(32, 32), new ToTensor(), normalize),
                List.of(0.5, 0.5, 0.5),
                List.of(0.5, 0.5, 0.5));
    }

    private static Transforms translated(List<Double> mean, List<Double> deviation) {
        Normalize normalize = new Normalize(array(mean), array(deviation));
        return new Transforms(
                Compose.of(
                        new Resize(32, 32),
                        new RandomHorizontalFlip(0.5),
                        new RandomCrop(32).padding(4).paddingMode(PaddingMode.REFLECT),
                        new Cutout(8, 121),
                        new ToTensor(),
                        normalize),
                Compose.of(new Resize(32, 32), new ToTensor(), normalize),
                mean,
                deviation);
    }

    private static double[] array(List<Double> numbers) {
        return numbers.stream().mapToDouble(x -> x).toArray();
    }

    /** The picture behind values [3, height, width] that Normalize made. */
    Image denormalized(float[] values, int offset, int height, int width) {
        int plane = height * width;
        byte[] planes = new byte[Image.CHANNELS * plane];
        for (int i = 0; i < planes.length; i++) {
            int c = i / plane;
            double value = values[offset + i] * deviation.get(c) + mean.get(c);
            planes[i] = (byte) Math.round(255 * Math.max(0, Math.min(1, value)));
        }
        return Image.of(planes, height, width);
    }
}
