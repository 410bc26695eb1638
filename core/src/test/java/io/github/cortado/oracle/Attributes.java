package io.github.cortado.oracle;

import io.github.cortado.io.Json;
import io.github.cortado.nn.Reduction;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** The attributes of one case; whoever asked for none of them must say so with {@link #done}. */
final class Attributes {
    private final String owner;
    private final Map<String, Object> values;
    private final Set<String> unread;

    @SuppressWarnings("unchecked")
    Attributes(String owner, Object values) {
        this.owner = owner;
        this.values = (Map<String, Object>) values;
        this.unread = new TreeSet<>(this.values.keySet());
    }

    /** The value, unless it is absent or null. */
    private Optional<Object> get(String name) {
        unread.remove(name);
        return Optional.ofNullable(values.get(name)).filter(v -> v != Json.NULL);
    }

    double number(String name, double otherwise) {
        return get(name).map(v -> ((Number) v).doubleValue()).orElse(otherwise);
    }

    int integer(String name) {
        return get(name).map(Attributes::exact).orElseThrow(() -> missing(name));
    }

    int integer(String name, int otherwise) {
        return get(name).map(Attributes::exact).orElse(otherwise);
    }

    boolean flag(String name, boolean otherwise) {
        return get(name).map(Boolean.class::cast).orElse(otherwise);
    }

    String text(String name, String otherwise) {
        return get(name).map(String.class::cast).orElse(otherwise);
    }

    /** Whether it is there, and a word. */
    boolean isText(String name) {
        return values.get(name) instanceof String;
    }

    /** A list of integers; a single one is a list too. */
    Optional<int[]> integers(String name) {
        return get(name).map(Attributes::list);
    }

    /** One number for both directions, or two. */
    int[] pair(String name, int... otherwise) {
        int[] v = integers(name).orElse(otherwise);
        if (v.length == 0) {
            throw missing(name);
        }
        return v.length == 1 ? new int[] {v[0], v[0]} : v;
    }

    Optional<double[]> numbers(String name) {
        return get(name)
                .map(
                        v ->
                                ((List<?>) v)
                                        .stream()
                                                .mapToDouble(n -> ((Number) n).doubleValue())
                                                .toArray());
    }

    Reduction reduction() {
        return get("reduction")
                .map(v -> Reduction.valueOf(((String) v).toUpperCase(Locale.ROOT)))
                .orElse(Reduction.MEAN);
    }

    /** Accepts an attribute that has no counterpart here, as long as it has PyTorch's default. */
    void only(String name, Object value) {
        Object found = get(name).orElse(value);
        boolean same =
                (found instanceof Number n && value instanceof Number m)
                        ? n.doubleValue() == m.doubleValue()
                        : found.equals(value);
        if (!same) {
            throw new AssertionError(owner + ": " + name + " = " + found + " is not supported");
        }
    }

    /**
     * Ends the reading.
     *
     * @throws AssertionError if an attribute was never asked for
     */
    void done() {
        if (!unread.isEmpty()) {
            throw new AssertionError(owner + ": unknown attributes " + unread);
        }
    }

    private AssertionError missing(String name) {
        return new AssertionError(owner + ": attribute " + name + " is missing");
    }

    private static int exact(Object v) {
        return Math.toIntExact((Long) v);
    }

    private static int[] list(Object v) {
        return v instanceof List<?> l
                ? l.stream().mapToInt(Attributes::exact).toArray()
                : new int[] {exact(v)};
    }
}
