package io.github.cortado.benchmarks;

import io.github.cortado.io.Json;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/**
 * What a program answers, in lines of JSON that grow: each has all that is known by then, and all
 * but the last say that they are partial. So a program that is cut off has said what it had
 * measured, and its last line is its answer.
 */
public final class Answer implements Consumer<Map<String, Object>> {
    private static final String PARTIAL = "partial";

    private final PrintStream out;

    /** Lines for this stream, each of which is to go out at once. */
    public Answer(PrintStream out) {
        this.out = out;
    }

    /** Prints what is known so far. */
    @Override
    public void accept(Map<String, Object> soFar) {
        Map<String, Object> line = new LinkedHashMap<>(soFar);
        line.put(PARTIAL, true);
        print(line);
    }

    /** Prints all of it. */
    public void whole(Map<String, Object> all) {
        print(all);
    }

    private void print(Map<String, Object> line) {
        out.println(Json.write(line));
        out.flush();
    }

    /**
     * A number in a line.
     *
     * @throws IllegalStateException naming it, where it is not there
     */
    public static double number(Map<?, ?> line, String name) {
        if (line.get(name) instanceof Number number) {
            return number.doubleValue();
        }
        throw new IllegalStateException("there is no number " + name + " in " + line);
    }

    /** Whether a line says that more was to come. */
    public static boolean isPartial(Map<?, ?> line) {
        return Objects.equals(true, line.get(PARTIAL));
    }
}
