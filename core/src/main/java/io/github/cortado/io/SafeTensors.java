package io.github.cortado.io;

import io.github.cortado.DType;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensorsHeader.Entry;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads and writes safetensors files, the format in which weights travel to and from PyTorch.
 *
 * <p>A file is 8 bytes of header length, a JSON header {@code {name: {dtype, shape,
 * data_offsets}}}, and the row-major little-endian data. A header that is wrong in any way is
 * refused before memory is reserved for data, so a small file cannot ask for much.
 */
public final class SafeTensors {
    /** Tensors and metadata of one file. */
    record Contents(Map<String, Tensor> tensors, Map<String, String> metadata) {}

    private SafeTensors() {}

    /**
     * Reads all tensors of a file.
     *
     * <p>F64, F32, I64, I32 and U8 keep their type. F16 and BF16 are widened to float32, which
     * holds each of their values exactly. The file is read once, and one tensor at a time is copied
     * on its way.
     *
     * @param file the file
     * @return the tensors by name, in the order of the header, on the CPU; the map is the caller's
     * @throws SafeTensorsException if the file is malformed, holds a type not listed above, or a
     *     tensor too large for a Java array
     * @throws HeapTooSmallException saying how much is needed, where the heap has no room for it
     * @throws IOException if the file cannot be read
     */
    public static Map<String, Tensor> load(Path file) throws IOException {
        return read(file).tensors();
    }

    /** All of a file, from one look at it: it may be replaced between two. */
    static Contents read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(file, channel);
        }
    }

    /** As {@link #read(Path)}; the file's name is for messages. */
    static Contents read(Path file, SeekableByteChannel channel) throws IOException {
        SafeTensorsHeader header = SafeTensorsHeader.read(file, channel);
        for (Entry e : header.entries()) {
            checkReadable(file, e);
        }
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        try {
            for (Entry e : header.entries()) {
                long position = header.dataStart() + e.begin();
                Object array = Payload.read(channel, position, e.type(), e.count());
                tensors.put(e.name(), tensor(array, e.shape()));
            }
        } catch (OutOfMemoryError e) {
            tensors.clear();
            throw new HeapTooSmallException(file + ": its tensors", heapBytes(header), e);
        } catch (EOFException e) {
            throw new SafeTensorsException(file + ": " + e.getMessage());
        }
        return new Contents(tensors, header.metadata());
    }

    /** The types of 16 bits are widened. */
    private static long heapBytes(SafeTensorsHeader header) {
        return header.entries().stream()
                .mapToLong(e -> (long) e.count() * heapBytes(e.type()))
                .sum();
    }

    /**
     * Reads the strings under {@code __metadata__}, and none of the data.
     *
     * @param file the file
     * @return the strings by name, empty if the file has none; unmodifiable
     * @throws SafeTensorsException if the file is malformed
     * @throws IOException if the file cannot be read
     */
    public static Map<String, String> metadata(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return SafeTensorsHeader.read(file, channel).metadata();
        }
    }

    /**
     * Writes tensors without metadata, as {@link #save(Path, Map, Map)}.
     *
     * @param file the file to replace; its directory must exist
     * @param tensors the tensors by name
     * @throws IOException if it cannot be written; the previous file is then untouched
     * @throws IllegalArgumentException if a tensor is called {@code __metadata__}, or the header
     *     would exceed 100 MB
     */
    public static void save(Path file, Map<String, Tensor> tensors) throws IOException {
        save(file, tensors, Map.of());
    }

    /**
     * Writes tensors and metadata, atomically: the file is written beside its place, forced to
     * disk, and moved.
     *
     * <p>The header names the tensors in the map's order; the data stand with the widest types
     * first, so that each tensor is aligned to its type. Equal maps in equal order give equal
     * bytes.
     *
     * @param file the file to replace; its directory must exist
     * @param tensors the tensors by name, from any device
     * @param metadata strings to keep with them, read back by {@link #metadata}
     * @throws IOException if it cannot be written; the previous file is then untouched
     * @throws IllegalArgumentException if a tensor is called {@code __metadata__}, or the header
     *     would exceed 100 MB
     */
    public static void save(Path file, Map<String, Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        List<Entry> entries = layOut(tensors);
        ByteBuffer header = SafeTensorsHeader.encode(entries, metadata);
        List<Tensor> inOrderOfData =
                widestFirst(entries).stream().map(e -> tensors.get(e.name())).toList();
        AtomicFile.write(
                file,
                channel -> {
                    AtomicFile.writeFully(channel, header);
                    for (Tensor tensor : inOrderOfData) {
                        Payload.write(channel, array(tensor));
                    }
                });
    }

    private static int heapBytes(StoredType type) {
        return type == StoredType.F16 || type == StoredType.BF16 ? Float.BYTES : type.bytes;
    }

    private static void checkReadable(Path file, Entry e) throws SafeTensorsException {
        if (!e.type().isReadable) {
            throw new SafeTensorsException(
                    String.format(
                            "%s: tensor %s: dtype %s is not supported, expected one of"
                                    + " F64, F32, F16, BF16, I64, I32, U8, BOOL",
                            file, JsonReader.shorten(e.name()), e.type()));
        }
    }

    private static Tensor tensor(Object array, Shape shape) {
        if (array instanceof double[] x) {
            return Tensor.of(x, shape);
        } else if (array instanceof float[] x) {
            return Tensor.of(x, shape);
        } else if (array instanceof long[] x) {
            return Tensor.of(x, shape);
        } else if (array instanceof int[] x) {
            return Tensor.of(x, shape);
        } else if (array instanceof boolean[] x) {
            return Tensor.of(x, shape);
        }
        return Tensor.of((byte[]) array, shape);
    }

    private static Object array(Tensor tensor) {
        return switch (tensor.dtype()) {
            case FLOAT64 -> tensor.toDoubles();
            case FLOAT32 -> tensor.toFloats();
            case INT64 -> tensor.toLongs();
            case INT32 -> tensor.toInts();
            case UINT8, BOOL -> tensor.toBytes();
        };
    }

    private static StoredType type(DType dtype) {
        return switch (dtype) {
            case FLOAT64 -> StoredType.F64;
            case FLOAT32 -> StoredType.F32;
            case INT64 -> StoredType.I64;
            case INT32 -> StoredType.I32;
            case UINT8 -> StoredType.U8;
            case BOOL -> StoredType.BOOL;
        };
    }

    /** Gives each tensor its place; the result has the map's order. */
    private static List<Entry> layOut(Map<String, Tensor> tensors) {
        if (tensors.containsKey(SafeTensorsHeader.METADATA)) {
            throw new IllegalArgumentException(
                    "safetensors: a tensor cannot be called " + SafeTensorsHeader.METADATA);
        }
        Map<String, Entry> entries = new LinkedHashMap<>();
        tensors.forEach(
                (name, x) -> entries.put(name, new Entry(name, type(x.dtype()), x.shape(), 0, 0)));
        long begin = 0;
        for (Entry e : widestFirst(entries.values())) {
            long end = begin + (long) e.shape().size() * e.type().bytes;
            entries.put(e.name(), new Entry(e.name(), e.type(), e.shape(), begin, end));
            begin = end;
        }
        return List.copyOf(entries.values());
    }

    /** The order of the data: among types of equal size that of the map. */
    private static List<Entry> widestFirst(Collection<Entry> entries) {
        return entries.stream()
                .sorted(Comparator.comparingInt((Entry e) -> e.type().bytes).reversed())
                .toList();
    }
}
