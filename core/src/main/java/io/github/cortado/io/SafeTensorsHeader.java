package io.github.cortado.io;

import io.github.cortado.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What stands before the data of a safetensors file: 8 bytes of length N (little-endian), then N
 * bytes of JSON.
 *
 * @param entries the tensors, in the order of the header
 * @param metadata the strings under {@code __metadata__}, empty if there are none
 * @param dataStart the file offset that {@code data_offsets} count from
 */
record SafeTensorsHeader(List<Entry> entries, Map<String, String> metadata, long dataStart) {
    static final String METADATA = "__metadata__";

    /** The limit of the format: no reader takes a longer header. */
    static final int MAX_BYTES = 100_000_000;

    /** The most that a tensor's shape may multiply up to, also on the way to a size of 0. */
    private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 64;

    private static final int LENGTH_BYTES = 8;

    /** One tensor: its data are the bytes {@code begin} to {@code end - 1} after the header. */
    record Entry(String name, StoredType type, Shape shape, long begin, long end) {
        int count() {
            return (int) ((end - begin) / type.bytes);
        }
    }

    /**
     * Reads and checks a header; what it returns covers the file exactly.
     *
     * @throws SafeTensorsException naming the file, the tensor, the value and what was expected
     */
    static SafeTensorsHeader read(Path file, SeekableByteChannel channel) throws IOException {
        return new Reader(file, channel).read();
    }

    /** Length, JSON, and spaces up to a multiple of 8, so that the data start aligned. */
    static ByteBuffer encode(List<Entry> entries, Map<String, String> metadata) {
        Map<String, Object> json = new LinkedHashMap<>();
        if (!metadata.isEmpty()) {
            json.put(METADATA, metadata);
        }
        for (Entry e : entries) {
            Map<String, Object> fields = new LinkedHashMap<>();
            fields.put("dtype", e.type().name());
            fields.put("shape", Arrays.stream(e.shape().dims()).boxed().toList());
            fields.put("data_offsets", List.of(e.begin(), e.end()));
            json.put(e.name(), fields);
        }
        byte[] text = Json.write(json).getBytes(StandardCharsets.UTF_8);
        int length = (text.length + 7) / 8 * 8;
        if (length > MAX_BYTES) {
            throw new IllegalArgumentException(
                    "safetensors: the header would have "
                            + length
                            + " bytes, more than the format's limit of "
                            + MAX_BYTES);
        }
        ByteBuffer out = ByteBuffer.allocate(LENGTH_BYTES + length).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(length).put(text);
        while (out.hasRemaining()) {
            out.put((byte) ' ');
        }
        return out.flip();
    }

    /** One pass over one file; the fields are what error messages need. */
    private static final class Reader {
        private final Path file;
        private final SeekableByteChannel channel;
        private long dataSize;

        Reader(Path file, SeekableByteChannel channel) {
            this.file = file;
            this.channel = channel;
        }

        SafeTensorsHeader read() throws IOException {
            int length = headerLength();
            dataSize = channel.size() - LENGTH_BYTES - length;
            Map<?, ?> json = json(length);
            Map<String, String> metadata = Map.of();
            List<Entry> entries = new ArrayList<>();
            for (Map.Entry<?, ?> field : json.entrySet()) {
                String name = (String) field.getKey();
                if (name.equals(METADATA)) {
                    metadata = metadata(field.getValue());
                } else {
                    entries.add(entry(name, field.getValue()));
                }
            }
            checkCoverage(entries);
            return new SafeTensorsHeader(
                    Collections.unmodifiableList(entries), metadata, LENGTH_BYTES + length);
        }

        private int headerLength() throws IOException {
            long size = channel.size();
            if (size < LENGTH_BYTES) {
                throw error(
                        String.format(
                                Locale.ROOT,
                                "file has %d bytes, expected at least 8 of header length",
                                size));
            }
            ByteBuffer bytes = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
            Payload.readFully(channel, bytes, 0);
            long length = bytes.getLong(0);
            // The length is unsigned: a negative long is one of 2^63 or more.
            String shown = Long.toUnsignedString(length);
            if (length < 0 || length > MAX_BYTES) {
                throw error(
                        String.format(
                                Locale.ROOT,
                                "header length is %s, expected at most %d",
                                shown,
                                MAX_BYTES));
            }
            if (length < 2) {
                throw error(
                        "header length is %s, expected at least 2 (for \"{}\")".formatted(shown));
            }
            if (length > size - LENGTH_BYTES) {
                throw error(
                        String.format(
                                Locale.ROOT,
                                "header length is %s, but only %d bytes follow it",
                                shown,
                                size - LENGTH_BYTES));
            }
            return (int) length;
        }

        private Map<?, ?> json(int length) throws IOException {
            ByteBuffer bytes = ByteBuffer.allocate(length);
            Payload.readFully(channel, bytes, LENGTH_BYTES);
            if (bytes.get(0) != '{') {
                throw error(
                        String.format(
                                Locale.ROOT,
                                "header begins with byte 0x%02x, expected '{'",
                                bytes.get(0)));
            }
            try {
                return (Map<?, ?>) new JsonParser(Utf8.decode(bytes.flip())).parse();
            } catch (JsonException e) {
                throw error("header is not valid: %s".formatted(e.getMessage()));
            }
        }

        private Map<String, String> metadata(Object json) throws IOException {
            if (!(json instanceof Map<?, ?> map)) {
                throw error(
                        "%s is %s, expected an object of strings".formatted(METADATA, shown(json)));
            }
            Map<String, String> metadata = new LinkedHashMap<>();
            for (Map.Entry<?, ?> e : map.entrySet()) {
                if (!(e.getValue() instanceof String text)) {
                    throw error(
                            "%s: value of %s is %s, expected a string"
                                    .formatted(METADATA, shown(e.getKey()), shown(e.getValue())));
                }
                metadata.put((String) e.getKey(), text);
            }
            return Collections.unmodifiableMap(metadata);
        }

        private Entry entry(String name, Object json) throws IOException {
            if (!(json instanceof Map<?, ?> fields)) {
                throw tensorError(
                        name,
                        "entry is %s, expected {dtype, shape, data_offsets}"
                                .formatted(shown(json)));
            }
            for (Object key : fields.keySet()) {
                if (!List.of("dtype", "shape", "data_offsets").contains(key)) {
                    throw tensorError(
                            name,
                            "unknown field %s, expected dtype, shape and data_offsets"
                                    .formatted(shown(key)));
                }
            }
            StoredType type = type(name, field(name, fields, "dtype"));
            List<Long> shape = integers(name, "shape", field(name, fields, "shape"));
            List<Long> offsets =
                    integers(name, "data_offsets", field(name, fields, "data_offsets"));
            if (offsets.size() != 2) {
                throw tensorError(
                        name,
                        "data_offsets are %s, expected [begin, end]".formatted(shown(offsets)));
            }
            long begin = offsets.get(0);
            long end = offsets.get(1);
            if (begin > end) {
                throw tensorError(
                        name, "data_offsets are %s, expected begin <= end".formatted(offsets));
            }
            long count = count(name, type, shape);
            if (end - begin != count * type.bytes) {
                throw tensorError(
                        name,
                        String.format(
                                Locale.ROOT,
                                "data_offsets are %s, %d bytes, but %s %s has %d bytes",
                                offsets,
                                end - begin,
                                type,
                                shown(shape),
                                count * type.bytes));
            }
            long product = 1;
            for (long dim : shape) {
                product *= dim;
                if (dim > MAX_ELEMENTS || product > MAX_ELEMENTS) {
                    throw tensorError(
                            name,
                            String.format(
                                    Locale.ROOT,
                                    "shape %s is too large: a Java array has at most %d elements",
                                    shown(shape),
                                    MAX_ELEMENTS));
                }
            }
            if (end > dataSize) {
                throw tensorError(
                        name,
                        String.format(
                                Locale.ROOT,
                                "data_offsets are %s, but the file has only %d bytes of data",
                                offsets,
                                dataSize));
            }
            return new Entry(
                    name,
                    type,
                    Shape.of(shape.stream().mapToInt(Long::intValue).toArray()),
                    begin,
                    end);
        }

        private Object field(String name, Map<?, ?> fields, String key) throws IOException {
            Object value = fields.get(key);
            if (value == null) {
                throw tensorError(name, "field %s is missing".formatted(key));
            }
            return value;
        }

        private StoredType type(String name, Object json) throws IOException {
            for (StoredType type : StoredType.values()) {
                if (type.name().equals(json)) {
                    return type;
                }
            }
            throw tensorError(
                    name,
                    "dtype is %s, expected one of %s"
                            .formatted(shown(json), Arrays.toString(StoredType.values())));
        }

        private List<Long> integers(String name, String key, Object json) throws IOException {
            if (!(json instanceof List<?> items)) {
                throw tensorError(
                        name,
                        "%s is %s, expected an array of integers".formatted(key, shown(json)));
            }
            List<Long> integers = new ArrayList<>(items.size());
            for (Object item : items) {
                if (!(item instanceof Long n) || n < 0) {
                    throw tensorError(
                            name,
                            "%s holds %s, expected integers from 0 to 2^63-1"
                                    .formatted(key, shown(item)));
                }
                integers.add(n);
            }
            return integers;
        }

        private long count(String name, StoredType type, List<Long> shape) throws IOException {
            try {
                long count = 1;
                for (long dim : shape) {
                    count = Math.multiplyExact(count, dim);
                }
                Math.multiplyExact(count, (long) type.bytes);
                return count;
            } catch (ArithmeticException e) {
                throw tensorError(
                        name, "size of %s %s overflows 64 bits".formatted(type, shown(shape)));
            }
        }

        /** Sorted by offset, each tensor must begin where the one before it ends. */
        private void checkCoverage(List<Entry> entries) throws IOException {
            List<Entry> sorted = new ArrayList<>(entries);
            sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
            long position = 0;
            for (Entry e : sorted) {
                if (e.begin() < position) {
                    throw tensorError(
                            e.name(),
                            String.format(
                                    Locale.ROOT,
                                    "data_offsets [%d, %d] overlap with another tensor, which ends at %d",
                                    e.begin(),
                                    e.end(),
                                    position));
                }
                if (e.begin() > position) {
                    throw tensorError(
                            e.name(),
                            String.format(
                                    Locale.ROOT,
                                    "data_offsets [%d, %d] leave a gap after %d",
                                    e.begin(),
                                    e.end(),
                                    position));
                }
                position = e.end();
            }
            if (position < dataSize) {
                throw error(
                        String.format(
                                Locale.ROOT,
                                "%d trailing bytes: the tensors end at %d of %d bytes of data",
                                dataSize - position,
                                position,
                                dataSize));
            }
        }

        private SafeTensorsException tensorError(String name, String what) {
            return error("tensor " + JsonParser.shorten(name) + ": " + what);
        }

        private SafeTensorsException error(String what) {
            return new SafeTensorsException(file + ": " + what);
        }

        private static String shown(Object json) {
            String text = json instanceof String s ? "'" + s + "'" : String.valueOf(json);
            return text.length() <= 200 ? text : text.substring(0, 200) + "...";
        }
    }
}
