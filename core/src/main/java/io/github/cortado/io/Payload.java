package io.github.cortado.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;

/**
 * Moves little-endian values between a file and arrays, a chunk at a time.
 *
 * <p>The chunk is the only copy besides the array itself, and an array may be larger than the 2 GiB
 * that one buffer can map.
 */
final class Payload {
    private static final int CHUNK_BYTES = 1 << 18;

    /** Copies {@code count} values between the chunk and an array, from {@code index} on. */
    private interface Copy {
        void accept(ByteBuffer chunk, int index, int count);
    }

    private Payload() {}

    /**
     * Reads {@code count} values of a readable type from the file offset {@code position}.
     *
     * @return {@code double[]}, {@code float[]} (also for the 16-bit types), {@code long[]}, {@code
     *     int[]}, {@code byte[]} or {@code boolean[]}
     */
    static Object read(SeekableByteChannel channel, long position, StoredType type, int count)
            throws IOException {
        switch (type) {
            case F64 -> {
                double[] x = new double[count];
                readChunks(
                        channel,
                        position,
                        type,
                        count,
                        (c, i, n) -> c.asDoubleBuffer().get(x, i, n));
                return x;
            }
            case F32 -> {
                float[] x = new float[count];
                readChunks(
                        channel,
                        position,
                        type,
                        count,
                        (c, i, n) -> c.asFloatBuffer().get(x, i, n));
                return x;
            }
            case F16 -> {
                float[] x = new float[count];
                readChunks(
                        channel,
                        position,
                        type,
                        count,
                        (c, i, n) -> {
                            for (int k = 0; k < n; k++) {
                                x[i + k] = HalfPrecision.float16ToFloat(c.getShort(2 * k));
                            }
                        });
                return x;
            }
            case BF16 -> {
                float[] x = new float[count];
                readChunks(
                        channel,
                        position,
                        type,
                        count,
                        (c, i, n) -> {
                            for (int k = 0; k < n; k++) {
                                x[i + k] = HalfPrecision.bfloat16ToFloat(c.getShort(2 * k));
                            }
                        });
                return x;
            }
            case I64 -> {
                long[] x = new long[count];
                readChunks(
                        channel, position, type, count, (c, i, n) -> c.asLongBuffer().get(x, i, n));
                return x;
            }
            case I32 -> {
                int[] x = new int[count];
                readChunks(
                        channel, position, type, count, (c, i, n) -> c.asIntBuffer().get(x, i, n));
                return x;
            }
            case U8 -> {
                byte[] x = new byte[count];
                readChunks(channel, position, type, count, (c, i, n) -> c.get(x, i, n));
                return x;
            }
            case BOOL -> {
                byte[] bytes = (byte[]) read(channel, position, StoredType.U8, count);
                boolean[] x = new boolean[count];
                for (int i = 0; i < count; i++) {
                    x[i] = bytes[i] != 0;
                }
                return x;
            }
            default -> throw new AssertionError(type);
        }
    }

    /** Appends an array of one of the classes that {@link #read} returns. */
    static void write(FileChannel channel, Object array) throws IOException {
        if (array instanceof double[] x) {
            writeChunks(channel, 8, x.length, (c, i, n) -> c.asDoubleBuffer().put(x, i, n));
        } else if (array instanceof float[] x) {
            writeChunks(channel, 4, x.length, (c, i, n) -> c.asFloatBuffer().put(x, i, n));
        } else if (array instanceof long[] x) {
            writeChunks(channel, 8, x.length, (c, i, n) -> c.asLongBuffer().put(x, i, n));
        } else if (array instanceof int[] x) {
            writeChunks(channel, 4, x.length, (c, i, n) -> c.asIntBuffer().put(x, i, n));
        } else if (array instanceof byte[] x) {
            AtomicFile.writeFully(channel, ByteBuffer.wrap(x));
        } else {
            throw new AssertionError(array.getClass());
        }
    }

    private static void readChunks(
            SeekableByteChannel channel, long position, StoredType type, int count, Copy copy)
            throws IOException {
        ByteBuffer chunk = chunk(type.bytes, count);
        int capacity = chunk.capacity() / type.bytes;
        for (int i = 0; i < count; i += Math.min(capacity, count - i)) {
            int n = Math.min(capacity, count - i);
            chunk.clear().limit(n * type.bytes);
            readFully(channel, chunk, position + (long) i * type.bytes);
            copy.accept(chunk.flip(), i, n);
        }
    }

    private static void writeChunks(FileChannel channel, int bytes, int count, Copy copy)
            throws IOException {
        ByteBuffer chunk = chunk(bytes, count);
        int capacity = chunk.capacity() / bytes;
        for (int i = 0; i < count; i += Math.min(capacity, count - i)) {
            int n = Math.min(capacity, count - i);
            chunk.clear();
            copy.accept(chunk, i, n);
            AtomicFile.writeFully(channel, chunk.limit(n * bytes));
        }
    }

    private static ByteBuffer chunk(int bytes, int count) {
        int size = (int) Math.min(CHUNK_BYTES, (long) bytes * count);
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** Fills the buffer from a file offset, since a channel may give less at a time. */
    static void readFully(SeekableByteChannel channel, ByteBuffer buffer, long position)
            throws IOException {
        channel.position(position);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException(
                        "file ends at byte " + channel.position() + " while it is read");
            }
        }
    }
}
