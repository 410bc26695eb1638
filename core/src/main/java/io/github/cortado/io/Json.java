package io.github.cortado.io;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A small strict JSON reader and writer (RFC 8259).
 *
 * <p>Objects are {@code Map<String, Object>} in file order, arrays {@code List<Object>}, strings
 * {@code String}, numbers without fraction or exponent {@code Long} and all others {@code Double},
 * truth values {@code Boolean}, and {@code null} is {@link #NULL}. An integer outside the range of
 * {@code long}, and {@code -0}, become the nearest {@code Double}.
 */
public final class Json {
    /** What JSON's {@code null} is read as, and what writes it. */
    public static final Object NULL =
            new Object() {
                @Override
                public String toString() {
                    return "null";
                }
            };

    private Json() {}

    /**
     * Reads one JSON value.
     *
     * @param text the whole text; only white space may follow the value
     * @return a {@code Map}, {@code List}, {@code String}, {@code Long}, {@code Double}, {@code
     *     Boolean} or {@link #NULL}; maps and lists are unmodifiable
     * @throws JsonException if the text breaks the grammar, repeats a key within one object, nests
     *     deeper than 64, has an unpaired surrogate, or a number beyond the range of double; the
     *     message gives the keys on the way, line and column
     */
    public static Object parse(String text) throws JsonException {
        return new JsonReader(text).whole();
    }

    /**
     * Reads a UTF-8 file that holds one JSON value, as {@link #parse}.
     *
     * @param file the file
     * @return the value
     * @throws JsonException if the file is not strict JSON in UTF-8; the message names the file
     * @throws IOException if the file cannot be read
     */
    public static Object load(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try {
            return parse(Utf8.decode(bytes));
        } catch (JsonException e) {
            throw new JsonException(file + ": " + e.getMessage());
        }
    }

    /**
     * Writes a value on one line.
     *
     * @param value a {@code Map} with string keys, {@code Iterable}, {@code CharSequence}, {@code
     *     Boolean}, {@link #NULL}, or a boxed integer, float or double
     * @return the text, which {@link #parse} reads back as an equal value
     * @throws IllegalArgumentException for any other class, a number that is not finite, an
     *     unpaired surrogate, or nesting deeper than 64
     */
    public static String write(Object value) {
        return JsonWriter.line(value);
    }

    /**
     * Writes a value on many lines, indented by two spaces; arrays of plain values stay on one.
     *
     * @param value as for {@link #write}
     * @return the text, without a line end after it
     * @throws IllegalArgumentException as {@link #write}
     */
    public static String writeIndented(Object value) {
        return JsonWriter.lines(value);
    }

    /**
     * Replaces a file by {@link #writeIndented} of a value, in UTF-8, atomically.
     *
     * @param file the file; its directory must exist
     * @param value as for {@link #write}
     * @throws IOException if it cannot be written; the previous file is then untouched
     * @throws IllegalArgumentException as {@link #write}
     */
    public static void save(Path file, Object value) throws IOException {
        byte[] bytes = (writeIndented(value) + "\n").getBytes(StandardCharsets.UTF_8);
        AtomicFile.write(file, bytes);
    }
}
