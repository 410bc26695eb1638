package io.github.cortado.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.NonWritableChannelException;
import java.nio.channels.SeekableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SafeTensorsFuzzTest {
    private static final Path NAME = Path.of("m.safetensors");

    @Test
    void mutatedFilesLoadOrAreRefusedWithTheDocumentedException() throws Exception {
        String header =
                "{\"__metadata__\":{\"epoch\":\"3\"},\"conv1.weight\":"
                        + "{\"dtype\":\"F32\",\"shape\":[2,3],\"data_offsets\":[16,40]},\"labels\":"
                        + "{\"dtype\":\"I64\",\"shape\":[2],\"data_offsets\":[0,16]}}  ";
        byte[] json = header.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + 40);
        bytes.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json);
        byte[] valid = bytes.array();
        SplittableRandom random = new SplittableRandom(42);
        int refused = 0;
        for (int i = 0; i < 20_000; i++) {
            try {
                SafeTensors.read(NAME, new Bytes(mutated(valid, random)));
            } catch (SafeTensorsException e) {
                assertTrue(e.getMessage().startsWith(NAME + ": "), e::getMessage);
                refused++;
            }
        }
        // Changed data and some changed names are still valid files: neither outcome may be rare.
        assertTrue(refused > 10_000 && refused < 19_000, "refused " + refused);
    }

    /** One to four of: a bit flipped, a byte replaced, a piece removed, doubled or cut off. */
    private static byte[] mutated(byte[] valid, SplittableRandom random) {
        byte[] bytes = valid.clone();
        for (int edits = 1 + random.nextInt(4); edits > 0 && bytes.length > 0; edits--) {
            int at = random.nextInt(bytes.length);
            int length = Math.min(1 + random.nextInt(8), bytes.length - at);
            switch (random.nextInt(6)) {
                case 0 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 1 -> bytes[at] = (byte) random.nextInt(256);
                case 2 -> {
                    byte[] likely = "{}[]\":,0123456789-.eE\\u".getBytes(StandardCharsets.US_ASCII);
                    bytes[at] = likely[random.nextInt(likely.length)];
                }
                case 3 -> bytes = spliced(bytes, at, at + length);
                case 4 -> bytes = spliced(bytes, at + length, at);
                default -> {
                    if (random.nextInt(8) == 0) {
                        bytes = spliced(bytes, at, bytes.length);
                    }
                }
            }
        }
        return bytes;
    }

    /** What stands before {@code from}, then what stands from {@code to} on. */
    private static byte[] spliced(byte[] bytes, int from, int to) {
        ByteBuffer out = ByteBuffer.allocate(from + bytes.length - to);
        return out.put(bytes, 0, from).put(bytes, to, bytes.length - to).array();
    }

    /** A file in memory: 20,000 real ones would take most of a minute. */
    private static final class Bytes implements SeekableByteChannel {
        private final byte[] bytes;
        private long position;

        Bytes(byte[] bytes) {
            this.bytes = bytes;
        }

        @Override
        public int read(ByteBuffer target) {
            if (position >= bytes.length) {
                return -1;
            }
            int n = (int) Math.min(target.remaining(), bytes.length - position);
            target.put(bytes, (int) position, n);
            position += n;
            return n;
        }

        @Override
        public long position() {
            return position;
        }

        @Override
        public Bytes position(long p) {
            position = p;
            return this;
        }

        @Override
        public long size() {
            return bytes.length;
        }

        @Override
        public int write(ByteBuffer source) {
            throw new NonWritableChannelException();
        }

        @Override
        public Bytes truncate(long size) {
            throw new NonWritableChannelException();
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {}
    }
}
