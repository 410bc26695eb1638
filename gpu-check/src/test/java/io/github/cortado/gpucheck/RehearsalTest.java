package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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

    /** Has looked for everything but a device: that is the CPU. */
    private static void looked(Run run) {
        run.machine(Machine.of(Found.yes(Map.of()), "cpu").look(run));
    }

    @Test
    void theMachineSaysWhatItHasAndWhatNot() throws IOException {
        try (Run run = run()) {
            Findings findings = new Findings();
            new SmokeSection().run(run, findings);
            assertEquals(List.of(), findings.faults());
            assertTrue(findings.summary().contains("products, "), findings.summary());
            assertTrue(findings.summary().contains("recorded steps"), findings.summary());
            assertTrue(run.facts().keySet().containsAll(List.of("processor", "nvidia-smi")));
            Machine machine = run.machine();
            assertTrue(machine.start().isThere());
            assertTrue(machine.rehearsal());
            assertEquals(List.of("/l"), machine.peer().get().libraries());
            assertTrue(machine.peer().get().description().startsWith("PyTorch 9.9"));
            assertEquals("cpu is no GPU", machine.libraries().why());
            assertTrue(new SanitizerSection().obstacle(run).orElseThrow().contains("no GPU"));
            assertTrue(TestsSection.own().obstacle(run).orElseThrow().contains("not of cpu"));
        }
    }

    private static void later(Runnable work) {
        try {
            Thread.sleep(400);
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSignalDuringTheSmokeTestSaysNothingAgainstTheDevice() throws Exception {
        try (Run run = run()) {
            run.until(Deadline.in(100));
            Findings findings = new Findings();
            Thread signal = new Thread(() -> later(run::stop));
            signal.start();
            assertThrows(StoppedException.class, () -> new SmokeSection().run(run, findings));
            assertEquals(List.of(), findings.faults());
            run.close();
            signal.join();
        }
    }

    @Test
    void aDeviceThatIsNotThereIsAReason() throws IOException {
        List<String> line =
                List.of("--out", directory.resolve("r").toString(), "--device", "cuda:7");
        try (Run run = new Run(CheckOptions.parse(line), new Place(directory), () -> {})) {
            Findings findings = new Findings();
            new SmokeSection().run(run, findings);
            String why = findings.faults().get(0);
            assertTrue(why.startsWith("device cuda:7 cannot be used: "), why);
            assertTrue(why.endsWith("(opening the device)"), why);
            assertEquals(why, new LeNetSection().obstacle(run).orElseThrow());
            assertTrue(String.valueOf(run.facts().get("gpu")).startsWith("none: "));
        }
    }

    @Test
    void leNetIsComparedWithThePeer() throws IOException {
        try (Run run = run()) {
            looked(run);
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
    void noTwoProgramsThatAreComparedAreTheSame() throws IOException {
        try (Run run = run()) {
            Found<Setup> libraries = Found.yes(Setup.libraries("/l", "cublas,cudnn"));
            run.machine(new Machine(Found.yes(Map.of()), true, libraries, Found.no("not here")));
            List<LeNetSection.Contender> all = LeNetSection.contenders(run, "fp32");
            assertEquals(
                    List.of(
                            "own kernels, graph, fp32",
                            "libraries, forced, graph, fp32",
                            "tuned, graph, fp32",
                            "own kernels, eager, fp32"),
                    all.stream().map(LeNetSection.Contender::title).toList());
            // By the committed table our own kernels compute all of this step.
            String command = String.join(" ", all.get(1).program().get().command());
            for (String family : List.of("matmul=cublas", "conv=cudnn", "pool=cudnn")) {
                assertTrue(command.contains("-Dcortado.cuda." + family + " "), command);
            }
            assertTrue(command.contains(" -Xmx4g "), command);
        }
    }

    @Test
    void theSanitizerSeesBlocksThatEndWhereTheirAllocationsEnd() throws IOException {
        try (Run run = run()) {
            Map<String, String> properties = SanitizerSection.setup(run).properties();
            assertEquals("exact", properties.get("cortado.cuda.memory"));
            assertEquals("own", properties.get("cortado.cuda.use"));
        }
    }

    @Test
    void aPeerThatFailsIsSaidAndNoFault() throws IOException {
        Files.createFile(directory.resolve("python.broken"));
        try (Run run = run()) {
            looked(run);
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
            looked(run);
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
