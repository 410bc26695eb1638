package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.data.Batch;
import io.github.cortado.data.DataLoader;
import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.data.ResidentLoader;
import io.github.cortado.random.Streams;
import io.github.cortado.vision.ColorJitter;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Normalize;
import io.github.cortado.vision.RandomAffine;
import io.github.cortado.vision.RandomHorizontalFlip;
import io.github.cortado.vision.RandomRotation;
import io.github.cortado.vision.ToTensor;
import java.util.List;

/** Batches made on a GPU have the bits of those that the CPU makes. */
final class PictureCheck {
    private PictureCheck() {}

    /** Pictures of random bytes, and random classes. */
    record Noise(int size, int height, int width) implements Dataset {
        @Override
        public List<String> classNames() {
            return List.of("a", "b", "c");
        }

        @Override
        public int label(int index) {
            return index * 7 % 3;
        }

        @Override
        public void read(int index, Image into) {
            into.reshape(height, width);
            int[] words = new int[into.length()];
            Streams.general(5, index).words(0, words, 0, words.length);
            for (int i = 0; i < words.length; i++) {
                into.pixels()[i] = (byte) words[i];
            }
        }
    }

    /** Every transform, in ranges in which every branch is taken. */
    static Compose wild() {
        return Compose.of(
                new RandomAffine(360).translate(0.4, 0.3).scale(0.05, 9).shear(80, 79),
                new ColorJitter(1, 3, 255),
                new RandomHorizontalFlip(0.2),
                new RandomRotation(-360, 20),
                new ColorJitter(0, 0.5, 0),
                new ToTensor(),
                new Normalize(new double[] {0.1, 0.2, 0.3}, new double[] {1, 0.3, 0.7}));
    }

    /** Small pictures through every transform, as written and recorded. */
    static void run(Device device) {
        try {
            batches(device, new Noise(12, 7, 13), wild());
            recorded(device, new Noise(9, 16, 16), wild());
        } catch (RuntimeException e) {
            throw new AssertionError(e);
        }
    }

    /**
     * Passes if every batch of some epochs is the same.
     *
     * @throws AssertionError if one is not
     */
    static void batches(Device device, Dataset dataset, Compose transforms) {
        DataLoader loader =
                new DataLoader(dataset, transforms).batchSize(5).shuffle(true).seed(1L << 40 | 3);
        ResidentLoader resident = loader.residentOn(device);
        for (int epoch : new int[] {0, 1, 70_000}) {
            resident.begin(epoch);
            for (Batch right : loader.epoch(epoch)) {
                assertEquals(right.size() == 5, resident.isNextWhole());
                compare(right, resident.next());
            }
            assertFalse(resident.hasNext());
        }
    }

    /** The same in a recorded step, which finds the loader's position on the device. */
    static void recorded(Device device, Dataset dataset, Compose transforms) {
        DataLoader loader =
                new DataLoader(dataset, transforms).batchSize(4).shuffle(true).dropLast(true);
        ResidentLoader resident = loader.residentOn(device);
        try (CompiledStep<Batch> step = device.compile(resident::next)) {
            for (int epoch = 0; epoch < 3; epoch++) {
                resident.begin(epoch);
                for (Batch right : loader.epoch(epoch)) {
                    compare(right, step.run());
                }
                assertFalse(resident.hasNext());
            }
        }
    }

    private static void compare(Batch right, Batch found) {
        assertArrayEquals(right.labels().toLongs(), found.labels().toLongs());
        assertArrayEquals(right.images().toFloats(), found.images().toFloats());
    }
}
