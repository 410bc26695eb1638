package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar100Test {
    private static final int RECORD = 3074;

    @TempDir Path directory;

    private final byte[] bytes = new byte[3 * RECORD];

    @BeforeEach
    void writeFiles() throws IOException {
        new Random(8).nextBytes(bytes);
        for (int i = 0; i < 3; i++) {
            bytes[i * RECORD] = (byte) (19 - i);
            bytes[i * RECORD + 1] = (byte) (99 - 40 * i);
        }
        Files.write(directory.resolve("train.bin"), bytes);
    }

    private Cifar100 train() throws IOException {
        return Cifar100.read(directory, "train.bin", 3);
    }

    @Test
    void everyPictureHasAFineAndACoarseLabel() throws IOException {
        Cifar100 train = train();
        Cifar100 coarse = train.coarse();
        assertEquals(3, train.size());
        assertEquals(3, coarse.size());
        for (int i = 0; i < 3; i++) {
            assertEquals(99 - 40 * i, train.label(i));
            assertEquals(19 - i, coarse.label(i));
            assertEquals(99 - 40 * i, coarse.fineLabel(i));
            assertEquals(19 - i, train.coarseLabel(i));
            byte[] pixels = Arrays.copyOfRange(bytes, i * RECORD + 2, (i + 1) * RECORD);
            assertArrayEquals(pixels, train.image(i).toBytes());
            assertEquals(train.image(i), coarse.image(i));
            assertEquals("Image[3, 32, 32]", train.image(i).toString());
        }
        assertThrows(IndexOutOfBoundsException.class, () -> train.label(3));
        assertThrows(IndexOutOfBoundsException.class, () -> train.image(-1));
    }

    /** Both lists are alphabetical. */
    @Test
    void theNamesAreAHundredAndTwenty() throws IOException {
        for (List<String> names : List.of(Cifar100.CLASSES, Cifar100.COARSE_CLASSES)) {
            assertEquals(names.stream().sorted().distinct().toList(), names);
        }
        assertEquals(100, train().classNames().size());
        assertEquals(20, train().coarse().classNames().size());
        assertEquals("worm", train().classNames().get(99));
        assertEquals("vehicles_2", train().coarse().classNames().get(19));
    }

    @Test
    void aSubdirectoryWithTheOfficialNameIsFound() throws IOException {
        Path inner = directory.resolve("data/cifar-100-binary");
        Files.createDirectories(inner);
        Files.write(inner.resolve("test.bin"), bytes);
        assertEquals(3, Cifar100.read(inner.getParent(), "test.bin", 3).size());
        assertEquals(3, Cifar100.read(inner, "test.bin", 3).size());
    }

    @Test
    void aFileThatIsNotWhatItShouldBeIsNamedWithOffsetAndExpectation() throws IOException {
        Path file = directory.resolve("train.bin");
        Files.write(file, Arrays.copyOf(bytes, RECORD + 100));
        refused(
                file
                        + ": ends at offset 3174, in picture 1; expected 9222 bytes, 3 pictures of 3074");
        Files.write(file, Arrays.copyOf(bytes, 3 * RECORD + 1));
        refused(file + ": goes on at offset 9222 to 9223; expected 9222 bytes");
        bytes[RECORD + 1] = 100;
        Files.write(file, bytes);
        refused(file + ": offset 3075 is the label of picture 1, expected 0 to 99, got 100");
        bytes[2 * RECORD] = 20;
        bytes[RECORD + 1] = 0;
        Files.write(file, bytes);
        refused(file + ": offset 6148 is the label of picture 2, expected 0 to 19, got 20");
        Files.delete(file);
        refused("train.bin: there is no such file; CIFAR-100's binary version has it");
    }

    @Test
    void namesOfAnotherDataSetAreRefused() throws IOException {
        Path fine = directory.resolve("fine_label_names.txt");
        Files.writeString(fine, String.join("\n", Cifar100.CLASSES) + "\n");
        Path coarse = directory.resolve("coarse_label_names.txt");
        Files.writeString(coarse, String.join("\n", Cifar100.COARSE_CLASSES) + "\n");
        assertEquals(3, train().size());
        Files.writeString(coarse, Files.readString(coarse).replace("people", "crowds"));
        refused(coarse + ": line 15 must be 'people', got 'crowds'");
        Files.writeString(fine, "apple\n");
        refused(fine + ": line 2 must be 'aquarium_fish', got 'the end of the file'");
    }

    @Test
    void theOfficialFilesHaveFiftyAndTenThousandPictures() throws IOException {
        String message =
                assertThrows(IOException.class, () -> Cifar100.train(directory)).getMessage();
        assertTrue(message.contains("expected 153700000 bytes, 50000 pictures"), message);
        Files.move(directory.resolve("train.bin"), directory.resolve("test.bin"));
        message = assertThrows(IOException.class, () -> Cifar100.test(directory)).getMessage();
        assertTrue(message.contains("expected 30740000 bytes, 10000 pictures"), message);
    }

    private void refused(String reason) {
        String message = assertThrows(IOException.class, this::train).getMessage();
        assertTrue(message.contains(reason), message);
    }
}
