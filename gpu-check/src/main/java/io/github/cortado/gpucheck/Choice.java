package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Arguments.UsageException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Which sections are asked for, and in which order. A visit to a machine that is lent for a quarter
 * of an hour has two halves, each good by itself, with what is worth most first.
 *
 * @param only names of sections, empty for all
 * @param half of a visit, 0 where it is none
 * @param again names of sections that a second half begins with
 */
record Choice(List<String> only, int half, List<String> again) {
    /** Seconds of a half, from which the time that a machine takes to start is left out. */
    private static final List<Integer> BUDGETS = List.of(320, 270);

    /** Eight minutes, less what it takes to stop and to write. */
    private static final int ALL = 470;

    /** What a half has, with its share of the time; facts and the smoke test come before. */
    private static final List<Map<String, Integer>> HALVES =
            List.of(
                    inOrder(List.of("environment", "tests", "kernels", "lenet"), 25, 90, 60, 105),
                    inOrder(
                            List.of("libraries", "sanitizer", "steadiness", "example"),
                            70,
                            80,
                            30,
                            50));

    private static Map<String, Integer> inOrder(List<String> names, int... shares) {
        Map<String, Integer> half = new LinkedHashMap<>();
        for (int i = 0; i < shares.length; i++) {
            half.put(names.get(i), shares[i]);
        }
        return half;
    }

    /**
     * Checks what cannot be asked for together.
     *
     * @throws UsageException saying what
     */
    Choice {
        if (half < 0 || half > HALVES.size()) {
            throw new UsageException("--half must be 1 or 2, got " + half);
        }
        if (half > 0 && !only.isEmpty()) {
            throw new UsageException("--only: the sections of a visit are those of its --half");
        }
        if (half != HALVES.size() && !again.isEmpty()) {
            throw new UsageException("--again: only the second half of a visit begins with some");
        }
    }

    /** Seconds for it, where nobody says another number. */
    int budget() {
        return half == 0 ? ALL : BUDGETS.get(half - 1);
    }

    /** Whether a section is asked for by its name. */
    boolean names(String section) {
        return only.contains(section);
    }

    /**
     * The sections that were asked for: in their own order, or in that of a half.
     *
     * @throws UsageException naming those that there are, if one is not among them
     */
    List<Section> of(List<Section> all) {
        if (half == 0) {
            only.forEach(name -> named("--only", name, all));
            return all.stream().filter(s -> only.isEmpty() || only.contains(s.name())).toList();
        }
        List<Section> chosen = new ArrayList<>();
        again.forEach(name -> chosen.add(named("--again", name, all)));
        HALVES.get(half - 1)
                .forEach(
                        (name, share) -> {
                            if (!again.contains(name)) {
                                chosen.add(new Shared(named("--half", name, all), share));
                            }
                        });
        return chosen;
    }

    private static Section named(String option, String name, List<Section> all) {
        return all.stream()
                .filter(s -> s.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new UsageException(
                                        option
                                                + ": there is no section '"
                                                + name
                                                + "'; there are "
                                                + String.join(
                                                        ", ",
                                                        all.stream().map(Section::name).toList())));
    }

    /** A section with another share of the time than its own. */
    private record Shared(Section section, int share) implements Section {
        @Override
        public String name() {
            return section.name();
        }

        @Override
        public String title() {
            return section.title();
        }

        @Override
        public Optional<String> obstacle(Run run) {
            return section.obstacle(run);
        }

        @Override
        public void run(Run run, Findings findings) {
            section.run(run, findings);
        }
    }
}
