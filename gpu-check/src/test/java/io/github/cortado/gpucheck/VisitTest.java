package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.benchmarks.Program;
import io.github.cortado.io.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A visit to a machine that is lent: what it leaves behind, whatever ends it. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "SKIPPED: the programs are shell scripts")
class VisitTest {
    /** What may be fetched from a machine. */
    private static final int MOST_FILES = 8;

    @TempDir private Path directory = Path.of("");

    /** A section that does what a test wants. */
    private record Scripted(String name, BiConsumer<Run, Findings> script) implements Section {
        @Override
        public String title() {
            return "Title of " + name + ".";
        }

        @Override
        public int share() {
            return 10;
        }

        @Override
        public Optional<String> obstacle(Run run) {
            return Optional.empty();
        }

        @Override
        public void run(Run run, Findings findings) {
            script.accept(run, findings);
        }
    }

    private static final Section GOOD =
            new Scripted(
                    "smoke",
                    (run, findings) -> run.machine(Machine.of(Found.yes(Map.of()), "cpu")));

    private static Section programs(String name, String... scripts) {
        return new Scripted(
                name,
                (run, findings) -> {
                    for (String script : scripts) {
                        run.answer(name, Setup.own(""), shell(script), findings);
                    }
                });
    }

    private static Program shell(String script) {
        return new Program(List.of("/bin/sh", "-c", script));
    }

    private boolean check(Section smoke, Section... sections) throws IOException {
        CheckOptions options = CheckOptions.parse(List.of("--out", report().toString()));
        PrintStream lines =
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new GpuCheck(options, new Place(directory), smoke, List.of(sections), lines).run();
    }

    private Path report() {
        return directory.resolve("report");
    }

    private String markdown() throws IOException {
        return Files.readString(report().resolve(Report.MARKDOWN));
    }

    private String outcome(String section) throws IOException {
        Map<?, ?> all = (Map<?, ?>) Json.load(report().resolve(Report.JSON));
        return ((List<?>) all.get("sections"))
                .stream()
                        .map(s -> (Map<?, ?>) s)
                        .filter(s -> section.equals(s.get("name")))
                        .map(s -> s.get("outcome").toString())
                        .findFirst()
                        .orElseThrow();
    }

    /** What a caller would fetch. */
    private SortedSet<String> files() {
        try (Stream<Path> all = Files.walk(report())) {
            TreeSet<String> names = new TreeSet<>();
            all.filter(Files::isRegularFile)
                    .forEach(f -> names.add(report().relativize(f).toString()));
            return names;
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void thereAreNeverMoreThanEightFilesAndTheLogsAreInOneOfThem() throws Exception {
        TreeSet<Integer> counts = new TreeSet<>();
        Section many =
                new Scripted(
                        "many",
                        (run, findings) -> {
                            for (int i = 0; i < 5; i++) {
                                run.run("p" + i, Setup.own(""), shell("echo said " + i), 20);
                                counts.add(files().size());
                            }
                        });
        assertTrue(check(GOOD, many));
        assertTrue(counts.last() <= MOST_FILES, counts.toString());
        assertEquals(List.of("logs.zip", "report.json", "report.md"), List.copyOf(files()));
        try (ZipFile zip = new ZipFile(report().resolve("logs.zip").toFile())) {
            byte[] said = zip.getInputStream(zip.getEntry("p3.out")).readAllBytes();
            assertEquals("said 3\n", new String(said, StandardCharsets.UTF_8));
            assertEquals(5 * 3, zip.size());
        }
    }

    @Test
    void theLogsOfAProgramThatStillRunsAreThereAndLongOnesAreShortened() throws Exception {
        Path logs = Files.createDirectories(directory.resolve("logs"));
        byte[] much = new byte[Logs.LONGEST + 1000];
        IntStream.range(0, much.length).forEach(i -> much[i] = (byte) ('a' + i % 26));
        Files.write(logs.resolve("much.out"), much);
        new Logs(logs).pack(directory);
        try (ZipFile zip = new ZipFile(directory.resolve("logs.zip").toFile())) {
            String kept =
                    new String(
                            zip.getInputStream(zip.getEntry("much.out")).readAllBytes(),
                            StandardCharsets.US_ASCII);
            assertTrue(kept.contains("\n... 1000 bytes are left out here ...\n"));
            assertTrue(kept.startsWith("abc"));
            assertEquals(much[much.length - 1], kept.charAt(kept.length() - 1));
        }
    }

    @Test
    void whereTheSmokeTestFailsNothingElseIsRunAndTheCauseIsNamed() throws IOException {
        Section smoke =
                new Scripted(
                        "smoke", (run, findings) -> findings.fault("no CUDA driver: error 999"));
        Section next = new Scripted("next", (run, findings) -> findings.fault("it must not run"));
        assertFalse(check(smoke, next));
        assertTrue(markdown().contains("- no CUDA driver: error 999"), markdown());
        assertTrue(markdown().contains("- not begun: the smoke test FAILED"), markdown());
        assertFalse(markdown().contains("it must not run"), markdown());
    }

    @Test
    void aSignalEndsTheProgramThatRunsAndTheReportSaysWhatWasCutOff() throws Exception {
        String slow = "echo '{\"n\": 7, \"partial\": true}'; sleep 100";
        Section stopped =
                new Scripted(
                        "slow",
                        (run, findings) -> {
                            Thread signal = new Thread(run::stop);
                            new Thread(() -> later(signal)).start();
                            findings.put(
                                    "answer",
                                    run.answer("slow", Setup.own(""), shell(slow), findings)
                                            .orElseThrow());
                            run.answer("other", Setup.own(""), shell("echo '{}'"), findings);
                            run.run("another", Setup.own(""), shell("echo '{}'"), 20);
                            findings.fault("a program was started");
                        });
        long begun = System.nanoTime();
        assertFalse(check(GOOD, programs("first", "echo '{}'"), stopped, programs("last", "x")));
        assertTrue(System.nanoTime() - begun < 20e9);
        assertEquals("passed", outcome("first"));
        assertEquals("cut off", outcome("slow"));
        assertEquals("cut off", outcome("last"));
        assertTrue(markdown().contains("when gpu-check was stopped"), markdown());
        assertTrue(markdown().contains("What it had said by then is used."), markdown());
        assertTrue(markdown().contains("- not begun: gpu-check was stopped"), markdown());
        assertTrue(
                markdown().contains("| stopped | by a signal, during the section slow |"),
                markdown());
    }

    private static void later(Thread work) {
        try {
            Thread.sleep(500);
            work.start();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aSignalThatReachesTheProgramFirstIsNoFaultOfIt() throws IOException {
        Section signalled =
                new Scripted(
                        "signalled",
                        (run, findings) -> {
                            new Thread(() -> later(new Thread(run::stop))).start();
                            run.answer("p", Setup.own(""), shell("kill -TERM $$"), findings);
                        });
        assertFalse(check(GOOD, signalled));
        assertEquals("cut off", outcome("signalled"));
    }

    private static final String ALL =
            "environment tests libraries sanitizer kernels lenet steadiness example ncu";

    private static List<String> names(String... words) {
        List<Section> all =
                Stream.of(ALL.split(" "))
                        .map(name -> (Section) new Scripted(name, (run, findings) -> {}))
                        .toList();
        CheckOptions options = CheckOptions.parse(List.of(words));
        return options.choice().of(all).stream().map(s -> s.name() + " " + s.share()).toList();
    }

    @Test
    void aVisitHasTwoHalvesWithWhatIsWorthMostFirst() {
        assertEquals(
                List.of("environment 25", "tests 90", "kernels 60", "lenet 105"),
                names("visit", "--half", "1"));
        assertEquals(
                List.of("libraries 70", "sanitizer 80", "steadiness 30", "example 50"),
                names("visit", "--half", "2"));
        assertEquals(
                List.of(
                        "kernels 10",
                        "sanitizer 10",
                        "libraries 70",
                        "steadiness 30",
                        "example 50"),
                names("visit", "--half", "2", "--again", "kernels,sanitizer"));
        assertEquals(320, CheckOptions.parse(List.of("visit", "--half", "1")).budget());
        assertEquals(270, CheckOptions.parse(List.of("visit", "--half", "2")).budget());
        assertEquals(
                100,
                CheckOptions.parse(List.of("visit", "--half", "2", "--budget", "100")).budget());
        assertEquals(470, CheckOptions.parse(List.of()).budget());
    }

    @Test
    void whatAVisitCannotBeIsRefused() {
        assertThrows(UsageException.class, () -> CheckOptions.parse(List.of("visit")));
        assertThrows(
                UsageException.class, () -> CheckOptions.parse(List.of("visit", "--half", "3")));
        assertThrows(
                UsageException.class,
                () -> CheckOptions.parse(List.of("visit", "--half", "1", "--again", "tests")));
        assertThrows(UsageException.class, () -> CheckOptions.parse(List.of("--half", "1")));
        assertThrows(UsageException.class, () -> names("visit", "--half", "2", "--again", "x"));
    }
}
