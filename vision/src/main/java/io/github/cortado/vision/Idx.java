package io.github.cortado.vision;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.io.HeapTooSmallException;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Files in the format of MNIST: two bytes 0, one for the type, one for the number of dimensions,
 * the dimensions as 32-bit numbers, and the elements, all big-endian. A file that gzip packed is
 * read as it is, whatever its name.
 *
 * <p>Source: "The IDX file format", at the end of Y. LeCun, C. Cortes, C. Burges, "The MNIST
 * database of handwritten digits".
 */
public final class Idx {
    private static final int UNSIGNED_BYTE = 0x08;
    private static final int SIGNED_BYTE = 0x09;
    private static final int SHORT = 0x0B;
    private static final int INT = 0x0C;
    private static final int FLOAT = 0x0D;
    private static final int DOUBLE = 0x0E;
    private static final int MOST_DIMENSIONS = 8;
    private static final int GZIP = 0x1f8b;

    private Idx() {}

    /**
     * Reads a file as a tensor: of uint8 for unsigned bytes, float32 and float64 for these, and
     * int32 for all other integers.
     *
     * @throws IOException naming file, offset and expectation where it is absent, no IDX file,
     *     truncated or oversized
     */
    public static Tensor read(Path file) throws IOException {
        Contents contents = contents(file);
        ByteBuffer data = ByteBuffer.wrap(contents.data);
        int n = contents.count();
        Shape shape = Shape.of(contents.dimensions);
        switch (contents.type) {
            case UNSIGNED_BYTE:
                return Tensor.of(contents.data, shape);
            case FLOAT:
                float[] floats = new float[n];
                data.asFloatBuffer().get(floats);
                return Tensor.of(floats, shape);
            case DOUBLE:
                double[] doubles = new double[n];
                data.asDoubleBuffer().get(doubles);
                return Tensor.of(doubles, shape);
            default:
                int[] ints = new int[n];
                for (int i = 0; i < n; i++) {
                    ints[i] =
                            contents.type == SIGNED_BYTE
                                    ? data.get()
                                    : contents.type == SHORT ? data.getShort() : data.getInt();
                }
                return Tensor.of(ints, shape);
        }
    }

    /**
     * Reads unsigned bytes in so many dimensions.
     *
     * @throws IOException as {@link #read}, or where the file holds something else
     */
    static Contents bytes(Path file, int dimensions, String what) throws IOException {
        Contents contents = contents(file);
        if (contents.type != UNSIGNED_BYTE || contents.dimensions.length != dimensions) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: %s are unsigned bytes (type 0x08) in %d dimensions, got type"
                                    + " 0x%02X in %d",
                            file,
                            what,
                            dimensions,
                            contents.type,
                            contents.dimensions.length));
        }
        return contents;
    }

    /** What a file holds. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record Contents(int type, int[] dimensions, byte[] data) {
        int count() {
            return data.length / size(type);
        }

        /** Where the elements begin. */
        static int header(int dimensions) {
            return 4 + 4 * dimensions;
        }
    }

    private static Contents contents(Path file) throws IOException {
        try (InputStream raw = new BufferedInputStream(Files.newInputStream(file))) {
            raw.mark(2);
            boolean packed = (raw.read() << 8 | raw.read()) == GZIP;
            raw.reset();
            if (!packed) {
                return contents(file, raw, Files.isRegularFile(file) ? Files.size(file) : -1);
            }
            try (InputStream unpacked = new GZIPInputStream(raw, 1 << 16)) {
                return contents(file, unpacked, -1);
            }
        } catch (NoSuchFileException e) {
            throw new IOException(file + ": there is no such file", e);
        } catch (ZipException e) {
            throw new IOException(file + ": gzip: " + e.getMessage(), e);
        } catch (EOFException e) {
            throw new IOException(file + ": gzip: the file is truncated", e);
        }
    }

    /** The size is that of the file, -1 where it is not known before it is read. */
    private static Contents contents(Path file, InputStream in, long size) throws IOException {
        byte[] magic = header(file, in, 0, 4);
        if (magic[0] != 0 || magic[1] != 0) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: an IDX file begins with two bytes 0, got 0x%02X 0x%02X",
                            file,
                            magic[0],
                            magic[1]));
        }
        int type = magic[2];
        if (size(type) == 0) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: offset 2 is the type, expected 0x08, 0x09 or 0x0B to 0x0E, got"
                                    + " 0x%02X",
                            file,
                            type & 0xff));
        }
        int rank = magic[3] & 0xff;
        if (rank < 1 || rank > MOST_DIMENSIONS) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: offset 3 is the number of dimensions, expected 1 to %d, got %d",
                            file,
                            MOST_DIMENSIONS,
                            rank));
        }
        int[] dimensions = new int[rank];
        ByteBuffer.wrap(header(file, in, 4, 4 * rank)).asIntBuffer().get(dimensions);
        int bytes = bytes(file, type, dimensions);
        return new Contents(type, dimensions, data(file, in, size, dimensions, bytes));
    }

    private static byte[] header(Path file, InputStream in, int offset, int length)
            throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: ends at offset %d, in the header of an IDX file",
                            file,
                            offset + bytes.length));
        }
        return bytes;
    }

    /** Bytes of an element, 0 for a type that there is not. */
    private static int size(int type) {
        return switch (type) {
            case UNSIGNED_BYTE, SIGNED_BYTE -> 1;
            case SHORT -> 2;
            case INT, FLOAT -> 4;
            case DOUBLE -> 8;
            default -> 0;
        };
    }

    private static int bytes(Path file, int type, int[] dimensions) throws IOException {
        long bytes = size(type);
        for (int i = 0; i < dimensions.length; i++) {
            if (dimensions[i] <= 0) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s: offset %d is dimension %d, expected 1 or more, got %d",
                                file,
                                4 + 4 * i,
                                i,
                                dimensions[i]));
            }
            bytes *= dimensions[i];
            if (bytes > Integer.MAX_VALUE - 8) {
                throw new IOException(
                        file + ": " + Arrays.toString(dimensions) + " elements exceed 2 GiB");
            }
        }
        return (int) bytes;
    }

    private static byte[] data(Path file, InputStream in, long size, int[] dimensions, int bytes)
            throws IOException {
        int header = Contents.header(dimensions.length);
        long expected = (long) header + bytes;
        if (size >= 0 && size != expected) {
            throw wrongSize(file, size, expected, dimensions);
        }
        byte[] data;
        try {
            // Of a size that is not known, no more is taken than arrives.
            data = size < 0 ? in.readNBytes(bytes) : new byte[bytes];
        } catch (OutOfMemoryError e) {
            throw new HeapTooSmallException(file + ": its elements", bytes, e);
        }
        int read = size < 0 ? data.length : in.readNBytes(data, 0, bytes);
        if (read < bytes) {
            throw wrongSize(file, header + read, expected, dimensions);
        }
        if (in.read() >= 0) {
            throw wrongSize(file, expected + 1, expected, dimensions);
        }
        return data;
    }

    private static IOException wrongSize(Path file, long got, long expected, int[] dimensions) {
        return new IOException(
                got < expected
                        ? String.format(
                                Locale.ROOT,
                                "%s: ends at offset %d; expected %d bytes for %s",
                                file,
                                got,
                                expected,
                                Arrays.toString(dimensions))
                        : String.format(
                                Locale.ROOT,
                                "%s: goes on at offset %d; expected %d bytes for %s",
                                file,
                                expected,
                                expected,
                                Arrays.toString(dimensions)));
    }
}
