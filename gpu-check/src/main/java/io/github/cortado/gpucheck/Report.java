package io.github.cortado.gpucheck;

import io.github.cortado.io.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The report, in Markdown for people and in JSON for programs. It is written anew whenever
 * something is known, in one step, so that it is whole whatever happens next.
 */
final class Report {
    static final String MARKDOWN = "report.md";
    static final String JSON = "report.json";

    private final Path directory;
    private final Map<String, Object> stamp;
    private final String command;
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final List<Part> parts = new ArrayList<>();
    private Map<String, Object> machine = Map.of();

    /** A section's place in the report. */
    static final class Part {
        private final Section section;
        private final Findings findings;
        private long begun = System.nanoTime();
        private double budget;
        private double seconds;

        private Part(Section section, Findings findings) {
            this.section = section;
            this.findings = findings;
        }

        /** The section's turn has come, with so many seconds. */
        void begin(double seconds) {
            begun = System.nanoTime();
            budget = seconds;
            findings.begin();
        }

        /** The section has ended. */
        void end() {
            findings.end();
            seconds = (System.nanoTime() - begun) / 1e9;
        }

        Section section() {
            return section;
        }

        Findings findings() {
            return findings;
        }

        double seconds() {
            return seconds;
        }
    }

    /**
     * A report on nothing yet.
     *
     * @param stamp what was built from which sources
     */
    Report(Path directory, Map<String, Object> stamp, String command) {
        this.directory = directory;
        this.stamp = stamp;
        this.command = command;
    }

    /** Says what the machine is, in a map that grows. */
    void machine(Map<String, Object> facts) {
        machine = facts;
    }

    /** Has a place for a section, before its turn has come. */
    Part plan(Section section) {
        Part part = new Part(section, new Findings());
        parts.add(part);
        return part;
    }

    /** The worst that happened. */
    Findings.Status status() {
        List<Findings.Status> all = parts.stream().map(p -> p.findings.status()).toList();
        for (Findings.Status status :
                List.of(
                        Findings.Status.FAILED,
                        Findings.Status.RUNNING,
                        Findings.Status.WAITING,
                        Findings.Status.CUT_OFF,
                        Findings.Status.PASSED)) {
            if (all.contains(status)) {
                return status;
            }
        }
        return Findings.Status.SKIPPED;
    }

    /** Writes both files. */
    void write() {
        try {
            Path made = directory.resolve(MARKDOWN + ".new");
            Files.writeString(made, markdown());
            Files.move(
                    made,
                    directory.resolve(MARKDOWN),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
            Json.save(directory.resolve(JSON), writable(json()));
        } catch (IOException e) {
            throw new UncheckedIOException("the report cannot be written", e);
        }
    }

    /** The same with words for numbers that JSON has not, which a failed measurement may leave. */
    static Object writable(Object value) {
        if (value instanceof Map<?, ?> map) {
            Map<String, Object> out = new LinkedHashMap<>();
            map.forEach((key, v) -> out.put(key.toString(), writable(v)));
            return out;
        }
        if (value instanceof List<?> list) {
            return list.stream().map(Report::writable).toList();
        }
        return value instanceof Double x && !Double.isFinite(x) ? x.toString() : value;
    }

    private String markdown() {
        StringBuilder s = new StringBuilder("# Cortado on a GPU\n\n");
        Table head = new Table("", "");
        head.row("outcome", status());
        head.row("started", started);
        stamp.forEach((name, value) -> head.row(name, value));
        head.row("command", "`" + command + "`");
        machine.forEach((name, value) -> head.row(name, words(value)));
        s.append(head.markdown().replace("| --- | --: |", "| --- | --- |")).append('\n');
        s.append("| section | outcome | seconds | of | |\n|---|---|--:|--:|---|\n");
        for (Part part : parts) {
            s.append(
                    String.format(
                            java.util.Locale.ROOT,
                            "| [%s](#%s) | %s | %.1f | %.0f | %s |%n",
                            part.section.name(),
                            part.section.name(),
                            part.findings.status(),
                            part.seconds,
                            part.budget,
                            Table.cell(part.findings.summary())));
        }
        s.append("\nWhat programs printed, and pictures, are in ").append(Logs.ARCHIVE);
        s.append(".\n");
        parts.forEach(part -> section(s, part));
        return s.toString();
    }

    private static String words(Object value) {
        if (value instanceof Map<?, ?> map) {
            List<String> words = new ArrayList<>();
            map.forEach((name, v) -> words.add(name + " " + v));
            return String.join("; ", words);
        }
        return value instanceof List<?> list
                ? String.join("; ", list.stream().map(Object::toString).toList())
                : value.toString();
    }

    private static void section(StringBuilder s, Part part) {
        Findings f = part.findings;
        s.append("\n## ").append(part.section.name()).append("\n\n");
        s.append(part.section.title()).append("\n\n**").append(f.status()).append("**");
        String summary = f.summary();
        s.append(summary.isEmpty() ? "" : ": " + summary).append("\n");
        f.texts().forEach(text -> s.append('\n').append(text.strip()).append('\n'));
        list(s, "Failed", f.faults());
        list(s, "Cut off", f.cuts());
        list(s, "Left out", f.notes());
    }

    private static void list(StringBuilder s, String title, List<String> items) {
        if (!items.isEmpty()) {
            s.append('\n').append(title).append(":\n\n");
            items.forEach(
                    item -> s.append("- ").append(item.strip().replace("\n", "\n  ")).append('\n'));
        }
    }

    private Map<String, Object> json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("outcome", status().toString());
        out.put("started", started.toString());
        out.put("sources", stamp);
        out.put("command", command);
        out.put("machine", machine);
        List<Object> sections = new ArrayList<>();
        for (Part part : parts) {
            Findings f = part.findings;
            Map<String, Object> section = new LinkedHashMap<>();
            section.put("name", part.section.name());
            section.put("outcome", f.status().toString());
            section.put("seconds", part.seconds);
            section.put("budget", part.budget);
            section.put("summary", f.summary());
            section.put("failed", f.faults());
            section.put("cut_off", f.cuts());
            section.put("left_out", f.notes());
            section.put("data", f.data());
            sections.add(section);
        }
        out.put("sections", sections);
        return out;
    }
}
