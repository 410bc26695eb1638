package io.github.cortado.io;

import io.github.cortado.io.SafeTensorsHeader.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Reads and writes safetensors files, the format in which weights travel to and from PyTorch.
 *
 * <p>A file is 8 bytes of header length, a JSON header {@code {name: {dtype, shape,
 * data_offsets}}}, and the row-major little-endian data. A header that is wrong in any way is
 * refused before memory is reserved for data, so a small file cannot ask for much.
 */
public final class SafeTensors {
    /** A tensor to be written; its array is asked for when its turn comes, and then let go. */
    record Source(StoredType type, int[] shape, Supplier<Object> array) {}

    /** Takes the tensors of a file one by one. */
    interface Sink {
        void accept(Entry entry, Object array);
    }

    private SafeTensors() {}

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

    static void read(Path file, Sink sink) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            SafeTensorsHeader header = SafeTensorsHeader.read(file, channel);
            for (Entry e : header.entries()) {
                if (!e.type().isReadable()) {
                    throw new SafeTensorsException(
                            String.format(
                                    "%s: tensor %s: dtype %s is not supported, expected one of"
                                            + " F64, F32, F16, BF16, I64, I32, U8",
                                    file, JsonParser.shorten(e.name()), e.type()));
                }
            }
            for (Entry e : header.entries()) {
                long position = header.dataStart() + e.begin();
                sink.accept(e, Payload.read(channel, position, e.type(), e.count()));
            }
        }
    }

    static void write(Path file, Map<String, Source> sources, Map<String, String> metadata)
            throws IOException {
        List<Entry> entries = layOut(sources);
        ByteBuffer header = SafeTensorsHeader.encode(entries, metadata);
        entries.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        AtomicFile.write(
                file,
                channel -> {
                    AtomicFile.writeFully(channel, header);
                    for (Entry e : entries) {
                        Source source = sources.get(e.name());
                        if (source != null) {
                            Payload.write(channel, source.array().get());
                        }
                    }
                });
    }

    /** Gives each tensor its place, the widest types first; the result has the map's order. */
    private static List<Entry> layOut(Map<String, Source> sources) {
        Map<String, Entry> entries = new LinkedHashMap<>();
        sources.forEach((name, s) -> entries.put(name, new Entry(name, s.type(), s.shape(), 0, 0)));
        if (entries.containsKey(SafeTensorsHeader.METADATA)) {
            throw new IllegalArgumentException(
                    "safetensors: a tensor cannot be called " + SafeTensorsHeader.METADATA);
        }
        List<Entry> widestFirst = new ArrayList<>(entries.values());
        widestFirst.sort(Comparator.comparingInt(e -> -e.type().bytes));
        long begin = 0;
        for (Entry e : widestFirst) {
            long end = begin + e.type().bytes;
            for (int dim : e.shape()) {
                end = begin + (end - begin) * dim;
            }
            entries.put(e.name(), new Entry(e.name(), e.type(), e.shape(), begin, end));
            begin = end;
        }
        return new ArrayList<>(entries.values());
    }
}
