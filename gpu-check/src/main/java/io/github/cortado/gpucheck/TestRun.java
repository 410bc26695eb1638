package io.github.cortado.gpucheck;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the lines of a run of tests say: a test that has begun and not ended is where it was cut off
 * or crashed.
 *
 * @param tests all that have ended, in their order
 * @param unfinished names of those that have not
 * @param ending the word with which the program says how it ended, empty where it did not come to
 * @param lost after which error its GPU answered nothing any more, if that ended it
 */
record TestRun(List<Test> tests, Set<String> unfinished, String ending, Optional<String> lost) {
    /** The program, in the tests of the module cuda-kernels. */
    static final String PROGRAM = "io.github.cortado.cuda.GpuTests";

    /** What it needs: the oracle computes in Java. */
    static final String HEAP = "2g";

    /**
     * The tags of tests for our own kernels on a GPU: those that libraries pass too, and others.
     */
    static final String DRIVER_ONLY = "gpu | own";

    /** Those that they pass too, and the ones about NVIDIA's libraries. */
    static final String WITH_LIBRARIES = "gpu | libraries | cudnn";

    /** A test that has ended. */
    record Test(String name, String status, double milliseconds, String message) {
        /** The class that it is in. */
        String group() {
            int end = name.indexOf(" > ");
            return end < 0 ? name : name.substring(0, end);
        }
    }

    /** Reads the lines; see the program. */
    static TestRun of(List<Map<?, ?>> lines) {
        List<Test> tests = new ArrayList<>();
        Set<String> open = new LinkedHashSet<>();
        String ending = "";
        Optional<String> lost = Optional.empty();
        for (Map<?, ?> line : lines) {
            if (line.get("begins") instanceof String name) {
                open.add(name);
            } else if (line.get("test") instanceof String name) {
                open.remove(name);
                tests.add(
                        new Test(
                                name,
                                String.valueOf(line.get("status")),
                                line.get("milliseconds") instanceof Number ms
                                        ? ms.doubleValue()
                                        : 0,
                                String.valueOf(line.get("message"))));
            } else if (line.get("ended") instanceof String how) {
                ending = how;
                lost = Optional.ofNullable(line.get("why")).map(Object::toString);
            }
        }
        return new TestRun(tests, open, ending, lost);
    }

    /** Whether no test is missing. */
    boolean complete() {
        return ending.equals("all");
    }

    /** Whether the program came to its end. */
    boolean hasEnded() {
        return !ending.isEmpty();
    }

    /** How many ended so. */
    long count(String status) {
        return tests.stream().filter(t -> t.status.equals(status)).count();
    }

    /** A line for each class. */
    Table table() {
        Map<String, List<Test>> groups = new LinkedHashMap<>();
        tests.forEach(t -> groups.computeIfAbsent(t.group(), g -> new ArrayList<>()).add(t));
        Table table = new Table("tests", "passed", "failed", "skipped", "seconds");
        groups.forEach(
                (group, all) -> {
                    TestRun part = new TestRun(all, Set.of(), "all", Optional.empty());
                    double ms = all.stream().mapToDouble(Test::milliseconds).sum();
                    table.row(
                            group,
                            part.count("passed"),
                            part.count("failed"),
                            part.count("skipped"),
                            Table.number(ms / 1e3, 2));
                });
        return table;
    }

    /** In one line. */
    String summary() {
        return count("passed")
                + " passed, "
                + count("failed")
                + " failed, "
                + count("skipped")
                + " skipped"
                + (complete() ? "" : ", not all were run");
    }

    /** For the JSON report. */
    Map<String, Object> json() {
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("complete", complete());
        for (String status : List.of("passed", "failed", "skipped")) {
            out.put(status, count(status));
        }
        List<Object> all = new ArrayList<>();
        for (Test test : tests) {
            Map<String, Object> t = new LinkedHashMap<>();
            t.put("test", test.name);
            t.put("status", test.status);
            t.put("milliseconds", test.milliseconds);
            if (!test.message.isEmpty()) {
                t.put("message", test.message);
            }
            all.add(t);
        }
        out.put("tests", all);
        return out;
    }
}
