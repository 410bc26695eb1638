import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/** What a visit of gpu-check has to leave behind, whole or cut off: {@code CheckVisit DIRECTORY SECTION...}. */
final class CheckVisit {
    /** What can be fetched from a machine: so many files, each of so many bytes, with plain names. */
    private static final int MOST_FILES = 8;

    private static final long MOST_BYTES = 16 << 20;

    private static final List<String> wrong = new ArrayList<>();

    public static void main(String[] arguments) throws IOException {
        Path directory = Path.of(arguments[0]);
        files(directory);
        report(directory.resolve("report.json"), List.of(arguments).subList(1, arguments.length));
        archive(directory.resolve("logs.zip"), List.of(arguments).contains("example"));
        wrong.forEach(what -> System.err.println("CheckVisit: " + directory + ": " + what));
        System.exit(wrong.isEmpty() ? 0 : 1);
    }

    private static void files(Path directory) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(directory)) {
            files = all.filter(Files::isRegularFile).sorted().toList();
        }
        System.out.println("CheckVisit: " + files);
        must(files.size() <= MOST_FILES, "there are " + files.size() + " files: " + files);
        for (Path file : files) {
            must(Files.size(file) <= MOST_BYTES, file + " has " + Files.size(file) + " bytes");
            must(file.getFileName().toString().matches("[A-Za-z0-9._-]+"), file + " has an odd name");
        }
    }

    /** These sections have passed; what is said of the others is that they have ended, and how. */
    private static void report(Path file, List<String> expected) throws IOException {
        Map<?, ?> report = (Map<?, ?>) Json.load(file);
        List<String> passed = new ArrayList<>();
        for (Object s : (List<?>) report.get("sections")) {
            Map<?, ?> section = (Map<?, ?>) s;
            String name = String.valueOf(section.get("name"));
            switch (String.valueOf(section.get("outcome"))) {
                case "passed" -> passed.add(name);
                case "FAILED" -> wrong.add(name + " failed: " + section.get("failed"));
                case "cut off" -> System.out.println("CheckVisit: " + name + ": " + section.get("cut_off"));
                case "skipped" -> System.out.println("CheckVisit: " + name + ": " + section.get("summary"));
                default -> wrong.add(name + " has not ended");
            }
        }
        must(passed.containsAll(expected), "only these sections passed: " + passed);
    }

    /** Every log can be read, and the bundle's Java has drawn pictures. */
    private static void archive(Path file, boolean pictures) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : (Iterable<ZipEntry>) zip.stream().map(e -> (ZipEntry) e)::iterator) {
                must(zip.getInputStream(entry).readAllBytes().length == entry.getSize(), entry + "");
            }
            must(zip.getEntry("smoke.out") != null, "there is no log of the smoke test");
            must(!pictures || zip.getEntry("example/loss.png") != null, "no pictures are drawn");
        }
    }

    private static void must(boolean is, String otherwise) {
        if (!is) {
            wrong.add(otherwise);
        }
    }
}
