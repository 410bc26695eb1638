package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Processor;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What is here, and whether the device can be used at all: facts that cost nothing, then one
 * process that opens the device and computes a little of everything. Where it fails, nothing else
 * is worth its time.
 */
final class SmokeSection implements Section {
    /** Seconds for a process that computes a little, be it the first that compiles kernels. */
    static final double START_SECONDS = 90;

    /** Part of the time that is left after the device has been found usable. */
    private static final double LOOKING = 0.25;

    private static final List<String> TOOLS = List.of("compute-sanitizer", "ncu", "nvcc", "g++");
    private static final String EXAMPLE = "io.github.cortado.example.cifar.Main";

    @Override
    public String name() {
        return "smoke";
    }

    @Override
    public String title() {
        return "The first process on this device: a kernel of every kind of launch, products and"
                + " sums beside the CPU's, LeNet's steps as they are written beside the CPU's and"
                + " recorded beside those bit by bit. Where it fails, nothing else is run.";
    }

    @Override
    public int share() {
        return 25;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        return Optional.empty();
    }

    @Override
    public void run(Run run, Findings findings) {
        system(run);
        run.publish();
        Optional<Path> smi = SystemManagement.facts(run);
        Found<Map<?, ?>> start = start(run, smi);
        run.machine(Machine.of(start, run.device()));
        if (!start.isThere()) {
            run.fact("gpu", "none: " + start.why());
            findings.fault(start.why());
            doctor(run, findings);
            return;
        }
        describe(run, start.get(), findings);
        run.publish();
        run.until(Deadline.in(LOOKING * run.left()));
        run.machine(run.machine().look(run));
    }

    private static void system(Run run) {
        run.fact(
                "processor",
                Processor.here().name()
                        + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " threads");
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            run.fact("memory", (system.getTotalMemorySize() >> 30) + " GiB");
        }
        run.fact(
                "system",
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + ", "
                        + System.getProperty("os.arch"));
        run.fact(
                "java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        Map<String, Object> tools = new LinkedHashMap<>();
        for (String tool : TOOLS) {
            tools.put(tool, Machine.program(tool).map(Path::toString).orElse("none"));
        }
        tools.put("python", Machine.program("python3").map(Path::toString).orElse("none"));
        run.fact("programs", tools);
    }

    private static Found<Map<?, ?>> start(Run run, Optional<Path> smi) {
        Setup own = Setup.own(run.options().libraries());
        Child first = run.run("smoke", own, StartUp.smoke(run, own, smi), START_SECONDS);
        if (first.ending() == Child.Ending.STOPPED) {
            throw new StoppedException("smoke: " + first.failure());
        }
        return first.whole().isPresent()
                ? Found.yes(first.whole().get())
                : Found.no("device " + run.device() + " cannot be used: " + Machine.whyNot(first));
    }

    private static void describe(Run run, Map<?, ?> answer, Findings findings) {
        run.fact("gpu", String.valueOf(answer.get("device")));
        if (answer.get("clocks_at_work") instanceof Map<?, ?> clocks) {
            run.fact("clocks at work", clocks);
        }
        if (run.isSmall()) {
            run.fact("rehearsal", "kernels run on the CPU: no figure here is a GPU's");
        }
        findings.put("answer", answer);
        if (answer.get("report") instanceof List<?> lines) {
            String text = String.join("\n", lines.stream().map(Object::toString).toList());
            findings.text("```\n" + text + "\n```");
        }
        findings.summary(answer.get("checked") + "; " + answer.get("device"));
    }

    /** It tells what was found of the driver, whatever is wrong with it. */
    private static void doctor(Run run, Findings findings) {
        Setup own = Setup.own(run.options().libraries());
        Child doctor = run.run("doctor", own, run.java(own, "1g", EXAMPLE, "doctor"), run.left());
        findings.text("```\n" + doctor.text().strip() + "\n```");
    }
}
