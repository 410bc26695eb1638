package io.github.cortado.vision;

import io.github.cortado.data.Image;
import io.github.cortado.io.HeapTooSmallException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * The binary files of CIFAR: records of a byte for each label and 3,072 bytes of pixels, [3, 32,
 * 32].
 *
 * @param name of the data set, for messages
 * @param classes how many there are of each label
 */
@SuppressWarnings("ArrayRecordComponent") // read-only, never compared
record CifarRecords(String name, int... classes) {
    static final int SIDE = 32;

    /** Bytes of a record. */
    int length() {
        return classes.length + Image.CHANNELS * SIDE * SIDE;
    }

    /**
     * Reads files one after the other.
     *
     * @throws IOException naming file, offset and expectation where one is absent, truncated,
     *     oversized or mislabelled
     */
    byte[] read(Path place, List<String> names, int recordsPerFile) throws IOException {
        int bytes = Math.multiplyExact(names.size() * recordsPerFile, length());
        byte[] records;
        try {
            records = new byte[bytes];
        } catch (OutOfMemoryError e) {
            throw new HeapTooSmallException(place + ": its pictures", bytes, e);
        }
        for (int i = 0; i < names.size(); i++) {
            readFile(place.resolve(names.get(i)), records, i * recordsPerFile, recordsPerFile);
        }
        return records;
    }

    private void readFile(Path file, byte[] records, int firstRecord, int recordsPerFile)
            throws IOException {
        int offset = firstRecord * length();
        int length = recordsPerFile * length();
        try (InputStream in = Files.newInputStream(file)) {
            int read = in.readNBytes(records, offset, length);
            if (read < length) {
                checkSize(file, read, recordsPerFile);
            }
            if (in.read() >= 0) {
                checkSize(file, Math.max(length + 1L, Files.size(file)), recordsPerFile);
            }
        } catch (NoSuchFileException e) {
            throw new IOException(
                    file + ": there is no such file; " + name + "'s binary version has it", e);
        }
        for (int record = 0; record < recordsPerFile; record++) {
            for (int i = 0; i < classes.length; i++) {
                int label = records[offset + record * length() + i] & 0xff;
                if (label >= classes[i]) {
                    throw new IOException(
                            String.format(
                                    Locale.ROOT,
                                    "%s: offset %d is the label of picture %d, expected 0 to %d,"
                                            + " got %d",
                                    file,
                                    (long) record * length() + i,
                                    record,
                                    classes[i] - 1,
                                    label));
                }
            }
        }
    }

    /**
     * Compares a file's size with that of so many records.
     *
     * @throws IOException naming file, offset and expectation
     */
    void checkSize(Path file, long bytes, int recordsPerFile) throws IOException {
        long expected = (long) recordsPerFile * length();
        if (bytes < expected) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: ends at offset %d, in picture %d; expected %d bytes, %d pictures of %d",
                            file,
                            bytes,
                            bytes / length(),
                            expected,
                            recordsPerFile,
                            length()));
        }
        if (bytes > expected) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: goes on at offset %d to %d; expected %d bytes, %d pictures of %d",
                            file,
                            expected,
                            bytes,
                            expected,
                            recordsPerFile,
                            length()));
        }
    }

    /** The class names are known; a file that has others belongs to another data set. */
    static void checkNames(Path file, List<String> names) throws IOException {
        if (!Files.exists(file)) {
            return;
        }
        byte[] bytes;
        try (InputStream in = Files.newInputStream(file)) {
            bytes = in.readNBytes(4096);
        }
        List<String> lines =
                new String(bytes, StandardCharsets.ISO_8859_1)
                        .lines()
                        .map(String::strip)
                        .filter(line -> !line.isEmpty())
                        .toList();
        for (int i = 0; i < names.size(); i++) {
            String line = i < lines.size() ? lines.get(i) : "the end of the file";
            if (!line.equals(names.get(i))) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s: line %d must be '%s', got '%s'",
                                file,
                                i + 1,
                                names.get(i),
                                line));
            }
        }
    }
}
