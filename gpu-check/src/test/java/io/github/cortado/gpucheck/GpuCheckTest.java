package io.github.cortado.gpucheck;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.Arguments.UsageException;
import io.github.cortado.io.Json;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of sections, their time, and the report. */
class GpuCheckTest {
    @TempDir private Path directory = Path.of("");

    /** A section that does what a test wants. */
    private record Scripted(
            String name, int share, Optional<String> obstacle, BiConsumer<Run, Findings> script)
            implements Section {
        @Override
        public String title() {
            return "Title of " + name + ".";
        }

        @Override
        public Optional<String> obstacle(Run run) {
            return obstacle;
        }

        @Override
        public void run(Run run, Findings findings) {
            script.accept(run, findings);
        }
    }

    private static Section section(String name, BiConsumer<Run, Findings> script) {
        return new Scripted(name, 10, Optional.empty(), script);
    }

    private static Section good(String name) {
        return section(name, (run, findings) -> findings.summary("all is well"));
    }

    private boolean check(int budget, Section... sections) throws IOException {
        Section smoke =
                section(
                        "smoke",
                        (run, findings) -> {
                            run.fact("gpu", "a device");
                            run.machine(Machine.of(Found.yes(Map.of()), "cpu"));
                        });
        return check(budget, smoke, List.of(sections));
    }

    private boolean check(int budget, Section smoke, List<Section> sections) throws IOException {
        Files.writeString(directory.resolve("stamp.json"), "{\"commit\": \"abc\"}");
        String out = directory.resolve("report").toString();
        CheckOptions options = CheckOptions.parse(List.of("--out", out, "--budget", "" + budget));
        PrintStream lines =
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return new GpuCheck(options, new Place(directory), smoke, sections, lines).run();
    }

    private String markdown() {
        return read("report/report.md");
    }

    private String read(String file) {
        try {
            return Files.readString(directory.resolve(file));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private Map<?, ?> json() {
        try {
            return (Map<?, ?>) Json.load(directory.resolve("report/report.json"));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** The outcomes of the sections in the JSON report, after the smoke test. */
    private List<String> outcomes() {
        List<String> outcomes = new ArrayList<>();
        for (Object s : (List<?>) json().get("sections")) {
            Map<?, ?> section = (Map<?, ?>) s;
            outcomes.add(section.get("name") + " " + section.get("outcome"));
        }
        return outcomes.subList(1, outcomes.size());
    }

    @Test
    void theReportIsWholeAfterEverySection() throws IOException {
        List<List<String>> seen = new ArrayList<>();
        BiConsumer<Run, Findings> look = (run, findings) -> seen.add(outcomes());
        assertTrue(check(100, section("one", look), section("two", look), good("three")));
        assertEquals(
                List.of(
                        List.of("one not finished", "two not begun", "three not begun"),
                        List.of("one passed", "two not finished", "three not begun")),
                seen);
        assertEquals(List.of("one passed", "two passed", "three passed"), outcomes());
        assertEquals("passed", json().get("outcome"));
        assertEquals(Map.of("commit", "abc"), json().get("sources"));
        assertTrue(markdown().contains("| commit | abc |"), markdown());
        assertTrue(markdown().contains("| gpu | a device |"), markdown());
        assertTrue(markdown().contains("**passed**: all is well"), markdown());
    }

    @Test
    void aNumberThatJsonHasNotIsAWordAndEndsNothing() throws IOException {
        assertTrue(
                check(
                        100,
                        section(
                                "odd",
                                (run, findings) -> {
                                    findings.put("ratio", Double.POSITIVE_INFINITY);
                                    findings.put("all", List.of(1.5, Double.NaN));
                                }),
                        good("next")));
        assertEquals(List.of("odd passed", "next passed"), outcomes());
        Map<?, ?> odd = (Map<?, ?>) ((List<?>) json().get("sections")).get(1);
        assertEquals(Map.of("ratio", "Infinity", "all", List.of(1.5, "NaN")), odd.get("data"));
    }

    @Test
    void whatFailsIsNamedAndTheOthersStillRun() throws IOException {
        assertFalse(
                check(
                        100,
                        section("broken", (run, findings) -> findings.fault("x is 3, not 4")),
                        section(
                                "thrown",
                                (run, findings) -> {
                                    throw new IllegalStateException("out of luck");
                                }),
                        good("last")));
        assertEquals(List.of("broken FAILED", "thrown FAILED", "last passed"), outcomes());
        assertEquals("FAILED", json().get("outcome"));
        assertTrue(markdown().contains("- x is 3, not 4"), markdown());
        assertTrue(markdown().contains("thrown broke off: "), markdown());
        assertTrue(markdown().contains("out of luck"), markdown());
    }

    @Test
    void whatCannotRunSaysWhyAndGetsNoTime() throws IOException {
        List<Double> budgets = new ArrayList<>();
        Section skipped =
                new Scripted(
                        "skipped",
                        1000,
                        Optional.of("there is no such thing here"),
                        (run, findings) -> findings.fault("it must not run"));
        assertTrue(check(100, skipped, section("only", (run, f) -> budgets.add(run.left()))));
        assertEquals(List.of("skipped skipped", "only passed"), outcomes());
        assertTrue(markdown().contains("**skipped**: there is no such thing here"), markdown());
        assertEquals(100 - Run.RESERVE, budgets.get(0), 2);
    }

    @Test
    void aSectionGetsItsShareAndWhatIsLeftOver() throws IOException {
        List<Double> budgets = new ArrayList<>();
        BiConsumer<Run, Findings> note = (run, findings) -> budgets.add(run.left());
        check(90, section("a", note), section("b", note), section("c", note));
        // Thirty seconds each, and nobody takes any.
        assertEquals(30 - Run.RESERVE, budgets.get(0), 2);
        assertEquals(60 - Run.RESERVE, budgets.get(1), 2);
        assertEquals(90 - Run.RESERVE, budgets.get(2), 2);
    }

    @Test
    void whatIsCutOffIsNeitherPassedNorAFault() throws IOException {
        assertFalse(
                check(
                        100,
                        section("slow", (run, findings) -> findings.cutOff("round 2 was not run")),
                        good("next")));
        assertEquals(List.of("slow cut off", "next passed"), outcomes());
        assertTrue(markdown().contains("- round 2 was not run"), markdown());
    }

    @Test
    void oneSectionCanBeAskedForAndAnUnknownOneIsNamed() {
        List<Section> all = List.of(good("a"), good("b"), good("c"));
        assertEquals(
                List.of("a", "c"),
                CheckOptions.parse(List.of("--only", "c,a")).choice().of(all).stream()
                        .map(Section::name)
                        .toList());
        assertEquals(3, CheckOptions.parse(List.of()).choice().of(all).size());
        String message =
                assertThrows(
                                UsageException.class,
                                () -> CheckOptions.parse(List.of("--only", "a,d")).choice().of(all))
                        .getMessage();
        assertTrue(message.contains("'d'; there are a, b, c"), message);
    }

    @Test
    void dataThatIsNotThereIsSaidAtOnce() {
        String message =
                assertThrows(
                                UsageException.class,
                                () -> CheckOptions.parse(List.of("--data", "/no/such/file")))
                        .getMessage();
        assertEquals("--data: there is no /no/such/file", message);
    }

    @Test
    void theWorkingDirectoryIsGoneAfterwards() throws IOException {
        List<Path> work = new ArrayList<>();
        check(
                100,
                section(
                        "writes",
                        (run, findings) -> {
                            work.add(run.work());
                            try {
                                Files.createDirectories(run.work().resolve("a/b"));
                                Files.writeString(run.work().resolve("a/b/c"), "x");
                            } catch (IOException e) {
                                throw new AssertionError(e);
                            }
                        }));
        assertFalse(Files.exists(work.get(0)));
    }
}
