package io.github.cortado.gpucheck;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Runs tests in as many processes as they need. One that crashes, that hangs, or whose GPU answers
 * nothing any more after an error, takes along only the test that it was at: the next process goes
 * on after it.
 *
 * @param tests all that have ended, one way or the other
 * @param last the last process
 * @param processes how many there were
 * @param breaks what ended each but the last
 */
record TestProcesses(TestRun tests, Child last, int processes, List<String> breaks) {
    /** More than that, and the machine is not worth the time. */
    static final int MOST_RESTARTS = 10;

    /**
     * Seconds without a word from the tests, each of which says when it begins and when it ends.
     */
    static final double SILENCE = 60;

    /** Starts a process. */
    @FunctionalInterface
    interface Start {
        /**
         * Runs tests until the process ends.
         *
         * @param log name for its files
         * @param done file with the tests that are to be left out, to which it adds those it runs
         */
        Child run(String log, Path done);
    }

    /** Runs them; where there is no time left, no further process is started. */
    static TestProcesses run(Run run, String log, Start start) {
        Path done = run.work().resolve(log + ".done");
        List<TestRun.Test> tests = new ArrayList<>();
        List<String> breaks = new ArrayList<>();
        for (int n = 1; ; n++) {
            Child child = start.run(n == 1 ? log : log + "-" + n, done);
            TestRun part = TestRun.of(child.jsonLines());
            tests.addAll(part.tests());
            boolean further = !part.tests().isEmpty() || !part.unfinished().isEmpty();
            if (!child.cutOff()) {
                part.unfinished().forEach(name -> tests.add(broken(name, child)));
            }
            boolean over = part.hasEnded() && part.lost().isEmpty();
            if (over || child.cutOff() || !further || n > MOST_RESTARTS || run.left() <= 0) {
                return new TestProcesses(
                        new TestRun(tests, part.unfinished(), part.ending(), part.lost()),
                        child,
                        n,
                        breaks);
            }
            breaks.add(part.lost().orElseGet(child::failure));
        }
    }

    /** The test that a process was at when it ended. */
    private static TestRun.Test broken(String name, Child child) {
        String what =
                child.ending() == Child.Ending.SILENT
                        ? String.format(Locale.ROOT, "it hung: %.0f s without a word", SILENCE)
                        : "its process ended: " + child.failure();
        return new TestRun.Test(name, "failed", 0, what);
    }

    /** Turns what the tests say, and how their processes ended, into findings. */
    void report(Findings findings) {
        for (TestRun.Test test : tests.tests()) {
            if (test.status().equals("failed")) {
                findings.fault(test.name() + ": " + test.message());
            } else if (test.status().equals("skipped")) {
                findings.note(test.name() + ": " + test.message());
            }
        }
        for (String why : breaks) {
            findings.note("another process went on with the tests, for one had to end: " + why);
        }
        if (last.cutOff()) {
            String during = tests.unfinished().isEmpty() ? "" : " during " + tests.unfinished();
            findings.cutOff(last.failure() + during);
        } else if (tests.hasEnded() && tests.lost().isEmpty() && tests.count("passed") == 0) {
            findings.fault("not one test passed: " + last.failure());
        } else if (tests.ending().equals("time")) {
            // Somebody wanted no more of them: what runs out of the section's time is cut off.
            findings.note("no more tests were begun when their time was over: " + tests.summary());
        } else if (!tests.complete()) {
            findings.fault(
                    "the tests broke off in the process number "
                            + processes
                            + ": "
                            + tests.lost().orElseGet(last::failure));
        }
    }
}
