package io.github.cortado.vision;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Locale;
import java.util.Random;
import java.util.zip.GZIPOutputStream;

/** Makes small files in CIFAR-10's layout, of random pixels, and archives of them. */
final class CifarFiles {
    static final int RECORDS = 3;
    static final int RECORD = 3073;
    static final String META =
            "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

    private CifarFiles() {}

    /** The bytes of file number {@code file}: the label of record r is (file + r) mod 10. */
    static byte[] batch(int file) {
        byte[] bytes = new byte[RECORDS * RECORD];
        new Random(file).nextBytes(bytes);
        for (int r = 0; r < RECORDS; r++) {
            bytes[r * RECORD] = (byte) ((file + r) % 10);
        }
        return bytes;
    }

    static void write(Path directory) throws IOException {
        Files.createDirectories(directory);
        for (int i = 1; i <= 5; i++) {
            Files.write(directory.resolve("data_batch_" + i + ".bin"), batch(i));
        }
        Files.write(directory.resolve("test_batch.bin"), batch(6));
        Files.writeString(directory.resolve("batches.meta.txt"), META);
    }

    static byte[] archive() {
        Tar tar = new Tar().directory("cifar-10-batches-bin/");
        for (int i = 1; i <= 5; i++) {
            tar.file("cifar-10-batches-bin/data_batch_" + i + ".bin", batch(i));
        }
        return tar.file("cifar-10-batches-bin/test_batch.bin", batch(6))
                .file(
                        "cifar-10-batches-bin/batches.meta.txt",
                        META.getBytes(StandardCharsets.US_ASCII))
                .gzip();
    }

    static String md5(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    /** Writes a tar archive, entry by entry. */
    static final class Tar {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Tar file(String name, byte[] content) {
            return entry(name, '0', "", content);
        }

        Tar directory(String name) {
            return entry(name, '5', "", new byte[0]);
        }

        Tar link(String name, char kind, String target) {
            return entry(name, kind, target, new byte[0]);
        }

        Tar entry(String name, char kind, String linkName, byte[] content) {
            byte[] header = new byte[512];
            put(header, 0, name);
            put(header, 100, "0000644\0");
            put(header, 124, String.format(Locale.ROOT, "%011o\0", content.length));
            put(header, 148, "        ");
            header[156] = (byte) kind;
            put(header, 157, linkName);
            put(header, 257, "ustar\00000");
            int sum = 0;
            for (byte b : header) {
                sum += b & 0xff;
            }
            put(header, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
            out.writeBytes(header);
            out.writeBytes(content);
            out.writeBytes(new byte[-content.length & 511]);
            return this;
        }

        private static void put(byte[] header, int at, String text) {
            byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(bytes, 0, header, at, bytes.length);
        }

        byte[] gzip() {
            ByteArrayOutputStream zipped = new ByteArrayOutputStream();
            try (GZIPOutputStream gzip = new GZIPOutputStream(zipped)) {
                gzip.write(out.toByteArray());
                gzip.write(new byte[1024]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return zipped.toByteArray();
        }
    }
}
