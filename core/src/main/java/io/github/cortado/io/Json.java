package io.github.cortado.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

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
        return new JsonParser(text).parse();
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
            return new JsonParser(Utf8.decode(ByteBuffer.wrap(bytes))).parse();
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
        StringBuilder out = new StringBuilder();
        append(out, value, -1, 0);
        return out.toString();
    }

    /**
     * Writes a value on many lines, indented by two spaces; arrays of plain values stay on one.
     *
     * @param value as for {@link #write}
     * @return the text, without a line end after it
     * @throws IllegalArgumentException as {@link #write}
     */
    public static String writeIndented(Object value) {
        StringBuilder out = new StringBuilder();
        append(out, value, 0, 0);
        return out.toString();
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

    /** Appends {@code value}; {@code indent} is -1 for one line, else the spaces before it. */
    private static void append(StringBuilder out, Object value, int indent, int depth) {
        if (depth > JsonParser.MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "JSON: value nests deeper than " + JsonParser.MAX_DEPTH + " (a cycle?)");
        }
        if (value instanceof Map<?, ?> map) {
            appendObject(out, map, indent, depth);
        } else if (value instanceof Iterable<?> items) {
            appendArray(out, items, indent, depth);
        } else if (value instanceof CharSequence text) {
            appendString(out, text);
        } else if (value instanceof Boolean || value == NULL) {
            out.append(value);
        } else if (value instanceof Number number) {
            appendNumber(out, number);
        } else {
            throw new IllegalArgumentException("JSON: cannot write a " + className(value));
        }
    }

    private static void appendObject(StringBuilder out, Map<?, ?> map, int indent, int depth) {
        int inner = indent < 0 ? -1 : indent + 2;
        String separator = "";
        out.append('{');
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof CharSequence key)) {
                throw new IllegalArgumentException(
                        "JSON: keys must be strings, not " + className(entry.getKey()));
            }
            out.append(separator);
            newLine(out, inner);
            appendString(out, key);
            out.append(indent < 0 ? ":" : ": ");
            append(out, entry.getValue(), inner, depth + 1);
            separator = ",";
        }
        if (!map.isEmpty()) {
            newLine(out, indent);
        }
        out.append('}');
    }

    private static void appendArray(StringBuilder out, Iterable<?> items, int indent, int depth) {
        boolean nested = false;
        for (Object item : items) {
            nested |= item instanceof Map || item instanceof Iterable;
        }
        int inner = indent < 0 || !nested ? -1 : indent + 2;
        String separator = "";
        out.append('[');
        for (Object item : items) {
            out.append(separator);
            newLine(out, inner);
            append(out, item, inner, depth + 1);
            separator = indent < 0 || nested ? "," : ", ";
        }
        if (nested) {
            newLine(out, indent);
        }
        out.append(']');
    }

    private static void newLine(StringBuilder out, int indent) {
        if (indent >= 0) {
            out.append('\n').append(" ".repeat(indent));
        }
    }

    private static void appendNumber(StringBuilder out, Number number) {
        boolean isFraction = number instanceof Double || number instanceof Float;
        boolean isInteger =
                number instanceof Long
                        || number instanceof Integer
                        || number instanceof Short
                        || number instanceof Byte;
        if (isFraction && !Double.isFinite(number.doubleValue())) {
            throw new IllegalArgumentException("JSON has no number for " + number);
        }
        if (!isFraction && !isInteger) {
            throw new IllegalArgumentException("JSON: cannot write a " + className(number));
        }
        // Java's shortest decimal ("1.0E-5") is valid JSON and reads back to the same bits.
        out.append(number);
    }

    private static void appendString(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"' -> out.append("\\\"");
                case '\\' -> out.append("\\\\");
                case '\n' -> out.append("\\n");
                case '\r' -> out.append("\\r");
                case '\t' -> out.append("\\t");
                default -> {
                    if (c < 0x20) {
                        out.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
                    } else if (!Character.isSurrogate(c)) {
                        out.append(c);
                    } else {
                        // A lone half has no UTF-8 form: it would turn into '?' on disk.
                        if (i + 1 == text.length()
                                || !Character.isSurrogatePair(c, text.charAt(i + 1))) {
                            throw new IllegalArgumentException(
                                    "JSON: string has an unpaired surrogate at index " + i);
                        }
                        out.append(c).append(text.charAt(++i));
                    }
                }
            }
        }
        out.append('"');
    }

    private static String className(@Nullable Object value) {
        return value == null ? "null (use Json.NULL)" : value.getClass().getName();
    }
}
