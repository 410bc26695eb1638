package io.github.cortado.io;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/** Recursive descent over the JSON grammar, one method a rule. */
final class JsonParser {
    /** Bounds the recursion, so that a file of brackets cannot overflow the stack. */
    static final int MAX_DEPTH = 64;

    /** Characters of a value or key that a message repeats. */
    private static final int LONGEST_SHOWN = 200;

    private final CharSequence text;
    private final Deque<String> path = new ArrayDeque<>();
    private int at;
    private int depth;

    JsonParser(CharSequence text) {
        this.text = text;
    }

    Object parse() throws JsonException {
        Object value = value();
        end();
        return value;
    }

    /** Throws if anything but white space comes next. */
    void end() throws JsonException {
        skipSpace();
        if (at < text.length()) {
            throw unexpected("the end of the text");
        }
    }

    /** Reads one value, whatever it is. */
    Object value() throws JsonException {
        skipSpace();
        return switch (peek()) {
            case '{' -> object();
            case '[' -> array();
            case '"' -> string();
            case 't' -> literal("true", true);
            case 'f' -> literal("false", false);
            case 'n' -> literal("null", Json.NULL);
            case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> number();
            default -> throw unexpected("a value");
        };
    }

    private Map<String, Object> object() throws JsonException {
        Map<String, Object> map = new LinkedHashMap<>();
        this.<JsonException>members(map::containsKey, key -> map.put(key, value()));
        return Collections.unmodifiableMap(map);
    }

    private List<Object> array() throws JsonException {
        List<Object> items = new ArrayList<>();
        this.<JsonException>elements(() -> items.add(value()));
        return Collections.unmodifiableList(items);
    }

    // One part of a value at a time, for readers who know what they expect: what a file holds
    // besides is never built.

    /** Reads the value of a key from the parser. */
    interface Member<E extends IOException> {
        void read(String key) throws JsonException, E;
    }

    /** Reads an element from the parser. */
    interface Element<E extends IOException> {
        void read() throws JsonException, E;
    }

    /** The first character of the value that comes next. */
    char next() throws JsonException {
        skipSpace();
        return peek();
    }

    /** Reads an object; {@code isThere} says which keys have been read before. */
    <E extends IOException> void members(Predicate<String> isThere, Member<E> member)
            throws JsonException, E {
        descend();
        skipSpace();
        boolean first = true;
        while (peek() != '}') {
            if (!first) {
                expect(',', "',' or '}'");
                skipSpace();
            }
            if (peek() != '"') {
                throw unexpected(first ? "a key in quotes or '}'" : "a key in quotes");
            }
            String key = string();
            if (isThere.test(key)) {
                throw error("key " + shorten(key) + " appears twice in one object");
            }
            skipSpace();
            expect(':', "':'");
            path.addLast(key);
            member.read(key);
            path.removeLast();
            skipSpace();
            first = false;
        }
        ascend();
    }

    /** Reads an array. */
    <E extends IOException> void elements(Element<E> element) throws JsonException, E {
        descend();
        skipSpace();
        boolean first = true;
        while (peek() != ']') {
            if (!first) {
                expect(',', "',' or ']'");
            }
            element.read();
            skipSpace();
            first = false;
        }
        ascend();
    }

    /** Reads a value of any kind and returns how it is written, cut where it is long. */
    String source() throws JsonException {
        skipSpace();
        if (peek() == '"') {
            return shorten(string());
        }
        int start = at;
        skipValue();
        String text = text(start, Math.min(at, start + LONGEST_SHOWN));
        return at - start <= LONGEST_SHOWN ? text : text + "...";
    }

    private void skipValue() throws JsonException {
        skipSpace();
        switch (peek()) {
            case '{' -> this.<JsonException>members(key -> false, key -> skipValue());
            case '[' -> this.<JsonException>elements(this::skipValue);
            default -> value();
        }
    }

    private String text(int from, int to) {
        return text.subSequence(from, to).toString();
    }

    private void descend() throws JsonException {
        if (++depth > MAX_DEPTH) {
            throw error("nested deeper than " + MAX_DEPTH);
        }
        at++;
    }

    private void ascend() {
        depth--;
        at++;
    }

    private String string() throws JsonException {
        at++;
        StringBuilder out = new StringBuilder();
        while (peek() != '"') {
            char c = text.charAt(at);
            if (c < 0x20) {
                throw unexpected("an escape such as \\n (control characters must be escaped)");
            }
            if (c == '\\') {
                at++;
                c = escape();
            } else {
                at++;
            }
            boolean unpaired =
                    (out.length() > 0 && Character.isHighSurrogate(out.charAt(out.length() - 1)))
                            ? !Character.isLowSurrogate(c)
                            : Character.isLowSurrogate(c);
            if (unpaired) {
                throw error("string has an unpaired surrogate");
            }
            out.append(c);
        }
        if (out.length() > 0 && Character.isHighSurrogate(out.charAt(out.length() - 1))) {
            throw error("string has an unpaired surrogate");
        }
        at++;
        return out.toString();
    }

    private char escape() throws JsonException {
        char c =
                switch (peek()) {
                    case '"' -> '"';
                    case '\\' -> '\\';
                    case '/' -> '/';
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'u' -> hex();
                    default -> throw unexpected("one of \" \\ / b f n r t u after '\\'");
                };
        at++;
        return c;
    }

    /** Reads the four digits after {@code u}, and leaves the last of them to the caller. */
    private char hex() throws JsonException {
        int code = 0;
        for (int i = 0; i < 4; i++) {
            at++;
            char c = peek();
            // Character.digit would also take digits of other scripts.
            int digit = c < 0x80 ? Character.digit(c, 16) : -1;
            if (digit < 0) {
                throw unexpected("four hexadecimal digits after \\u");
            }
            code = 16 * code + digit;
        }
        return (char) code;
    }

    private Object number() throws JsonException {
        int start = at;
        skip('-');
        if (!skip('0')) {
            digits();
        }
        boolean isInteger = true;
        if (skip('.')) {
            isInteger = false;
            digits();
        }
        if (skip('e') || skip('E')) {
            isInteger = false;
            if (!skip('-')) {
                skip('+');
            }
            digits();
        }
        String token = text(start, at);
        // "-0" has no long; 20 characters hold every long, and longer tokens cost no exception.
        if (isInteger && token.length() <= 20 && !token.equals("-0")) {
            try {
                return Long.parseLong(token);
            } catch (NumberFormatException e) {
                // Between 2^63 and 10^20: a double, as documented.
            }
        }
        double d = Double.parseDouble(token);
        if (Double.isInfinite(d)) {
            throw error("number is beyond the range of double");
        }
        return d;
    }

    private void digits() throws JsonException {
        if (!isDigit()) {
            throw unexpected("a digit");
        }
        while (isDigit()) {
            at++;
        }
    }

    private boolean isDigit() {
        return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
    }

    private Object literal(String word, Object value) throws JsonException {
        for (int i = 0; i < word.length(); i++) {
            expect(word.charAt(i), word);
        }
        return value;
    }

    private void expect(char c, String expected) throws JsonException {
        if (peek() != c) {
            throw unexpected(expected);
        }
        at++;
    }

    private boolean skip(char c) {
        boolean found = at < text.length() && text.charAt(at) == c;
        if (found) {
            at++;
        }
        return found;
    }

    private void skipSpace() {
        while (at < text.length() && " \n\r\t".indexOf(text.charAt(at)) >= 0) {
            at++;
        }
    }

    /** The current character, never past the end. */
    private char peek() throws JsonException {
        if (at >= text.length()) {
            throw error("text ends too early");
        }
        return text.charAt(at);
    }

    private JsonException unexpected(String expected) {
        if (at >= text.length()) {
            return error("text ends too early, expected " + expected);
        }
        char c = text.charAt(at);
        String found =
                (c > 0x20 && c < 0x7f)
                        ? "'" + c + "'"
                        : String.format(Locale.ROOT, "U+%04X", (int) c);
        return error("found " + found + ", expected " + expected);
    }

    private JsonException error(String what) {
        int line = 1;
        int column = 1;
        for (int i = 0; i < Math.min(at, text.length()); i++) {
            boolean newLine = text.charAt(i) == '\n';
            line += newLine ? 1 : 0;
            column = newLine ? 1 : column + 1;
        }
        String where = path.isEmpty() ? "" : " in " + quoted();
        return new JsonException(
                "JSON: " + what + where + " (line " + line + ", column " + column + ")");
    }

    private String quoted() {
        StringBuilder out = new StringBuilder();
        for (String key : path) {
            out.append(out.length() == 0 ? "" : " > ").append(shorten(key));
        }
        return out.toString();
    }

    /** Keys come from a file that may be hostile: a message does not repeat a megabyte. */
    static String shorten(String s) {
        return s.length() <= LONGEST_SHOWN
                ? "'" + s + "'"
                : "'" + s.substring(0, LONGEST_SHOWN) + "...'";
    }
}
