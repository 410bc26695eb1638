package io.github.cortado.vision;

import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Unpacks a .tar.gz of plain files and directories.
 *
 * <p>A tar is blocks of 512 bytes: a header with name (0, 100), size in octal (124, 12), checksum
 * (148, 8), kind (156) and name prefix (345, 155), then the file's bytes, padded; a block of zeros
 * ends it. Source: POSIX.1-1988 (ustar). Links and devices are refused.
 */
final class TarGz {
    private static final int BLOCK = 512;
    private static final long MAX_BYTES = 4L << 30;

    private final Path archive;
    private final InputStream in;
    private long offset;

    private TarGz(Path archive, InputStream in) {
        this.archive = archive;
        this.in = in;
    }

    /**
     * Unpacks an archive into a directory, which is emptied before.
     *
     * @throws IOException naming archive, offset in the unpacked tar and expectation, where it is
     *     damaged or truncated, or where an entry is a link or would leave the directory
     */
    static void unpack(Path archive, Path directory) throws IOException {
        delete(directory);
        Files.createDirectories(directory);
        try (InputStream in =
                new BufferedInputStream(
                        new GZIPInputStream(Files.newInputStream(archive), 1 << 16), 1 << 16)) {
            TarGz tar = new TarGz(archive, in);
            try {
                tar.entries(directory);
            } catch (EOFException e) {
                throw new IOException(
                        archive + ": the archive ends early, at offset " + tar.offset, e);
            } catch (ZipException e) {
                throw tar.error("the compressed data is damaged: " + e.getMessage());
            }
        } catch (EOFException | ZipException e) {
            throw new IOException(archive + ": not a gzip file: " + e.getMessage(), e);
        }
    }

    /** Removes a directory with all that is in it, following no links; or nothing, if not there. */
    static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> paths;
        try (Stream<Path> walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    private void entries(Path directory) throws IOException {
        byte[] header = new byte[BLOCK];
        while (true) {
            read(header, BLOCK);
            if (isZero(header)) {
                drain();
                return;
            }
            checkSum(header);
            String name = name(header);
            long size = octal(header, 124, 12, "size");
            if (size > MAX_BYTES - offset) {
                throw error("the archive exceeds " + MAX_BYTES + " bytes with " + name);
            }
            char kind = (char) header[156];
            switch (kind) {
                case '0', '\0' -> file(target(directory, name), size);
                case '5' -> Files.createDirectories(target(directory, name));
                // Extended attributes; their bytes are skipped.
                case 'x', 'g' -> skip(size + padding(size));
                default ->
                        throw error(
                                "entry '%s' is of kind '%s'; only files and directories are allowed"
                                        .formatted(name, kind));
            }
        }
    }

    /** Reads to the end, so that gzip checks its own length and checksum. */
    private void drain() throws IOException {
        byte[] rest = new byte[1 << 16];
        while (in.read(rest) >= 0) {
            offset += rest.length;
            if (offset > MAX_BYTES) {
                throw error("the archive exceeds " + MAX_BYTES + " bytes");
            }
        }
    }

    private Path target(Path directory, String name) throws IOException {
        boolean leaves =
                name.isEmpty()
                        || name.startsWith("/")
                        || name.indexOf('\\') >= 0
                        || name.indexOf(':') >= 0
                        || name.indexOf('\0') >= 0
                        || List.of(name.split("/")).contains("..");
        Path target = leaves ? directory : directory.resolve(name).normalize();
        if (leaves || !target.startsWith(directory.normalize())) {
            throw error("entry '%s' would leave the directory".formatted(name));
        }
        return target;
    }

    private void file(Path target, long size) throws IOException {
        Path parent = target.getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        byte[] block = new byte[1 << 16];
        try (OutputStream out =
                new BufferedOutputStream(
                        Files.newOutputStream(
                                target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            for (long left = size; left > 0; ) {
                int n = (int) Math.min(left, block.length);
                read(block, n);
                out.write(block, 0, n);
                left -= n;
            }
        }
        skip(padding(size));
    }

    private static long padding(long size) {
        return -size & BLOCK - 1;
    }

    private void skip(long size) throws IOException {
        byte[] block = new byte[BLOCK];
        for (long left = size; left > 0; left -= BLOCK) {
            read(block, (int) Math.min(left, BLOCK));
        }
    }

    private void read(byte[] bytes, int length) throws IOException {
        int n = in.readNBytes(bytes, 0, length);
        offset += n;
        if (n < length) {
            throw new EOFException();
        }
    }

    private static boolean isZero(byte[] header) {
        for (byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** The sum of the header's bytes, with its own eight taken as spaces. */
    private void checkSum(byte[] header) throws IOException {
        long sum = 0;
        for (int i = 0; i < BLOCK; i++) {
            sum += i >= 148 && i < 156 ? ' ' : header[i] & 0xff;
        }
        long stored = octal(header, 148, 8, "checksum");
        if (sum != stored) {
            throw error(
                    String.format(
                            Locale.ROOT,
                            "expected a header with checksum %d, got %d",
                            stored,
                            sum));
        }
    }

    private static String name(byte[] header) {
        String name = text(header, 0, 100);
        boolean ustar = text(header, 257, 6).equals("ustar");
        String prefix = ustar ? text(header, 345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }

    private long octal(byte[] header, int from, int length, String what) throws IOException {
        String digits = text(header, from, length).strip();
        if (!digits.matches("[0-7]{1,12}")) {
            throw error("expected the octal %s of an entry, got '%s'".formatted(what, digits));
        }
        return Long.parseLong(digits, 8);
    }

    private IOException error(String message) {
        return new IOException(archive + ": at offset " + offset + ": " + message);
    }
}
