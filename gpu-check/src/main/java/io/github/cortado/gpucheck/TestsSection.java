package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Program;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The tests that need a GPU: the contract of every backend, PyTorch's answers, LeNet's steps as the
 * CPU makes them and recorded, dropout masks, augmented pictures, and memory.
 */
final class TestsSection implements Section {
    /** More than any run has; the section's own time ends it. */
    private static final double NO_LIMIT = 100_000;

    /** Seconds of tests that show that they run; all of them run in the build. */
    private static final double REHEARSED = 8;

    private final boolean withLibraries;

    private TestsSection(boolean withLibraries) {
        this.withLibraries = withLibraries;
    }

    /** On the driver alone. */
    static Section own() {
        return new TestsSection(false);
    }

    /** With cuBLAS and cuDNN, wherever they can compute. */
    static Section libraries() {
        return new TestsSection(true);
    }

    @Override
    public String name() {
        return withLibraries ? "libraries" : "tests";
    }

    @Override
    public String title() {
        return withLibraries
                ? "The same tests, with every matrix product and convolution by NVIDIA's libraries."
                : "Every operation against the scalar CPU backend and PyTorch's answers, training"
                        + " steps against the CPU's, recorded steps against written ones bit by bit,"
                        + " memory; our own kernels, with nothing but the driver.";
    }

    @Override
    public int share() {
        return 40;
    }

    @Override
    public Optional<String> obstacle(Run run) {
        if (!run.device().equals(CheckOptions.CUDA)) {
            return Optional.of("these are tests of the CUDA backend, not of " + run.device());
        }
        return withLibraries
                ? run.machine().libraries().obstacle()
                : run.machine().start().obstacle();
    }

    @Override
    public void run(Run run, Findings findings) {
        Setup setup =
                withLibraries
                        ? run.machine().libraries().get().forced()
                        : Setup.own(run.options().libraries());
        Setup onGpu = setup.with("cortado.test.gpu", "true");
        Deadline end = Deadline.in(run.isSmall() ? REHEARSED : NO_LIMIT);
        TestProcesses processes =
                TestProcesses.run(
                        run,
                        name(),
                        (log, done) -> {
                            Program program = program(run, onGpu, end.left(), done);
                            return run.run(log, onGpu, program, run.left(), TestProcesses.SILENCE);
                        });
        TestRun tests = processes.tests();
        findings.put("properties", setup.properties());
        findings.put("processes", processes.processes());
        findings.put("results", tests.json());
        findings.text(tests.table().markdown());
        findings.summary(tests.summary());
        processes.report(findings);
    }

    private Program program(Run run, Setup onGpu, double seconds, Path done) {
        return run.java(
                onGpu,
                TestRun.HEAP,
                TestRun.PROGRAM,
                "" + seconds,
                withLibraries ? TestRun.WITH_LIBRARIES : TestRun.DRIVER_ONLY,
                done.toString());
    }
}
