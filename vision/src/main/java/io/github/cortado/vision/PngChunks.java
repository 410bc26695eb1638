package io.github.cortado.vision;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * What a PNG's chunks say that Java's decoder does not look at: whether their checksums are right,
 * and how many colours there are.
 *
 * <p>Source: Portable Network Graphics, second edition (ISO/IEC 15948), 5.3.
 *
 * @param colour colour type, 0 for grey
 * @param bits of a value
 * @param palette number of its colours, 0 without one
 */
record PngChunks(int colour, int bits, int palette) {
    private static final int SIGNATURE = 8;
    private static final int AROUND = 12;

    /**
     * Reads the chunks up to the end of the picture.
     *
     * @throws IOException saying at which offset a chunk ends early or is damaged
     */
    static PngChunks of(byte[] png) throws IOException {
        ByteBuffer file = ByteBuffer.wrap(png);
        int colour = -1;
        int bits = 0;
        int palette = 0;
        int at = SIGNATURE;
        String kind = "";
        while (!kind.equals("IEND")) {
            if (at + AROUND > png.length) {
                throw new IOException("the file ends early, at offset " + png.length);
            }
            long length = file.getInt(at) & 0xffff_ffffL;
            kind = new String(png, at + 4, 4, StandardCharsets.ISO_8859_1);
            if (length > png.length - at - AROUND) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "the file ends early, within the chunk %s at offset %d of %d bytes",
                                printable(kind),
                                at,
                                length));
            }
            CRC32 sum = new CRC32();
            sum.update(png, at + 4, 4 + (int) length);
            if ((int) sum.getValue() != file.getInt(at + 8 + (int) length)) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "the chunk %s at offset %d is damaged, its checksum is another",
                                printable(kind),
                                at));
            }
            if (kind.equals("IHDR") && length >= 13) {
                bits = png[at + 16] & 0xff;
                colour = png[at + 17] & 0xff;
            }
            if (kind.equals("PLTE")) {
                palette = (int) length / 3;
            }
            at += AROUND + (int) length;
        }
        return new PngChunks(colour, bits, palette);
    }

    private static String printable(String kind) {
        return kind.matches("[A-Za-z]{4}") ? kind : "?";
    }
}
