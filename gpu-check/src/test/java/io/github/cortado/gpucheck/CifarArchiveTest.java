package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives of CIFAR-10 become the files of its binary version. */
class CifarArchiveTest {
    private static final int RECORD = 3073;

    @TempDir private Path directory = Path.of("");

    private static void entry(OutputStream tar, String name, byte[] bytes) throws IOException {
        byte[] header = new byte[512];
        byte[] path = name.getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(path, 0, header, 0, path.length);
        byte[] size =
                String.format(Locale.ROOT, "%011o", bytes.length)
                        .getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(size, 0, header, 124, size.length);
        tar.write(header);
        tar.write(bytes);
        tar.write(new byte[(512 - bytes.length % 512) % 512]);
    }

    private static byte[] jpeg(int rgb) throws IOException {
        BufferedImage image = new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB);
        for (int i = 0; i < 1024; i++) {
            image.setRGB(i % 32, i / 32, rgb);
        }
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(image, "jpg", out);
        return out.toByteArray();
    }

    private Path pictures() throws IOException {
        Path archive = directory.resolve("cifar-10-jpeg.tar.gz");
        try (OutputStream tar = new GZIPOutputStream(Files.newOutputStream(archive))) {
            for (int i = 0; i < 5; i++) {
                entry(tar, "cifar-10-images/train/airplane/" + i + ".jpg", jpeg(0xff0000));
                entry(tar, "cifar-10-images/train/truck/" + i + ".jpg", jpeg(0x0000ff));
            }
            entry(tar, "cifar-10-images/test/frog/0.jpg", jpeg(0x00ff00));
            entry(tar, "cifar-10-images/README", new byte[] {1, 2, 3});
            tar.write(new byte[1024]);
        }
        return archive;
    }

    @Test
    void picturesBecomeRecordsOfTheirClass() throws IOException {
        pictures();
        Map<String, Object> found = CifarArchive.find(directory, directory.resolve("out"));
        assertEquals("CIFAR-10 (JPEG-recompressed)", found.get("name"));
        Path files = Path.of((String) found.get("directory"));
        Map<Integer, Integer> labels = new TreeMap<>();
        for (int batch = 1; batch <= 5; batch++) {
            byte[] records = Files.readAllBytes(files.resolve("data_batch_" + batch + ".bin"));
            assertEquals(2 * RECORD, records.length);
            for (int at = 0; at < records.length; at += RECORD) {
                labels.merge((int) records[at], 1, Integer::sum);
                // Planes of red, green and blue; JPEG loses a little.
                int red = records[at + 1] & 0xff;
                int blue = records[at + 1 + 2048] & 0xff;
                assertTrue(records[at] == 0 ? red > 240 && blue < 15 : red < 15 && blue > 240);
            }
        }
        assertEquals(Map.of(0, 5, 9, 5), labels);
        byte[] test = Files.readAllBytes(files.resolve("test_batch.bin"));
        assertEquals(RECORD, test.length);
        assertEquals(6, test[0]);
        assertTrue((test[1 + 1024 + 500] & 0xff) > 240);
    }

    @Test
    void theOfficialArchiveAndItsFilesAreTakenAsTheyAre() throws IOException {
        Path archive = directory.resolve("other.tar.gz");
        try (OutputStream tar = new GZIPOutputStream(Files.newOutputStream(archive))) {
            for (int i = 1; i <= 5; i++) {
                entry(tar, "cifar-10-batches-bin/data_batch_" + i + ".bin", new byte[] {(byte) i});
            }
            entry(tar, "cifar-10-batches-bin/test_batch.bin", new byte[] {6});
            tar.write(new byte[1024]);
        }
        Map<String, Object> found = CifarArchive.find(archive, directory.resolve("out"));
        assertEquals("CIFAR-10", found.get("name"));
        Path files = Path.of((String) found.get("directory"));
        assertEquals(3, Files.readAllBytes(files.resolve("data_batch_3.bin"))[0]);
        assertEquals(found, CifarArchive.find(files, directory.resolve("unused")));
    }

    @Test
    void whatIsNoCifarIsRefused() throws IOException {
        Path nothing = Files.createDirectory(directory.resolve("empty"));
        assertThrows(IOException.class, () -> CifarArchive.find(nothing, directory.resolve("a")));
        Path other = directory.resolve("x.tar.gz");
        try (OutputStream tar = new GZIPOutputStream(Files.newOutputStream(other))) {
            entry(tar, "mnist/train/7/0.jpg", jpeg(0));
            tar.write(new byte[1024]);
        }
        IOException e =
                assertThrows(
                        IOException.class, () -> CifarArchive.find(other, directory.resolve("b")));
        assertTrue(e.getMessage().contains("no class"), e.getMessage());
    }
}
