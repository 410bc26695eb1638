package io.github.cortado.benchmarks.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Sections on the CPU, beside a PyTorch that is a shell script. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "SKIPPED: the peer is a shell script")
class RehearsalTest {
    /** Which script it is asked to run decides what it answers. */
    private static final String PYTHON =
            """
            #!/bin/sh
            case "$1 $*" in
              *probe_torch.py*)
                echo '{"torch": "9.9", "python": "3.99", "gpu": false, "libraries": ["/l"]}' ;;
              *eager*)
                test -e "$0.broken" && echo 'no such mode' >&2 && exit 3
                echo 'a warning'; echo '{"images_per_second": [100, 300], "median": 200}' ;;
            esac
            """;

    @TempDir private Path directory = Path.of("");
    private Path python = Path.of("");

    @BeforeEach
    void aPython() throws IOException {
        python = directory.resolve("python");
        Files.writeString(python, PYTHON);
        Files.setPosixFilePermissions(python, PosixFilePermissions.fromString("rwx------"));
    }

    private Run run() throws IOException {
        List<String> line =
                List.of(
                        "--out",
                        directory.resolve("report").toString(),
                        "--device",
                        "cpu",
                        "--python",
                        python.toString());
        return new Run(CheckOptions.parse(line), new Place(directory), () -> {});
    }

    @Test
    void theMachineSaysWhatItHasAndWhatNot() throws IOException {
        try (Run run = run()) {
            Machine machine = Machine.look(run);
            assertTrue(machine.start().isThere());
            assertTrue(machine.rehearsal());
            assertEquals(List.of("/l"), machine.peer().get().libraries());
            assertTrue(machine.peer().get().description().startsWith("PyTorch 9.9"));
            assertEquals("cpu is no GPU", machine.libraries().why());
            run.machine(machine);
            assertTrue(new SanitizerSection().obstacle(run).orElseThrow().contains("no GPU"));
            assertTrue(TestsSection.own().obstacle(run).orElseThrow().contains("not of cpu"));
        }
    }

    @Test
    void aDeviceThatIsNotThereIsAReason() throws IOException {
        List<String> line =
                List.of("--out", directory.resolve("r").toString(), "--device", "cuda:7");
        try (Run run = new Run(CheckOptions.parse(line), new Place(directory), () -> {})) {
            run.machine(Machine.look(run));
            String why = new LeNetSection().obstacle(run).orElseThrow();
            assertTrue(why.startsWith("there is no device cuda:7: "), why);
            Findings findings = new Findings();
            new EnvironmentSection().run(run, findings);
            assertEquals(Findings.Status.FAILED, findings.status());
        }
    }

    @Test
    void leNetIsComparedWithThePeer() throws IOException {
        try (Run run = run()) {
            run.machine(Machine.look(run));
            Findings findings = new Findings();
            new LeNetSection().run(run, findings);
            Map<?, ?> programs = (Map<?, ?>) findings.data().get("programs");
            Map<?, ?> peer = (Map<?, ?>) programs.get("PyTorch, eager, fp32");
            // The median of 100 and 300 pictures a second; an epoch has 50,000.
            assertEquals(250_000.0, peer.get("milliseconds"));
            Map<?, ?> ours = (Map<?, ?>) programs.get("own kernels, graph, fp32");
            double rate = 50e6 / (Double) ours.get("milliseconds");
            Map<?, ?> ratios = (Map<?, ?>) findings.data().get("ratios");
            assertEquals(
                    rate / 200,
                    (Double) ratios.get("own kernels, graph, fp32 / PyTorch eager"),
                    1e-9 * rate);
            assertEquals(List.of(), findings.faults());
        }
    }

    @Test
    void aPeerThatFailsIsSaidAndNoFault() throws IOException {
        Files.createFile(directory.resolve("python.broken"));
        try (Run run = run()) {
            run.machine(Machine.look(run));
            Findings findings = new Findings();
            new LeNetSection().run(run, findings);
            assertEquals(List.of(), findings.faults());
            String notes = findings.notes().toString();
            assertTrue(notes.contains("PyTorch, eager, fp32: "), notes);
            assertTrue(notes.contains("no such mode"), notes);
            assertTrue(findings.summary().startsWith("own kernels, graph"), findings.summary());
        }
    }

    @Test
    void stepsAreSteadyOnTheCpu() throws IOException {
        try (Run run = run()) {
            run.machine(Machine.look(run));
            run.until(Deadline.in(30));
            Findings findings = new Findings();
            new SteadinessSection().run(run, findings);
            Map<?, ?> results = (Map<?, ?>) findings.data().get("results");
            assertEquals(true, results.get("same_bits_again"));
            assertEquals(true, results.get("same_bits_recorded"));
            assertEquals(results.get("bits"), findings.data().get("second_process_bits"));
        }
    }
}
