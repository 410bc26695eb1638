package io.github.cortado.benchmarks;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The figures of a comparison, round after round, and what the programs answered last. Where it has
 * a file, they are there too, after each program: a comparison that was interrupted goes on from
 * it.
 */
final class Measurements {
    private static final String FIGURES = "figures";
    private static final String RUNS = "runs";
    private static final String ANSWERS = "answers";
    private static final String DETAILS = "details";
    private static final String OF = "of";

    private final Map<String, List<Double>> figures = new LinkedHashMap<>();
    private final Map<String, Object> details = new LinkedHashMap<>();
    private final Map<String, Map<?, ?>> answers = new LinkedHashMap<>();

    private final Map<String, Integer> runs = new LinkedHashMap<>();
    private int round = Integer.MAX_VALUE;
    private @Nullable Path file;
    private Map<String, String> of = Map.of();

    /**
     * Keeps what is measured in a file.
     *
     * @param of what the figures depend on
     * @param resume whether to go on from what it has
     * @throws UsageException where it has figures of something else
     * @throws IOException if it cannot be read
     */
    void keepIn(Path file, Map<String, String> of, boolean resume) throws IOException {
        this.file = file;
        this.of = of;
        if (resume && Files.exists(file)) {
            read(file);
        }
    }

    private void read(Path file) throws IOException {
        Map<?, ?> all = (Map<?, ?>) Json.load(file);
        Map<?, ?> measuredOf = part(all, OF);
        of.forEach(
                (name, value) -> {
                    if (!value.equals(measuredOf.get(name))) {
                        throw new UsageException(
                                String.format(
                                        Locale.ROOT,
                                        "--resume: %s was measured with %s %s, not %s",
                                        file,
                                        name,
                                        measuredOf.get(name),
                                        value));
                    }
                });
        part(all, FIGURES).forEach((name, list) -> figures.put("" + name, numbers(list)));
        part(all, RUNS).forEach((name, n) -> runs.put("" + name, ((Number) n).intValue()));
        part(all, ANSWERS).forEach((name, answer) -> answers.put("" + name, (Map<?, ?>) answer));
        part(all, DETAILS).forEach((name, detail) -> details.put("" + name, detail));
    }

    private static Map<?, ?> part(Map<?, ?> all, String name) {
        return all.get(name) instanceof Map<?, ?> map ? map : Map.of();
    }

    private static List<Double> numbers(Object list) {
        List<Double> numbers = new ArrayList<>();
        ((List<?>) list).forEach(n -> numbers.add(((Number) n).doubleValue()));
        return numbers;
    }

    private void save() {
        if (file == null) {
            return;
        }
        Map<String, Object> all = new LinkedHashMap<>();
        all.put(OF, of);
        all.put(RUNS, runs);
        all.put(FIGURES, figures);
        all.put(ANSWERS, answers);
        all.put(DETAILS, details);
        try {
            Json.save(file, all);
        } catch (IOException e) {
            throw new Program.FailedException("what was measured cannot be kept: " + e);
        }
    }

    /** Begins a round: what a file has of it already is not measured again. */
    void begin(int round) {
        this.round = round;
    }

    /** Whether this round has figures of a name already. */
    boolean hasFigures(String name) {
        return figures(name).size() >= round;
    }

    private boolean has(String run) {
        return runs.getOrDefault(run, 0) >= round;
    }

    /** Runs a program and notes one number of its answer. */
    void note(String name, Program program, String field) {
        noteAll(name, program, answer -> Map.of("", number(program, answer, field)));
    }

    /** Takes figures from an answer, by name. */
    @FunctionalInterface
    interface Reader {
        Map<String, Double> read(Map<?, ?> answer);
    }

    /**
     * Runs a program and notes several figures, each as name + its own name; other programs may
     * note others of the name.
     */
    void noteAll(String name, Program program, Reader reader) {
        String run = name + ": " + program.shown();
        if (has(run)) {
            return;
        }
        Map<?, ?> answer = program.json();
        reader.read(answer).forEach((rest, figure) -> add(name + rest, figure));
        detail(name, program, answer);
        runs.merge(run, 1, Integer::sum);
        save();
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
