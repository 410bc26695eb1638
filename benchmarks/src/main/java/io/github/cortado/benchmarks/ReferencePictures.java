package io.github.cortado.benchmarks;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.models.LeNet;
import io.github.cortado.vision.ColorJitter;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.RandomAffine;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.RandomRotation;
import io.github.cortado.vision.Resize;
import io.github.cortado.vision.ToTensor;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Drawn 32 x 32 pictures in memory, in as many classes as LeNet has, and what happens to them. */
final class ReferencePictures implements Dataset {
    /** The transforms of the reference program's training. */
    static final Compose TRAINING =
            Compose.of(
                    new Resize(LeNet.SIDE, LeNet.SIDE),
                    new RandomHorizontalFlip(),
                    new RandomRotation(10),
                    new RandomAffine(0).shear(10).scale(0.8, 1.2),
                    new ColorJitter(0.2, 0.2, 0.2),
                    new ToTensor(),
                    new Normalize(0.5, 0.5));

    /** The same ones without those that are random. */
    static final Compose VALIDATION =
            Compose.of(new Resize(LeNet.SIDE, LeNet.SIDE), new ToTensor(), new Normalize(0.5, 0.5));

    private final byte[][] pictures;

    /** Shaded pictures with some noise: the colour transforms see more than one value. */
    ReferencePictures(int n) {
        SplittableRandom random = new SplittableRandom(0);
        pictures = new byte[n][LeNet.CHANNELS * LeNet.SIDE * LeNet.SIDE];
        for (byte[] p : pictures) {
            int base = random.nextInt(128);
            for (int i = 0; i < p.length; i++) {
                p[i] = (byte) (base + 3 * (i % LeNet.SIDE) + random.nextInt(32));
            }
        }
    }

    @Override
    public int size() {
        return pictures.length;
    }

    @Override
    public List<String> classNames() {
        return IntStream.range(0, LeNet.CLASSES).mapToObj(Integer::toString).toList();
    }

    @Override
    public int label(int index) {
        return index % LeNet.CLASSES;
    }

    @Override
    public void read(int index, Image into) {
        into.set(pictures[index], 0, LeNet.SIDE, LeNet.SIDE);
    }
}
