package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;

/**
 * Builds a {@code libcublas.so.12}, a {@code libcublas.so.13} and a {@code libcudnn.so.9} that
 * compute on the CPU, over the memory and the streams of the emulated driver: {@code
 * src/test/emulator/libraries}. Names and versions of symbols are those of the real ones.
 */
final class EmulatedLibraries {
    private static final Set<String> ALL_CALLS = new TreeSet<>();

    /** Statuses whose description is asked for mean something else to the emulated libraries. */
    private static final int REPORT_CALLS = -1;

    private static final int FAIL_TO_START = -2;
    private static final int LOSE_PART = -100;

    /** A library of which cuDNN makes use when it is first wanted; as in {@code cudnn.h}. */
    enum Part {
        NONE(0),
        HEURISTICS(1),
        ENGINES(2);

        private final int number;

        Part(int number) {
            this.number = number;
        }
    }

    private static final List<String> FLAGS =
            List.of("-O2", "-std=c++17", "-fPIC", "-shared", "-ffp-contract=off", "-Wall");

    private final Path driver;
    private final Path directory;

    private EmulatedLibraries(Path driver, Path directory) {
        this.driver = driver;
        this.directory = directory;
    }

    /**
     * The directory with directories {@code cublas12}, {@code cublas13} and {@code cudnn}, built
     * now if need be.
     *
     * @param driver the directory of the emulated driver that they run on
     */
    static Path build(Path driver) {
        List<String> texts = new ArrayList<>(FLAGS);
        sources().forEach(f -> texts.add(KernelSources.text(f)));
        String hash = KernelSources.hash(texts).substring(0, 16);
        Path built = driver.resolve("libraries-" + hash);
        if (!Files.exists(built)) {
            try {
                Path making = Files.createTempDirectory(driver, "making-");
                new EmulatedLibraries(driver, making).build();
                Files.move(making, built, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return built;
    }

    private static List<Path> sources() {
        try (Stream<Path> files = Files.list(directory())) {
            return files.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Path directory() {
        String emulator = System.getProperty("cortado.cuda.emulator", "src/test/emulator");
        return Path.of(emulator).resolve("libraries").toAbsolutePath();
    }

    /** How often each function of the loaded libraries was called since this was last asked. */
    static synchronized Map<String, Long> calls() {
        Map<String, Long> calls = new TreeMap<>();
        String libraries = Emulation.isOnGpu() ? "" : System.getProperty(Emulation.LIBRARIES, "");
        if (libraries.contains("cublas")) {
            add(calls, JCublas2.cublasGetStatusString(REPORT_CALLS));
        }
        if (libraries.contains("cudnn")) {
            add(calls, JCudnn.cudnnGetErrorString(REPORT_CALLS));
        }
        ALL_CALLS.addAll(calls.keySet());
        return calls;
    }

    /**
     * The functions that were called since this was last asked, whoever asked for calls between.
     */
    static synchronized Set<String> allCalls() {
        calls();
        Set<String> all = new TreeSet<>(ALL_CALLS);
        ALL_CALLS.clear();
        return all;
    }

    /** Lets {@link #allCalls} begin anew; asks no library, none need be loaded. */
    static synchronized void forgetCalls() {
        ALL_CALLS.clear();
    }

    /** Passes if a function was called so often; real libraries do not count. */
    static void assertCalls(long times, String function) {
        if (!Emulation.isOnGpu()) {
            Map<String, Long> calls = calls();
            assertEquals(times, calls.getOrDefault(function, 0L), () -> function + " of " + calls);
        }
    }

    /** Lets the next handle of a library fail. */
    static void failToStart(Library library) {
        if (library == Library.CUBLAS) {
            JCublas2.cublasGetStatusString(FAIL_TO_START);
        } else {
            JCudnn.cudnnGetErrorString(FAIL_TO_START);
        }
    }

    /** From now on this part of cuDNN cannot be loaded, and all others can. */
    static void lose(Part part) {
        JCudnn.cudnnGetErrorString(LOSE_PART - part.number);
    }

    private static void add(Map<String, Long> calls, String report) {
        for (String line : report.lines().toList()) {
            int space = line.lastIndexOf(' ');
            calls.merge(
                    line.substring(0, space), Long.valueOf(line.substring(space + 1)), Long::sum);
        }
    }

    private void build() throws IOException {
        for (int major : new int[] {12, 13}) {
            String where = "cublas" + major;
            String number = "-DMAJOR=" + major;
            String companion = "libcublasLt.so." + major;
            link(where, companion, number, "cublaslt.cpp");
            Path beside = directory.resolve(where).resolve(companion);
            link(where, "libcublas.so." + major, number, "cublas.cpp", beside.toString());
        }
        link("cudnn", "libcudnn.so.9", "-DMAJOR=9", "cudnn.cpp", "cudnn_convolution.cpp");
    }

    /** A library of that name, whose symbols have the name for their version. */
    private void link(String where, String soname, String number, String... inputs)
            throws IOException {
        Path to = Files.createDirectories(directory.resolve(where));
        Path versions = directory.resolve(soname + ".map");
        Files.writeString(versions, soname + " { global: cublas*; cudnn*; local: *; };\n");
        List<String> command = new ArrayList<>();
        command.add(Command.find("g++").orElseThrow().toString());
        command.addAll(FLAGS);
        command.add(number);
        command.add("-Wl,-soname," + soname);
        command.add("-Wl,--version-script=" + versions);
        for (String input : inputs) {
            command.add(input.endsWith(".cpp") ? directory().resolve(input).toString() : input);
        }
        command.add(driver.resolve("libcuda.so.1").toString());
        command.addAll(List.of("-o", to.resolve(soname).toString()));
        Command.run(command);
    }
}
