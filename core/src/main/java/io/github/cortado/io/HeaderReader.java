package io.github.cortado.io;

import io.github.cortado.Shape;
import io.github.cortado.io.SafeTensorsHeader.Entry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonToken;

/**
 * One pass over the header of one file. Entries are made as the text is read, so that what it takes
 * is a few times the tensors' names and sizes, whatever else a hostile header has in it.
 */
final class HeaderReader {
    private static final int LENGTH_BYTES = 8;
    private static final String FIELDS = "dtype, shape and data_offsets";

    /** PyTorch and NumPy have at most 64. */
    private static final int MAX_DIMENSIONS = 1000;

    /** The most that a tensor's shape may multiply up to, also on the way to a size of 0. */
    private static final int MAX_ELEMENTS = Integer.MAX_VALUE - 64;

    private final Path file;
    private final SeekableByteChannel channel;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private @Nullable Map<String, String> metadata;
    private long dataSize;

    HeaderReader(Path file, SeekableByteChannel channel) {
        this.file = file;
        this.channel = channel;
    }

    /**
     * Reads and checks it.
     *
     * @throws SafeTensorsException naming the file, the tensor, the value and what was expected
     * @throws HeapTooSmallException where so many tensors and strings do not fit into the heap
     */
    SafeTensorsHeader read() throws IOException {
        int length = headerLength();
        try {
            dataSize = channel.size() - LENGTH_BYTES - length;
            try {
                JsonReader json = new JsonReader(Utf8.decode(text(length)));
                json.<IOException>members(name -> field(json, name));
                json.end();
            } catch (JsonException e) {
                throw error("header is not valid: %s".formatted(e.getMessage()));
            }
            checkCoverage();
            return new SafeTensorsHeader(
                    List.copyOf(entries.values()),
                    metadata == null ? Map.of() : metadata,
                    LENGTH_BYTES + length);
        } catch (OutOfMemoryError e) {
            // Names, sizes and maps of them were seen to take up to 25 times their text.
            throw new HeapTooSmallException(file + ": its header", 25L * length, e);
        }
    }

    private int headerLength() throws IOException {
        long size = channel.size();
        if (size < LENGTH_BYTES) {
            throw foreign(
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
        if (length < 0 || length > SafeTensorsHeader.MAX_BYTES) {
            throw foreign(
                    String.format(
                            Locale.ROOT,
                            "header length is %s, expected at most %d",
                            shown,
                            SafeTensorsHeader.MAX_BYTES));
        }
        if (length < 2) {
            throw foreign("header length is %s, expected at least 2 (for \"{}\")".formatted(shown));
        }
        if (length > size - LENGTH_BYTES) {
            throw foreign(
                    String.format(
                            Locale.ROOT,
                            "header length is %s, but only %d bytes follow it",
                            shown,
                            size - LENGTH_BYTES));
        }
        return (int) length;
    }

    private byte[] text(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        Payload.readFully(channel, bytes, LENGTH_BYTES);
        if (bytes.get(0) != '{') {
            throw foreign(
                    String.format(
                            Locale.ROOT,
                            "header begins with byte 0x%02x, expected '{'",
                            bytes.get(0)));
        }
        return bytes.array();
    }

    private void field(JsonReader json, String name) throws IOException {
        if (name.equals(SafeTensorsHeader.METADATA)) {
            metadata = metadata(json);
        } else {
            entries.put(name, entry(json, name));
        }
    }

    private Map<String, String> metadata(JsonReader json) throws IOException {
        if (json.token() != JsonToken.START_OBJECT) {
            throw error(
                    "%s is %s, expected an object of strings"
                            .formatted(SafeTensorsHeader.METADATA, json.source()));
        }
        Map<String, String> strings = new LinkedHashMap<>();
        json.<IOException>members(
                key -> {
                    if (json.token() != JsonToken.VALUE_STRING) {
                        throw error(
                                "%s: value of %s is %s, expected a string"
                                        .formatted(
                                                SafeTensorsHeader.METADATA,
                                                JsonReader.shorten(key),
                                                json.source()));
                    }
                    strings.put(key, (String) json.value());
                });
        return Collections.unmodifiableMap(strings);
    }

    /** What stands in the braces of a tensor, as far as it has been read. */
    private static final class Fields {
        @Nullable StoredType dtype;
        long @Nullable [] shape;
        long @Nullable [] offsets;
    }

    private Entry entry(JsonReader json, String name) throws IOException {
        if (json.token() != JsonToken.START_OBJECT) {
            throw tensorError(
                    name,
                    "entry is %s, expected {dtype, shape, data_offsets}".formatted(json.source()));
        }
        Fields fields = new Fields();
        json.<IOException>members(
                key -> {
                    switch (key) {
                        case "dtype" -> fields.dtype = type(json, name);
                        case "shape" -> fields.shape = integers(json, name, key);
                        case "data_offsets" -> fields.offsets = integers(json, name, key);
                        default ->
                                throw tensorError(
                                        name,
                                        "unknown field %s, expected %s"
                                                .formatted(JsonReader.shorten(key), FIELDS));
                    }
                });
        if (fields.dtype == null) {
            throw missing(name, "dtype");
        }
        if (fields.shape == null) {
            throw missing(name, "shape");
        }
        if (fields.offsets == null) {
            throw missing(name, "data_offsets");
        }
        return entry(name, fields.dtype, fields.shape, fields.offsets);
    }

    private StoredType type(JsonReader json, String name) throws IOException {
        String written = json.source();
        for (StoredType type : StoredType.values()) {
            if (written.equals("'" + type.name() + "'")) {
                return type;
            }
        }
        throw tensorError(
                name,
                "dtype is %s, expected one of %s"
                        .formatted(written, Arrays.toString(StoredType.values())));
    }

    private long[] integers(JsonReader json, String name, String key) throws IOException {
        if (json.token() != JsonToken.START_ARRAY) {
            throw tensorError(
                    name, "%s is %s, expected an array of integers".formatted(key, json.source()));
        }
        List<Long> integers = new ArrayList<>();
        json.<IOException>elements(
                () -> {
                    String written = json.source();
                    long n = count(written);
                    if (n < 0) {
                        throw tensorError(
                                name,
                                "%s holds %s, expected integers from 0 to 2^63-1"
                                        .formatted(key, written));
                    }
                    if (integers.size() == MAX_DIMENSIONS) {
                        throw tensorError(
                                name,
                                String.format(
                                        Locale.ROOT,
                                        "%s holds more than %d numbers",
                                        key,
                                        MAX_DIMENSIONS));
                    }
                    integers.add(n);
                });
        return integers.stream().mapToLong(Long::longValue).toArray();
    }

    /** The number that JSON text is, if it is one from 0 to 2^63-1 without point; else -1. */
    private static long count(String written) {
        try {
            return written.equals("-0") ? -1 : Long.parseLong(written);
        } catch (NumberFormatException e) {
            return -1;
        }
    }

    private Entry entry(String name, StoredType type, long[] shape, long[] offsets)
            throws IOException {
        String place = Arrays.toString(offsets);
        if (offsets.length != 2) {
            throw tensorError(name, "data_offsets are %s, expected [begin, end]".formatted(place));
        }
        long begin = offsets[0];
        long end = offsets[1];
        if (begin > end) {
            throw tensorError(name, "data_offsets are %s, expected begin <= end".formatted(place));
        }
        long bytes = bytes(name, type, shape);
        if (end - begin != bytes) {
            throw tensorError(
                    name,
                    String.format(
                            Locale.ROOT,
                            "data_offsets are %s, %d bytes, but %s %s has %d bytes",
                            place,
                            end - begin,
                            type,
                            shown(shape),
                            bytes));
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
                            place,
                            dataSize));
        }
        int[] dims = Arrays.stream(shape).mapToInt(Math::toIntExact).toArray();
        return new Entry(name, type, Shape.of(dims), begin, end);
    }

    private long bytes(String name, StoredType type, long[] shape) throws IOException {
        try {
            long count = 1;
            for (long dim : shape) {
                count = Math.multiplyExact(count, dim);
            }
            return Math.multiplyExact(count, (long) type.bytes);
        } catch (ArithmeticException e) {
            throw tensorError(
                    name, "size of %s %s overflows 64 bits".formatted(type, shown(shape)));
        }
    }

    /** Sorted by offset, each tensor must begin where the one before it ends. */
    private void checkCoverage() throws IOException {
        List<Entry> sorted = new ArrayList<>(entries.values());
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

    private SafeTensorsException missing(String name, String key) {
        return tensorError(name, "field %s is missing".formatted(key));
    }

    private SafeTensorsException tensorError(String name, String what) {
        return error("tensor " + JsonReader.shorten(name) + ": " + what);
    }

    /** What does not even begin like the format is named, where it is known. */
    private SafeTensorsException foreign(String what) throws IOException {
        ByteBuffer head = ByteBuffer.allocate((int) Math.min(FileKind.HEAD_BYTES, channel.size()));
        Payload.readFully(channel, head, 0);
        Optional<String> kind = FileKind.of(head.array());
        return error(
                "not a safetensors file but "
                        + kind.orElse("something else, or cut short: " + what));
    }

    private SafeTensorsException error(String what) {
        return new SafeTensorsException(file + ": " + what);
    }

    private static String shown(long[] shape) {
        String text = Arrays.toString(shape);
        return text.length() <= 200 ? text : text.substring(0, 200) + "...";
    }
}
