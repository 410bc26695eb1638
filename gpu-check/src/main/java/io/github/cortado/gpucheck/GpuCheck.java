package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Arguments.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Checks Cortado on the GPU of this machine, section by section, and writes a report whenever
 * something is known. Exit codes: 0 nothing failed, 1 something failed or was cut off, 2 a command
 * line that cannot be carried out; where a signal stops it, the report is finished first, and the
 * code is the signal's.
 */
public final class GpuCheck {
    private final CheckOptions options;
    private final Place place;
    private final Section smoke;
    private final List<Section> sections;
    private final PrintStream out;

    /**
     * A check.
     *
     * @param smoke comes first, finds out what the machine is, and ends it all where it fails
     */
    GpuCheck(
            CheckOptions options,
            Place place,
            Section smoke,
            List<Section> sections,
            PrintStream out) {
        this.options = options;
        this.place = place;
        this.smoke = smoke;
        this.sections = sections;
        this.out = out;
    }

    /** Runs the program; options are in the README of the module cuda-kernels. */
    public static void main(String[] line) {
        int code = 2;
        try {
            CheckOptions options = CheckOptions.parse(List.of(line));
            List<Section> chosen = options.choice().of(sections());
            Section smoke = new SmokeSection();
            code = new GpuCheck(options, Place.here(), smoke, chosen, System.out).run() ? 0 : 1;
        } catch (UsageException e) {
            System.err.println("gpu-check: " + e.getMessage());
        } catch (IOException e) {
            System.err.println("gpu-check: the report cannot be written: " + e);
        }
        System.exit(code);
    }

    /** All of them, the cheapest and most telling first. */
    private static List<Section> sections() {
        return List.of(
                new EnvironmentSection(),
                TestsSection.own(),
                TestsSection.libraries(),
                new SanitizerSection(),
                new KernelsSection(),
                new LeNetSection(),
                new SteadinessSection(),
                new ExampleSection(),
                new ProfilerSection());
    }

    /**
     * Runs the sections.
     *
     * @return whether nothing failed or was cut off
     */
    boolean run() throws IOException {
        Deadline end = Deadline.in(options.budget());
        String command = String.join(" ", options.line());
        Report report = new Report(options.out(), place.stamp(), ("gpu-check " + command).strip());
        Report.Part first = report.plan(smoke);
        List<Report.Part> others = new ArrayList<>();
        sections.forEach(section -> others.add(report.plan(section)));
        try (Run run = new Run(options, place, report::write)) {
            report.machine(run.facts());
            run.until(end);
            part(first, run, end.left());
            if (first.findings().status() == Findings.Status.PASSED) {
                runAll(others, run, end);
            } else {
                String why =
                        run.isStopping()
                                ? "gpu-check was stopped"
                                : "the smoke test " + first.findings().status();
                others.forEach(part -> leaveOut(part, why));
            }
            run.publish();
            out.printf(
                    Locale.ROOT,
                    "gpu-check: %s; the report is %s%n",
                    report.status(),
                    options.out().resolve(Report.MARKDOWN));
        }
        return switch (report.status()) {
            case PASSED, SKIPPED -> true;
            case FAILED, CUT_OFF, RUNNING, WAITING -> false;
        };
    }

    /** The time that is left is shared among those that can run, by their shares. */
    private void runAll(List<Report.Part> parts, Run run, Deadline end) {
        double seconds = end.left();
        int shares = 0;
        for (Report.Part part : parts) {
            shares += part.section().obstacle(run).isEmpty() ? part.section().share() : 0;
        }
        int sharesSoFar = 0;
        for (Report.Part part : parts) {
            boolean can = part.section().obstacle(run).isEmpty();
            sharesSoFar += can ? part.section().share() : 0;
            double after = seconds * sharesSoFar / Math.max(1, shares);
            part(part, run, can ? Math.max(0, after - (seconds - end.left())) : 0);
        }
    }

    private void part(Report.Part part, Run run, double budget) {
        if (run.isStopping()) {
            leaveOut(part, "gpu-check was stopped");
            return;
        }
        Section section = part.section();
        Findings findings = part.findings();
        Optional<String> obstacle = section.obstacle(run);
        part.begin(budget);
        if (obstacle.isPresent()) {
            findings.skip(obstacle.get());
        } else {
            out.printf(Locale.ROOT, "%-12s at most %.0f s ...%n", section.name(), budget);
            run.until(Deadline.in(budget));
            run.publish();
            attempt(section, run, findings);
        }
        part.end();
        run.publish();
        say(part);
    }

    private static void attempt(Section section, Run run, Findings findings) {
        try {
            section.run(run, findings);
        } catch (StoppedException e) {
            findings.cutOff(String.valueOf(e.getMessage()));
        } catch (RuntimeException e) {
            findings.fault(section.name() + " broke off: " + e);
        }
        if (run.isStopping()) {
            findings.cutOff("gpu-check was stopped");
            run.fact("stopped", "by a signal, during the section " + section.name());
        }
    }

    private void leaveOut(Report.Part part, String why) {
        part.begin(0);
        part.findings().cutOff("not begun: " + why);
        part.findings().summary("not begun: " + why);
        part.end();
        say(part);
    }

    private void say(Report.Part part) {
        out.printf(
                Locale.ROOT,
                "%-12s %s, %.1f s. %s%n",
                part.section().name(),
                part.findings().status(),
                part.seconds(),
                part.findings().summary());
    }
}
