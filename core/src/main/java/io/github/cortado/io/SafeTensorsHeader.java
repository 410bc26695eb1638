package io.github.cortado.io;

import io.github.cortado.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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
        return new HeaderReader(file, channel).read();
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
}
