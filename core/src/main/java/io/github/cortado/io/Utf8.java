package io.github.cortado.io;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** UTF-8 without forgiveness: the JDK's shortcuts replace bad bytes, or do not say where. */
final class Utf8 {
    private Utf8() {}

    /**
     * Decodes all remaining bytes.
     *
     * @throws JsonException if they are not UTF-8; the message gives the offset from the start
     */
    static CharSequence decode(ByteBuffer bytes) throws JsonException {
        if (isAscii(bytes)) {
            // A string of one byte a character, a third of what the decoder would need.
            byte[] ascii = new byte[bytes.remaining()];
            bytes.get(ascii);
            return new String(ascii, StandardCharsets.US_ASCII);
        }
        int start = bytes.position();
        CharBuffer chars = CharBuffer.allocate(bytes.remaining());
        CoderResult result =
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT)
                        .decode(bytes, chars, true);
        if (result.isError()) {
            throw new JsonException(
                    String.format(
                            Locale.ROOT,
                            "JSON: byte 0x%02x at offset %d is not valid UTF-8",
                            bytes.get(bytes.position()),
                            bytes.position() - start));
        }
        return chars.flip();
    }

    private static boolean isAscii(ByteBuffer bytes) {
        for (int i = bytes.position(); i < bytes.limit(); i++) {
            if (bytes.get(i) < 0) {
                return false;
            }
        }
        return true;
    }
}
