package io.github.cortado.vision;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * The picture in a WebP file, without what the decoder should not look at, such as a profile.
 *
 * <p>Source: RFC 9649, "WebP Image Format", 2.
 */
final class WebpChunks {
    private static final int HEADER = 12;
    private static final int CHUNK = 8;

    /**
     * So many zeros follow the picture. Its decoder takes it that there are zeros where its data
     * ends early, and reads up to {@link #AHEAD} bytes ahead; from here on one can tell.
     */
    static final int BEYOND = 64;

    /** Bytes that the decoder holds in hand. */
    static final int AHEAD = 8;

    private WebpChunks() {}

    /**
     * Returns a file that holds the lossless picture and nothing else, then {@link #BEYOND} zeros.
     *
     * @throws IOException where the file ends early, or holds no lossless still picture
     */
    static byte[] lossless(byte[] webp) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(webp).order(ByteOrder.LITTLE_ENDIAN);
        long end = 8 + (file.getInt(4) & 0xffff_ffffL);
        if (end > webp.length) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "the file ends early, it has %d of %d bytes",
                            webp.length,
                            end));
        }
        for (long at = HEADER; at + CHUNK <= end; ) {
            int chunk = (int) at;
            String kind = new String(webp, chunk, 4, StandardCharsets.ISO_8859_1);
            long length = file.getInt(chunk + 4) & 0xffff_ffffL;
            long next = at + CHUNK + length + (length & 1);
            if (next > end) {
                throw new IOException(
                        "the file ends early, within the chunk at offset " + chunk + " of it");
            }
            switch (kind) {
                case "VP8L" -> {
                    return alone(webp, chunk, chunk + CHUNK + (int) length);
                }
                case "VP8 " -> throw refused("lossy WebP");
                case "ANIM", "ANMF" -> throw refused("animated WebP");
                default -> at = next;
            }
        }
        throw new IOException("a WebP without a picture");
    }

    /** What its decoder in Java makes of lossy ones was off by 93 of 255 at edges of colours. */
    private static IOException refused(String what) {
        return new IOException(
                what
                        + ", whose pixels would not be those that others read: convert it to PNG or"
                        + " to lossless WebP");
    }

    private static byte[] alone(byte[] webp, int from, int to) {
        int bytes = HEADER + to - from;
        byte[] file = Arrays.copyOf(Arrays.copyOf(webp, HEADER), bytes + BEYOND);
        System.arraycopy(webp, from, file, HEADER, to - from);
        ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(4, bytes - 8);
        return file;
    }
}
