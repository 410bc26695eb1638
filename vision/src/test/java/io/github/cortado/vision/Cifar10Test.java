package io.github.cortado.vision;

import static io.github.cortado.vision.CifarFiles.RECORD;
import static io.github.cortado.vision.CifarFiles.RECORDS;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Cifar10Test {
    @TempDir Path directory;

    @BeforeEach
    void writeFiles() throws IOException {
        CifarFiles.write(directory);
    }

    private Cifar10 train() throws IOException {
        return Cifar10.read(directory, Cifar10.TRAIN, RECORDS);
    }

    @Test
    void picturesAndLabelsComeInTheOrderOfTheFiles() throws IOException {
        Cifar10 train = train();
        assertEquals(15, train.size());
        assertEquals("plane", train.classNames().get(0));
        assertEquals("truck", train.classNames().get(9));
        for (int i = 0; i < 15; i++) {
            int file = 1 + i / RECORDS;
            int record = i % RECORDS;
            assertEquals((file + record) % 10, train.label(i));
            Image image = train.image(i);
            assertEquals("Image[3, 32, 32]", image.toString());
            byte[] bytes = CifarFiles.batch(file);
            assertArrayEquals(
                    Arrays.copyOfRange(bytes, record * RECORD + 1, (record + 1) * RECORD),
                    image.toBytes());
        }
        assertEquals(3, Cifar10.read(directory, Cifar10.TEST, RECORDS).size());
    }

    @Test
    void aSubdirectoryWithTheOfficialNameIsFound() throws IOException {
        Path inner = directory.resolve("data/cifar-10-batches-bin");
        CifarFiles.write(inner);
        Path outer = inner.resolveSibling("");
        assertEquals(Optional.of(inner), Cifar10.locate(outer));
        assertEquals(Optional.of(inner), Cifar10.locate(inner));
        assertEquals(15, Cifar10.read(outer, Cifar10.TRAIN, RECORDS).size());
        Files.delete(inner.resolve("data_batch_4.bin"));
        assertEquals(Optional.empty(), Cifar10.locate(outer));
    }

    @Test
    void theFirstPicturesAreADataSetToo() throws IOException {
        Dataset first = train().first(4);
        assertEquals(4, first.size());
        assertEquals(train().image(3), first.image(3));
        assertEquals(train().label(3), first.label(3));
        assertThrows(IndexOutOfBoundsException.class, () -> first.label(4));
        assertThrows(IndexOutOfBoundsException.class, () -> first.image(4));
        assertThrows(IllegalArgumentException.class, () -> first.first(5));
    }

    @Test
    void aTruncatedFileIsNamedWithOffsetAndExpectation() throws IOException {
        Path file = directory.resolve("data_batch_3.bin");
        Files.write(file, Arrays.copyOf(CifarFiles.batch(3), 2 * RECORD + 100));
        assertEquals(
                file
                        + ": ends at offset 6246, in picture 2; expected 9219 bytes, 3 pictures of 3073",
                assertThrows(IOException.class, this::train).getMessage());
    }

    @Test
    void anOversizedFileIsNamedWithOffsetAndExpectation() throws IOException {
        Path file = directory.resolve("data_batch_5.bin");
        Files.write(file, Arrays.copyOf(CifarFiles.batch(5), 3 * RECORD + 1));
        assertEquals(
                file + ": goes on at offset 9219 to 9220; expected 9219 bytes, 3 pictures of 3073",
                assertThrows(IOException.class, this::train).getMessage());
    }

    @Test
    void aLabelAboveNineIsNamedWithItsOffset() throws IOException {
        Path file = directory.resolve("data_batch_2.bin");
        byte[] bytes = CifarFiles.batch(2);
        bytes[RECORD] = (byte) 200;
        Files.write(file, bytes);
        assertEquals(
                file + ": offset 3073 is the label of picture 1, expected 0 to 9, got 200",
                assertThrows(IOException.class, this::train).getMessage());
    }

    @Test
    void anAbsentFileIsNamed() throws IOException {
        Files.delete(directory.resolve("data_batch_2.bin"));
        String message = assertThrows(IOException.class, this::train).getMessage();
        assertTrue(message.contains("data_batch_2.bin: there is no such file"), message);
    }

    @Test
    void classNamesOfAnotherDataSetAreRefused() throws IOException {
        Path meta = directory.resolve("batches.meta.txt");
        Files.writeString(meta, CifarFiles.META.replace("deer", "apple"));
        assertEquals(
                meta + ": line 5 must be 'deer', got 'apple'",
                assertThrows(IOException.class, this::train).getMessage());
    }

    @Test
    void theOfficialFilesHaveTenThousandPicturesEach() {
        String message =
                assertThrows(IOException.class, () -> Cifar10.train(directory)).getMessage();
        assertTrue(message.contains("expected 30730000 bytes, 10000 pictures"), message);
        message = assertThrows(IOException.class, () -> Cifar10.test(directory)).getMessage();
        assertTrue(message.contains("expected 30730000 bytes, 10000 pictures"), message);
    }
}
