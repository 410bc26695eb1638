package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Arguments.UsageException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;

/**
 * Checks Cortado on the GPU of this machine, section by section, and writes a report after each.
 * Exit codes: 0 nothing failed, 1 something failed or was cut off, 2 a command line that cannot be
 * carried out.
 */
public final class GpuCheck {
    private final CheckOptions options;
    private final Place place;
    private final List<Section> sections;
    private final Function<Run, Machine> look;
    private final PrintStream out;

    GpuCheck(
            CheckOptions options,
            Place place,
            List<Section> sections,
            Function<Run, Machine> look,
            PrintStream out) {
        this.options = options;
        this.place = place;
        this.sections = sections;
        this.look = look;
        this.out = out;
    }

    /** Runs the program; options are in the README of the module cuda-kernels. */
    public static void main(String[] line) {
        int code = 2;
        try {
            CheckOptions options = CheckOptions.parse(List.of(line));
            List<Section> chosen = options.selected(sections());
            GpuCheck check = new GpuCheck(options, Place.here(), chosen, Machine::look, System.out);
            code = check.run() ? 0 : 1;
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
        try (Run run = new Run(options, place, report::write)) {
            report.write();
            run.machine(look.apply(run));
            report.machine(run.machine().facts());
            out.println("gpu-check: " + run.machine().facts().get("gpu"));
            runAll(run, report, end);
        }
        report.write();
        out.printf(
                Locale.ROOT,
                "gpu-check: %s; the report is %s%n",
                report.status(),
                options.out().resolve(Report.MARKDOWN));
        return switch (report.status()) {
            case PASSED, SKIPPED -> true;
            case FAILED, CUT_OFF, RUNNING -> false;
        };
    }

    /** The time that is left is shared among those that can run, by their shares. */
    private void runAll(Run run, Report report, Deadline end) {
        double seconds = end.left();
        int shares = 0;
        for (Section section : sections) {
            shares += section.obstacle(run).isEmpty() ? section.share() : 0;
        }
        int sharesSoFar = 0;
        for (Section section : sections) {
            Optional<String> obstacle = section.obstacle(run);
            sharesSoFar += obstacle.isEmpty() ? section.share() : 0;
            double after = seconds * sharesSoFar / Math.max(1, shares);
            double budget = Math.max(0, after - (seconds - end.left()));
            Findings findings = new Findings();
            Report.Part part = report.begin(section, findings, obstacle.isEmpty() ? budget : 0);
            if (obstacle.isPresent()) {
                findings.skip(obstacle.get());
            } else {
                out.printf(Locale.ROOT, "%-12s at most %.0f s ...%n", section.name(), budget);
                run.until(Deadline.in(budget));
                report.write();
                attempt(section, run, findings);
            }
            part.end();
            report.write();
            out.printf(
                    Locale.ROOT,
                    "%-12s %s, %.1f s. %s%n",
                    section.name(),
                    findings.status(),
                    part.seconds(),
                    findings.summary());
        }
    }

    private static void attempt(Section section, Run run, Findings findings) {
        try {
            section.run(run, findings);
        } catch (RuntimeException e) {
            findings.fault(section.name() + " broke off: " + e);
        }
    }
}
