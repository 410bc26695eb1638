package io.github.cortado.io;

import java.io.StringWriter;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.TokenStreamContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;
import tools.jackson.core.util.JsonRecyclerPools;

/** Writes Java's maps, lists and plain values with Jackson's streaming generator. */
final class JsonWriter {
    private static final JsonFactory JACKSON =
            JsonFactory.builder()
                    .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
                    .recyclerPool(JsonRecyclerPools.nonRecyclingPool())
                    .build();

    private final JsonGenerator json;

    private JsonWriter(JsonGenerator json) {
        this.json = json;
    }

    /** Writes on one line. */
    static String line(Object value) {
        return write(value, ObjectWriteContext.empty());
    }

    /** Writes on many lines. */
    static String lines(Object value) {
        return write(
                value,
                new ObjectWriteContext.Base() {
                    @Override
                    public PrettyPrinter getPrettyPrinter() {
                        return new Lines();
                    }

                    @Override
                    public boolean hasPrettyPrinter() {
                        return true;
                    }
                });
    }

    private static String write(Object value, ObjectWriteContext context) {
        StringWriter out = new StringWriter();
        try (JsonGenerator json = JACKSON.createGenerator(context, out)) {
            new JsonWriter(json).value(value, 0);
        }
        return out.toString();
    }

    private void value(@Nullable Object value, int depth) {
        if (depth > JsonReader.MAX_DEPTH) {
            throw new IllegalArgumentException(
                    "JSON: value nests deeper than " + JsonReader.MAX_DEPTH + " (a cycle?)");
        }
        if (value instanceof Map<?, ?> map) {
            object(map, depth);
        } else if (value instanceof Iterable<?> items) {
            array(items, depth);
        } else if (value instanceof CharSequence text) {
            json.writeString(string(text));
        } else if (value instanceof Boolean truth) {
            json.writeBoolean(truth);
        } else if (value == Json.NULL) {
            json.writeNull();
        } else if (value instanceof Number number) {
            number(number);
        } else {
            throw new IllegalArgumentException("JSON: cannot write a " + className(value));
        }
    }

    private void object(Map<?, ?> map, int depth) {
        json.writeStartObject();
        for (Map.Entry<?, ?> entry : map.entrySet()) {
            if (!(entry.getKey() instanceof CharSequence key)) {
                throw new IllegalArgumentException(
                        "JSON: keys must be strings, not " + className(entry.getKey()));
            }
            json.writeName(string(key));
            value(entry.getValue(), depth + 1);
        }
        json.writeEndObject();
    }

    private void array(Iterable<?> items, int depth) {
        boolean nested = false;
        for (Object item : items) {
            nested |= item instanceof Map || item instanceof Iterable;
        }
        json.writeStartArray(nested ? Lines.NESTED : null);
        for (Object item : items) {
            value(item, depth + 1);
        }
        json.writeEndArray();
    }

    private void number(Number number) {
        if (number instanceof Double d && Double.isFinite(d)) {
            // Java's shortest decimal ("1.0E-5") is valid JSON and reads back to the same bits.
            json.writeNumber(d);
        } else if (number instanceof Float f && Float.isFinite(f)) {
            json.writeNumber(f);
        } else if (number instanceof Double || number instanceof Float) {
            throw new IllegalArgumentException("JSON has no number for " + number);
        } else if (number instanceof Long
                || number instanceof Integer
                || number instanceof Short
                || number instanceof Byte) {
            json.writeNumber(number.longValue());
        } else {
            throw new IllegalArgumentException("JSON: cannot write a " + className(number));
        }
    }

    /** Half a surrogate pair has no UTF-8 form: it would turn into '?' on disk. */
    private static String string(CharSequence text) {
        int unpaired = Utf8.unpaired(text);
        if (unpaired >= 0) {
            throw new IllegalArgumentException(
                    "JSON: string has an unpaired surrogate at index " + unpaired);
        }
        return text.toString();
    }

    private static String className(@Nullable Object value) {
        return value == null ? "null (use Json.NULL)" : value.getClass().getName();
    }

    /** Indents by two spaces; arrays that hold neither objects nor arrays stay on one line. */
    private static final class Lines implements PrettyPrinter {
        /** The current value, in Jackson's words, of an array that does not stay on one line. */
        static final Object NESTED = new Object();

        @Override
        public void writeRootValueSeparator(JsonGenerator json) {
            throw new AssertionError("two values");
        }

        @Override
        public void writeStartObject(JsonGenerator json) {
            json.writeRaw('{');
        }

        @Override
        public void beforeObjectEntries(JsonGenerator json) {
            newLine(json, json.streamWriteContext().getNestingDepth());
        }

        @Override
        public void writeObjectNameValueSeparator(JsonGenerator json) {
            json.writeRaw(": ");
        }

        @Override
        public void writeObjectEntrySeparator(JsonGenerator json) {
            json.writeRaw(',');
            newLine(json, json.streamWriteContext().getNestingDepth());
        }

        @Override
        public void writeEndObject(JsonGenerator json, int entries) {
            if (entries > 0) {
                newLine(json, json.streamWriteContext().getNestingDepth() - 1);
            }
            json.writeRaw('}');
        }

        @Override
        public void writeStartArray(JsonGenerator json) {
            json.writeRaw('[');
        }

        @Override
        public void beforeArrayValues(JsonGenerator json) {
            if (isNested(json)) {
                newLine(json, json.streamWriteContext().getNestingDepth());
            }
        }

        @Override
        public void writeArrayValueSeparator(JsonGenerator json) {
            json.writeRaw(isNested(json) ? "," : ", ");
            beforeArrayValues(json);
        }

        @Override
        public void writeEndArray(JsonGenerator json, int values) {
            if (isNested(json)) {
                newLine(json, json.streamWriteContext().getNestingDepth() - 1);
            }
            json.writeRaw(']');
        }

        private static boolean isNested(JsonGenerator json) {
            TokenStreamContext array = json.streamWriteContext();
            return array.currentValue() == NESTED;
        }

        private static void newLine(JsonGenerator json, int depth) {
            json.writeRaw("\n" + "  ".repeat(depth));
        }
    }
}
