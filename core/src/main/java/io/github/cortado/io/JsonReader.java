package io.github.cortado.io;

import java.io.IOException;
import java.io.StringReader;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.util.JsonRecyclerPools;

/**
 * One pass over JSON text with Jackson's streaming parser, and what that accepts by itself: text
 * after the value, half a surrogate pair, and numbers that no double holds are refused.
 *
 * <p>It stands on a token, at first the one that begins the value. What reads a value begins on its
 * first token and ends on its last.
 */
final class JsonReader {
    /** Bounds the recursion, so that a file of brackets cannot overflow the stack. */
    static final int MAX_DEPTH = 64;

    /** Characters of a value or key that a message repeats. */
    private static final int LONGEST_SHOWN = 200;

    /** What Jackson says of places that it does not know, and of switches that nobody can reach. */
    private static final Pattern NOT_FOR_USERS =
            Pattern.compile(
                    "( \\((start marker|for \\w+ starting) at .*\\)|: enable `.*` to allow)$");

    private static final JsonFactory JACKSON =
            JsonFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    // The table of names would fail where the hashes of a file's keys collide.
                    .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
                    // What one long text needed is not kept for the next.
                    .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                    // The text is in memory, so that nothing in it can be longer than that allows.
                    .streamReadConstraints(
                            StreamReadConstraints.builder()
                                    .maxNestingDepth(MAX_DEPTH)
                                    .maxNumberLength(Integer.MAX_VALUE)
                                    .maxStringLength(Integer.MAX_VALUE)
                                    .maxNameLength(Integer.MAX_VALUE)
                                    .maxDocumentLength(-1)
                                    .build())
                    .build();

    private final String text;
    private final JsonParser json;

    /**
     * Begins to read.
     *
     * @throws JsonException if the text does not begin with a value
     */
    JsonReader(String text) throws JsonException {
        this.text = text;
        json = JACKSON.createParser(ObjectReadContext.empty(), new StringReader(text));
        if (next() == null) {
            throw error("text ends too early, expected a value", json.currentLocation());
        }
    }

    /** Reads the value, which nothing but white space may follow. */
    Object whole() throws JsonException {
        Object value = value();
        end();
        return value;
    }

    /** Throws if anything but white space comes next. */
    void end() throws JsonException {
        TokenStreamLocation place;
        try {
            if (json.nextToken() == null) {
                return;
            }
            place = json.currentTokenLocation();
        } catch (JacksonException e) {
            place = place(e);
        }
        throw error("text goes on after the value, expected its end", place);
    }

    /** Reads a value, whatever it is. */
    Object value() throws JsonException {
        return switch (token()) {
            case START_OBJECT -> object();
            case START_ARRAY -> array();
            case VALUE_STRING -> string();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Json.NULL;
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number();
            default -> throw new AssertionError(token());
        };
    }

    private Map<String, Object> object() throws JsonException {
        Map<String, Object> map = new LinkedHashMap<>();
        this.<JsonException>members(key -> map.put(key, value()));
        return Collections.unmodifiableMap(map);
    }

    private List<Object> array() throws JsonException {
        List<Object> items = new ArrayList<>();
        this.<JsonException>elements(() -> items.add(value()));
        return Collections.unmodifiableList(items);
    }

    private Object number() throws JsonException {
        String digits = get(json::getString);
        // "-0" has no long; 20 characters hold every long, and longer texts cost no exception.
        if (token() == JsonToken.VALUE_NUMBER_INT
                && digits.length() <= 20
                && !digits.equals("-0")) {
            try {
                return Long.parseLong(digits);
            } catch (NumberFormatException e) {
                // Between 2^63 and 10^20: a double, as documented.
            }
        }
        double d = Double.parseDouble(digits);
        if (Double.isInfinite(d)) {
            throw error("number is beyond the range of double", json.currentTokenLocation());
        }
        return d;
    }

    // One part of a value at a time, for readers who know what they expect: what a file holds
    // besides is never built.

    /** Reads the value of a key. */
    interface Member<E extends IOException> {
        void read(String key) throws JsonException, E;
    }

    /** Reads an element. */
    interface Element<E extends IOException> {
        void read() throws JsonException, E;
    }

    /** The token that it stands on. */
    JsonToken token() {
        return json.currentToken();
    }

    /** Reads an object. */
    <E extends IOException> void members(Member<E> member) throws JsonException, E {
        while (next() != JsonToken.END_OBJECT) {
            String key = string();
            next();
            member.read(key);
        }
    }

    /** Reads an array. */
    <E extends IOException> void elements(Element<E> element) throws JsonException, E {
        while (next() != JsonToken.END_ARRAY) {
            element.read();
        }
    }

    /** Reads a string or a key. */
    private String string() throws JsonException {
        String string = get(json::getString);
        if (Utf8.unpaired(string) >= 0) {
            throw error("string has an unpaired surrogate", json.currentTokenLocation());
        }
        return string;
    }

    /** Reads a value of any kind and returns how it is written, cut where it is long. */
    String source() throws JsonException {
        if (token() == JsonToken.VALUE_STRING) {
            return shorten(string());
        }
        if (token().isScalarValue()) {
            return cut(get(json::getString));
        }
        int start = (int) json.currentTokenLocation().getCharOffset();
        get(json::skipChildren);
        int end = (int) json.currentLocation().getCharOffset();
        return cut(text.substring(start, end));
    }

    private @Nullable JsonToken next() throws JsonException {
        return get(json::nextToken);
    }

    /** Jackson's exceptions are unchecked, this package's are checked and name the place. */
    private <T extends @Nullable Object> T get(Supplier<T> part) throws JsonException {
        try {
            return part.get();
        } catch (StreamConstraintsException e) {
            throw error("nested deeper than " + MAX_DEPTH, place(e));
        } catch (JacksonException e) {
            String words = NOT_FOR_USERS.matcher(e.getOriginalMessage()).replaceFirst("");
            throw error(cut(words), place(e));
        }
    }

    private TokenStreamLocation place(JacksonException e) {
        return e.getLocation() == null ? json.currentTokenLocation() : e.getLocation();
    }

    private JsonException error(String what, TokenStreamLocation place) {
        Deque<String> keys = new ArrayDeque<>();
        for (TokenStreamContext c = json.streamReadContext(); c != null; c = c.getParent()) {
            if (c.hasCurrentName()) {
                keys.addFirst(shorten(c.currentName()));
            }
        }
        String path = keys.isEmpty() ? "" : " at " + String.join(" > ", keys);
        return new JsonException(
                "JSON: "
                        + what
                        + path
                        + " (line "
                        + place.getLineNr()
                        + ", column "
                        + place.getColumnNr()
                        + ")");
    }

    /** Keys come from a file that may be hostile: a message does not repeat a megabyte. */
    static String shorten(String s) {
        return "'" + cut(s) + "'";
    }

    private static String cut(String s) {
        return s.length() <= LONGEST_SHOWN ? s : s.substring(0, LONGEST_SHOWN) + "...";
    }
}
