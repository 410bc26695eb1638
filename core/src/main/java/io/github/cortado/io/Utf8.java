package io.github.cortado.io;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** UTF-8 without forgiveness: the JDK's shortcuts replace bad bytes, or do not say where. */
final class Utf8 {
    private Utf8() {}

    /**
     * Decodes bytes.
     *
     * @throws JsonException if they are not UTF-8; the message gives the offset from the start
     */
    static String decode(byte[] bytes) throws JsonException {
        check(ByteBuffer.wrap(bytes));
        return new String(bytes, StandardCharsets.UTF_8);
    }

    /** Decodes into a buffer that is overwritten: a string takes a third of all characters. */
    private static void check(ByteBuffer bytes) throws JsonException {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder();
        CharBuffer chars = CharBuffer.allocate(8192);
        CoderResult result;
        do {
            result = decoder.decode(bytes, chars.clear(), true);
        } while (result.isOverflow());
        if (result.isError()) {
            throw new JsonException(
                    String.format(
                            Locale.ROOT,
                            "JSON: byte 0x%02x at offset %d is not valid UTF-8",
                            bytes.get(bytes.position()),
                            bytes.position()));
        }
    }

    /** The index of the first half of a surrogate pair that stands alone, or -1 if none does. */
    static int unpaired(CharSequence text) {
        for (int i = 0; i < text.length(); i++) {
            if (Character.isSurrogate(text.charAt(i))) {
                if (i + 1 == text.length()
                        || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
                    return i;
                }
                i++;
            }
        }
        return -1;
    }
}
