package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a file in MNIST's format is said, with its name. */
class IdxTest {
    @TempDir Path directory;

    private static byte[] idx(int type, int elements, int... dimensions) {
        ByteBuffer b = ByteBuffer.allocate(4 + 4 * dimensions.length + elements);
        b.put(new byte[] {0, 0, (byte) type, (byte) dimensions.length});
        for (int dimension : dimensions) {
            b.putInt(dimension);
        }
        for (int i = 0; i < elements; i++) {
            b.put((byte) (i % 10));
        }
        return b.array();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private Path write(String name, byte[] bytes) throws IOException {
        return Files.write(directory.resolve(name), bytes);
    }

    private void refused(String reason, byte[] bytes) throws IOException {
        Path file = write("file", bytes);
        String message = assertThrows(IOException.class, () -> Idx.read(file)).getMessage();
        assertTrue(message.startsWith(file + ": " + reason), message);
    }

    @Test
    void aFileThatIsNotAsItsHeaderSaysIsRefusedWithOffsetAndExpectation() throws IOException {
        refused("ends at offset 23; expected 24 bytes for [2, 6]", idx(8, 11, 2, 6));
        refused("goes on at offset 24; expected 24 bytes for [2, 6]", idx(8, 13, 2, 6));
        refused("ends at offset 28; expected 32 bytes for [3]", idx(14, 20, 3));
        refused("ends at offset 3, in the header", new byte[] {0, 0, 8});
        refused("ends at offset 6, in the header", new byte[] {0, 0, 8, 2, 0, 0});
        refused("ends at offset 0, in the header", new byte[0]);
        refused("an IDX file begins with two bytes 0, got 0x89 0x50", new byte[] {-119, 80, 0, 1});
        refused(
                "offset 2 is the type, expected 0x08, 0x09 or 0x0B to 0x0E, got 0x0A",
                idx(10, 1, 1));
        refused("offset 2 is the type", idx(0xff, 1, 1));
        refused("offset 3 is the number of dimensions, expected 1 to 8, got 0", idx(8, 1));
        refused("offset 8 is dimension 1, expected 1 or more, got -1", idx(8, 1, 1, -1));
        refused("[65536, 65536] elements exceed 2 GiB", idx(8, 1, 1 << 16, 1 << 16));
    }

    /** A header that promises 2 GB makes nobody reserve them. */
    @Test
    void aPackedFileThatIsDamagedIsRefusedWithTheReason() throws IOException {
        byte[] whole = gzip(idx(8, 12, 2, 6));
        refused("ends at offset 23; expected 24 bytes for [2, 6]", gzip(idx(8, 11, 2, 6)));
        refused("goes on at offset 24; expected 24 bytes for [2, 6]", gzip(idx(8, 13, 2, 6)));
        refused("ends at offset 10; expected 2000000008 bytes", gzip(idx(8, 2, 2_000_000_000)));
        refused("gzip: the file is truncated", Arrays.copyOf(whole, whole.length - 9));
        refused("gzip: the file is truncated", Arrays.copyOf(whole, 3));
        byte[] flipped = whole.clone();
        flipped[whole.length - 6] ^= 1;
        refused("gzip: Corrupt GZIP trailer", flipped);
    }

    @Test
    void anAbsentFileIsNamed() {
        Path file = directory.resolve("nothing");
        assertEquals(
                file + ": there is no such file",
                assertThrows(IOException.class, () -> Idx.read(file)).getMessage());
        String message = assertThrows(IOException.class, () -> Mnist.test(directory)).getMessage();
        assertTrue(message.contains("t10k-images-idx3-ubyte: there is no such file"), message);
    }

    @Test
    void picturesOfAnySizeAreADataSetWithTheClassesThatAreNamed() throws IOException {
        Path pictures = write("p", idx(8, 3 * 2 * 4, 3, 2, 4));
        Path labels = write("l", gzip(idx(8, 3, 3)));
        Mnist data = Mnist.read(pictures, labels, Mnist.FASHION_CLASSES);
        assertEquals("Dress", data.classNames().get(3));
        assertEquals(2, data.label(2));
        byte[] grey = {8, 9, 0, 1, 2, 3, 4, 5};
        byte[] planes = new byte[24];
        for (int i = 0; i < planes.length; i++) {
            planes[i] = grey[i % 8];
        }
        assertArrayEquals(planes, data.image(1).toBytes());
        assertEquals("Image[3, 2, 4]", data.image(1).toString());
        assertThrows(IndexOutOfBoundsException.class, () -> data.image(3));
        assertThrows(IndexOutOfBoundsException.class, () -> data.label(-1));
    }

    @Test
    void filesThatDoNotBelongTogetherAreRefused() throws IOException {
        Path pictures = write("p", idx(8, 24, 3, 2, 4));
        Path labels = write("l", idx(8, 4, 4));
        Path three = write("three", idx(8, 3, 3));
        unfit(labels + ": has 4 labels for the 3 pictures of " + pictures, pictures, labels, 10);
        unfit(
                three + ": offset 10 is the label of picture 2, expected 0 to 1, got 2",
                pictures,
                three,
                2);
        unfit(
                labels
                        + ": pictures are unsigned bytes (type 0x08) in 3 dimensions, got type 0x08"
                        + " in 1",
                labels,
                pictures,
                10);
        Path ints = write("ints", idx(12, 12, 3));
        unfit(
                ints
                        + ": labels are unsigned bytes (type 0x08) in 1 dimensions, got type 0x0C in 1",
                pictures,
                ints,
                10);
    }

    private static void unfit(String message, Path pictures, Path labels, int classes) {
        List<String> names = Mnist.CLASSES.subList(0, classes);
        assertEquals(
                message,
                assertThrows(IOException.class, () -> Mnist.read(pictures, labels, names))
                        .getMessage());
    }
}
