package io.github.cortado.vision;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TarGzTest {
    @TempDir Path directory;

    private String unpackFails(byte[] archive) throws IOException {
        Path file = directory.resolve("a.tar.gz");
        Files.write(file, archive);
        String message =
                assertThrows(
                                IOException.class,
                                () -> TarGz.unpack(file, directory.resolve("in/out")))
                        .getMessage();
        assertTrue(message.startsWith(file + ": "), message);
        return message;
    }

    @Test
    void filesOfAnyLengthAndDirectoriesAreUnpackedAndOldOnesRemoved() throws IOException {
        Path out = directory.resolve("out");
        Files.createDirectories(out.resolve("old/inner"));
        Files.writeString(out.resolve("old/inner/file"), "old");
        CifarFiles.Tar tar = new CifarFiles.Tar().directory("d/");
        tar.entry("pax", 'x', "", new byte[100]);
        for (int length : new int[] {0, 1, 511, 512, 513, 70_000}) {
            tar.file("./d/e/" + length, content(length));
        }
        Path file = directory.resolve("a.tar.gz");
        Files.write(file, tar.gzip());
        TarGz.unpack(file, out);
        for (int length : new int[] {0, 1, 511, 512, 513, 70_000}) {
            assertArrayEquals(content(length), Files.readAllBytes(out.resolve("d/e/" + length)));
        }
        assertFalse(Files.exists(out.resolve("old")));
        assertFalse(Files.exists(out.resolve("pax")));
    }

    private static byte[] content(int length) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) length);
        return bytes;
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../evil",
                "d/../../evil",
                "/tmp/evil",
                "..",
                "d/..",
                "C:/evil",
                "d\\..\\evil"
            })
    void anEntryThatLeavesTheDirectoryIsRefused(String name) throws IOException {
        byte[] archive = new CifarFiles.Tar().file(name, new byte[3]).gzip();
        String message = unpackFails(archive);
        assertTrue(message.contains("would leave the directory"), message);
        assertFalse(Files.exists(directory.resolve("in/evil")));
        assertFalse(Files.exists(directory.resolve("evil")));
    }

    @ParameterizedTest
    @ValueSource(chars = {'1', '2', '3', '4', '6', 'L', 'S'})
    void linksAndDevicesAreRefused(char kind) throws IOException {
        byte[] archive =
                new CifarFiles.Tar()
                        .link("link", kind, "../..")
                        .file("link/evil", new byte[3])
                        .gzip();
        String message = unpackFails(archive);
        assertTrue(message.contains("entry 'link' is of kind '" + kind + "'"), message);
        assertFalse(Files.exists(directory.resolve("evil")));
    }

    @Test
    void aTruncatedArchiveIsReportedAtEveryLength() throws IOException {
        byte[] archive = new CifarFiles.Tar().file("f", new byte[2000]).gzip();
        for (int length = 0; length < archive.length; length++) {
            String message = unpackFails(Arrays.copyOf(archive, length));
            assertTrue(
                    message.contains("the archive ends early") || message.contains("not a gzip"),
                    message);
        }
    }

    @Test
    void aDamagedHeaderIsReportedWithItsOffset() throws IOException {
        byte[] tar = new byte[1024];
        tar[0] = 'x';
        ByteArrayOutputStream zipped = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(zipped)) {
            gzip.write(tar);
        }
        String message = unpackFails(zipped.toByteArray());
        assertTrue(message.contains("at offset 512: expected the octal checksum"), message);
    }

    @Test
    void whatIsNoGzipIsReported() throws IOException {
        String message = unpackFails("<html>not found</html>".getBytes(StandardCharsets.US_ASCII));
        assertEquals(
                directory.resolve("a.tar.gz") + ": not a gzip file: Not in GZIP format", message);
    }
}
