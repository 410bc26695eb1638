package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.OperationTimes;
import io.github.cortado.benchmarks.Program;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** {@code ncu}, Nsight Compute, over one call of each operation; only where it is asked for. */
final class ProfilerSection implements Section {
    private static final List<String> WHAT =
            List.of("SpeedOfLight", "LaunchStats", "Occupancy", "MemoryWorkloadAnalysis");

    @Override
    public String name() {
        return "ncu";
    }

    @Override
    public String title() {
        return "Nsight Compute over one call of each operation of a LeNet step, clocks as they are.";
    }

    @Override
    public int share() {
        return 120;
    }

    private static Optional<Path> program() {
        return Machine.program("ncu", "/usr/local/cuda/bin", "/opt/cuda/bin", "/usr/local/bin");
    }

    @Override
    public Optional<String> obstacle(Run run) {
        if (!run.options().ncu() && !run.options().choice().names(name())) {
            return Optional.of("only where --ncu asks for it");
        }
        Optional<String> none = run.machine().whyNoHardware();
        if (none.isPresent()) {
            return none;
        }
        return program().isPresent() ? Optional.empty() : Optional.of("ncu is not installed");
    }

    @Override
    public void run(Run run, Findings findings) {
        Setup own = Setup.own(run.options().libraries());
        profile(run, own, "fp32", findings);
        if (run.machine().hasTf32()) {
            profile(run, own, "tf32", findings);
        }
    }

    private static void profile(Run run, Setup own, String precision, Findings findings) {
        if (run.left() <= 0) {
            findings.cutOff(precision + " was not profiled: no time was left");
            return;
        }
        List<String> words = new ArrayList<>(List.of("--device", run.device(), "--batch", "100"));
        words.addAll(List.of("--reps", "1", "--calls", "1"));
        if (precision.equals("tf32")) {
            words.add("--tf32");
        }
        Program times =
                run.java(own, "2g", OperationTimes.class.getName(), words.toArray(String[]::new));
        List<String> command = new ArrayList<>(List.of(program().orElseThrow().toString()));
        // Clocks are left as they are: the machine may be somebody else's afterwards.
        command.addAll(List.of("--clock-control", "none", "--target-processes", "all", "--csv"));
        WHAT.forEach(section -> command.addAll(List.of("--section", section)));
        String name = "ncu-" + precision;
        Path log = run.logs().resolve(name + ".csv");
        command.addAll(List.of("--log-file", log.toString()));
        command.addAll(times.command());
        Child child = run.run(name, own, new Program(command), run.left());
        if (Files.isRegularFile(log)) {
            findings.text("Its table is " + log.getFileName() + " in " + Logs.ARCHIVE + ".");
        }
        if (child.cutOff()) {
            findings.cutOff(child.failure());
        } else if (!child.isGood()) {
            findings.fault(child.failure());
        }
    }
}
