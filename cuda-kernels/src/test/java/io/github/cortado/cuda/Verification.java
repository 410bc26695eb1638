package io.github.cortado.cuda;

import io.github.cortado.io.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The table of the module's README: every operation, what computes it, and how that was verified.
 * Made from what {@link LaunchRecorder} wrote down and from the reports of GPUs; {@link #main}
 * writes it.
 */
final class Verification {
    static final String COMMAND =
            "mvn -pl cuda-kernels test exec:exec@verification -DskipVerification";
    static final Path README = Path.of("README.md");

    private static final String BEGIN = "<!-- verification: " + COMMAND + " -->\n";
    private static final String END = "<!-- end of verification -->\n";
    private static final Path REPORTS = Path.of("..", "docs", "results", "gpu");
    private static final String CONTRACT = "CudaBackendContractTest";
    private static final String LIBRARIES_CONTRACT = "LibrariesContractTest";
    private static final Pattern OPERATION = Pattern.compile("(\\w+), (\\d+) cases");
    private static final Pattern COMPUTES =
            Pattern.compile(
                    "cublas\\w*Gemm\\w*|cudnn(Convolution|Pooling|Activation|Dropout)(Bias)?"
                            + "(Activation)?(Forward|Backward)(Data|Filter|Bias)?|cudnnAddTensor");
    private static final String NEITHER = "–";

    private final List<Line> lines;
    private final List<GpuReport> gpus;

    /** What one test had run. */
    private record Line(String test, String name, Set<String> kernels, Set<String> functions) {}

    /** The outcome of every test on a GPU: in its two sections, by class and test. */
    private record GpuReport(
            String machine, Map<String, String> own, Map<String, String> libraries) {}

    private Verification(List<Line> lines, List<GpuReport> gpus) {
        this.lines = lines;
        this.gpus = gpus;
    }

    /** Writes the table into the README. */
    public static void main(String[] arguments) throws IOException {
        String readme = Files.readString(README);
        Files.writeString(README, readme.replace(table(readme), read().table()));
        System.out.println(README);
    }

    /** Reads what the tests and the GPUs left. */
    static Verification read() throws IOException {
        List<Line> lines = new ArrayList<>();
        for (String run : List.of("own", "libraries", "cublas-13")) {
            Path file = LaunchRecorder.DIRECTORY.resolve(run + ".tsv");
            if (Files.exists(file)) {
                Files.readAllLines(file).stream().map(Verification::line).forEach(lines::add);
            }
        }
        List<GpuReport> gpus = new ArrayList<>();
        try (Stream<Path> all = Files.walk(REPORTS)) {
            for (Path file : all.filter(f -> f.endsWith("report.json")).sorted().toList()) {
                gpus.add(gpu(file));
            }
        }
        return new Verification(lines, gpus);
    }

    /** The table that stands in the README. */
    static String table(String readme) {
        int begin = readme.indexOf(BEGIN);
        int end = readme.indexOf(END);
        if (begin < 0 || end < begin) {
            throw new IllegalStateException(README + " has no lines " + BEGIN + " and " + END);
        }
        return readme.substring(begin, end);
    }

    private static Line line(String text) {
        String[] f = text.split("\t", -1);
        return new Line(f[0], f[1], set(f[2]), set(f[3]));
    }

    private static Set<String> set(String text) {
        return text.isEmpty() ? Set.of() : new TreeSet<>(List.of(text.split(",")));
    }

    private static GpuReport gpu(Path file) {
        Object report;
        try {
            report = Json.parse(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new GpuReport(
                file.getParent().getFileName().toString(),
                outcomes(report, "tests"),
                outcomes(report, "libraries"));
    }

    private static Map<String, String> outcomes(Object report, String section) {
        Map<String, String> all = new TreeMap<>();
        if (report instanceof Map<?, ?> r && r.get("sections") instanceof List<?> sections) {
            for (Object s : sections) {
                if (s instanceof Map<?, ?> part
                        && section.equals(part.get("name"))
                        && part.get("data") instanceof Map<?, ?> data
                        && data.get("results") instanceof Map<?, ?> results
                        && results.get("tests") instanceof List<?> tests) {
                    for (Object t : tests) {
                        Map<?, ?> test = (Map<?, ?>) t;
                        all.put(
                                String.valueOf(test.get("test")),
                                String.valueOf(test.get("status")));
                    }
                }
            }
        }
        return all;
    }

    /** Kernels that no test launched. */
    Set<String> unlaunched() {
        Set<String> all =
                Arrays.stream(Kernel.values())
                        .map(Kernel::function)
                        .collect(Collectors.toCollection(TreeSet::new));
        lines.forEach(line -> all.removeAll(line.kernels));
        return all;
    }

    /** Whether the run of the contract on our own kernels left its lines. */
    boolean isComplete() {
        return Stream.of(CONTRACT, LIBRARIES_CONTRACT)
                .allMatch(test -> lines.stream().anyMatch(line -> line.test.equals(test)));
    }

    String table() {
        StringBuilder s = new StringBuilder(BEGIN);
        s.append(
                        "\n| operation | our kernels | or | cases passed on the emulated driver | on a GPU |\n")
                .append("|---|---|---|---|---|\n");
        Map<String, Line> operations = byOperation(CONTRACT);
        Map<String, Line> alternatives = byOperation(LIBRARIES_CONTRACT);
        operations.forEach(
                (operation, own) -> {
                    Matcher m = OPERATION.matcher(own.name);
                    m.matches();
                    Line other = alternatives.get(operation);
                    String library = other == null ? "" : libraries(other.functions);
                    String cases = m.group(2) + (library.isEmpty() ? "" : ", also by " + library);
                    s.append("| `").append(operation).append("` | ").append(names(own.kernels));
                    s.append(" | ").append(library.isEmpty() ? NEITHER : library).append(" | ");
                    s.append(cases).append(" | ").append(onGpus(own, other)).append(" |\n");
                });
        others(s, operations.values());
        s.append("\nOn GPUs: ")
                .append(
                        gpus.isEmpty()
                                ? "none yet. Nothing here has been verified on hardware."
                                : gpus.stream()
                                        .map(GpuReport::machine)
                                        .collect(Collectors.joining(", ")))
                .append("\n\n");
        return s.toString();
    }

    /** Tests that are not of the contract; their number depends on what a machine has. */
    private void others(StringBuilder s, Collection<Line> operations) {
        s.append("\n| passed on the emulated driver too | kernels besides those above |")
                .append(" functions of libraries | on a GPU |\n|---|---|---|---|\n");
        Set<String> above = new TreeSet<>();
        operations.forEach(line -> above.addAll(line.kernels));
        Map<String, List<Line>> byTest = new TreeMap<>();
        for (Line line : lines) {
            if (!OPERATION.matcher(line.name).matches()) {
                byTest.computeIfAbsent(line.test, t -> new ArrayList<>()).add(line);
            }
        }
        byTest.forEach(
                (test, all) -> {
                    Set<String> kernels = new TreeSet<>();
                    Set<String> functions = new TreeSet<>();
                    for (Line line : all) {
                        kernels.addAll(line.kernels);
                        functions.addAll(line.functions);
                    }
                    kernels.removeAll(above);
                    functions.removeIf(f -> !COMPUTES.matcher(f).matches());
                    s.append("| `").append(test).append("` | ").append(names(kernels));
                    s.append(" | ").append(names(functions)).append(" | ").append(onGpus(test));
                    s.append(" |\n");
                });
    }

    private Map<String, Line> byOperation(String test) {
        Map<String, Line> all = new TreeMap<>();
        for (Line line : lines) {
            Matcher m = OPERATION.matcher(line.name);
            if (line.test.equals(test) && m.matches()) {
                all.put(m.group(1), line);
            }
        }
        return all;
    }

    private static String libraries(Set<String> functions) {
        Set<String> libraries = new TreeSet<>();
        for (String function : functions) {
            if (COMPUTES.matcher(function).matches()) {
                libraries.add(function.startsWith("cublas") ? "cuBLAS" : "cuDNN");
            }
        }
        return String.join(", ", libraries);
    }

    private static String names(Set<String> names) {
        return names.isEmpty()
                ? NEITHER
                : names.stream().map(n -> "`" + n + "`").collect(Collectors.joining(", "));
    }

    private String onGpus(Line own, @Nullable Line other) {
        String byOwn = outcomes(GpuReport::own, name -> name.endsWith(" > " + own.name), CONTRACT);
        String byLibraries =
                other == null
                        ? ""
                        : outcomes(
                                GpuReport::libraries,
                                name -> name.endsWith(" > " + other.name),
                                LIBRARIES_CONTRACT);
        return byLibraries.isEmpty() || byLibraries.equals(byOwn)
                ? byOwn
                : byOwn + "; by library " + byLibraries;
    }

    private String onGpus(String test) {
        return outcomes(
                report -> {
                    Map<String, String> both = new TreeMap<>(report.libraries);
                    both.putAll(report.own);
                    return both;
                },
                name -> true,
                test);
    }

    /** One word for each of the outcomes, for every GPU that has any. */
    private String outcomes(
            Function<GpuReport, Map<String, String>> section,
            Predicate<String> isMeant,
            String test) {
        List<String> all = new ArrayList<>();
        for (GpuReport report : gpus) {
            Map<String, Long> counts =
                    section.apply(report).entrySet().stream()
                            .filter(e -> e.getKey().startsWith(test + " > "))
                            .filter(e -> isMeant.test(e.getKey()))
                            .collect(
                                    Collectors.groupingBy(
                                            Map.Entry::getValue,
                                            TreeMap::new,
                                            Collectors.counting()));
            if (!counts.isEmpty()) {
                all.add(
                        report.machine
                                + ": "
                                + counts.entrySet().stream()
                                        .map(
                                                e ->
                                                        String.format(
                                                                Locale.ROOT,
                                                                "%d %s",
                                                                e.getValue(),
                                                                e.getKey()))
                                        .collect(Collectors.joining(", ")));
            }
        }
        return all.isEmpty() ? "not yet" : String.join("; ", all);
    }
}
