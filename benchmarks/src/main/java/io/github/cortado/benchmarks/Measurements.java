package io.github.cortado.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The figures of a comparison, round after round, and what the programs answered last. */
final class Measurements {
    private final Map<String, List<Double>> figures = new LinkedHashMap<>();
    private final Map<String, Object> details = new LinkedHashMap<>();
    private final Map<String, Map<?, ?>> answers = new LinkedHashMap<>();

    /** Runs a program and notes one number of its answer. */
    void note(String name, Program program, String field) {
        noteAll(name, program, answer -> Map.of("", number(program, answer, field)));
    }

    /** Takes figures from an answer, by name. */
    @FunctionalInterface
    interface Reader {
        Map<String, Double> read(Map<?, ?> answer);
    }

    /** Runs a program and notes several figures, each as name + its own name. */
    void noteAll(String name, Program program, Reader reader) {
        Map<?, ?> answer = program.json();
        reader.read(answer).forEach((rest, figure) -> add(name + rest, figure));
        detail(name, program, answer);
    }

    /** Notes a figure. */
    void add(String name, double figure) {
        figures.computeIfAbsent(name, n -> new ArrayList<>()).add(figure);
        System.err.printf(Locale.ROOT, " %s %.4g;", name, figure);
    }

    /** Notes what a program has answered last. */
    void detail(String name, Program program, Map<?, ?> answer) {
        answers.put(name, answer);
        Map<String, Object> detail = new LinkedHashMap<>();
        detail.put("command", program.shown());
        detail.put("last_answer", answer);
        details.put(name, detail);
    }

    /** Notes something that is no figure. */
    void detail(String name, Object value) {
        details.put(name, value);
    }

    /** A number of an answer. */
    static double number(Program program, Map<?, ?> answer, String field) {
        if (answer.get(field) instanceof Number figure) {
            return figure.doubleValue();
        }
        throw new Program.FailedException(
                program.shown() + ": no number '" + field + "' in " + answer);
    }

    /** The figures of a name, one a round. */
    Series series(String name) {
        return new Series(figures(name));
    }

    /** The figures of a name, in the order in which they were noted; there may be none. */
    List<Double> figures(String name) {
        return figures.getOrDefault(name, List.of());
    }

    /** What a program answered last; empty where it was not run. */
    Map<?, ?> lastAnswer(String name) {
        return answers.getOrDefault(name, Map.of());
    }

    Map<String, Object> details() {
        return details;
    }
}
