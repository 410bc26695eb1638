package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** One run of gpu-check: what it may use, where it writes, and how it starts programs. */
final class Run implements AutoCloseable {
    /** Seconds that are kept back to end what was cut off and to write the report. */
    static final double RESERVE = 3;

    private final CheckOptions options;
    private final Place place;
    private final Path logs;
    private final Path work;
    private final Path cache;
    private final Runnable afterEachProgram;
    private Deadline deadline;
    private Machine machine = Machine.UNKNOWN;

    /**
     * Makes the directories.
     *
     * @param afterEachProgram writes what is known by then
     */
    Run(CheckOptions options, Place place, Runnable afterEachProgram) throws IOException {
        this.options = options;
        this.place = place;
        this.afterEachProgram = afterEachProgram;
        logs = Files.createDirectories(options.out().resolve("logs"));
        work = Files.createTempDirectory("cortado-gpu-check-");
        cache = Files.createDirectory(work.resolve("compute-cache"));
        deadline = Deadline.in(options.budget());
        // Where somebody stops gpu-check, nothing is closed.
        Runtime.getRuntime().addShutdownHook(new Thread(this::close));
    }

    CheckOptions options() {
        return options;
    }

    Place place() {
        return place;
    }

    Machine machine() {
        return machine;
    }

    /** Notes what was found out about the machine. */
    void machine(Machine found) {
        machine = found;
    }

    /** What to compute on, as programs take it. */
    String device() {
        return options.device();
    }

    /** Whether everything is to be small, since it is only rehearsed on a CPU. */
    boolean isSmall() {
        return machine.rehearsal();
    }

    /** A directory that is gone afterwards. */
    Path work() {
        return work;
    }

    /** A file of the report. */
    Path file(String name) {
        return options.out().resolve(name);
    }

    /** Where logs are. */
    Path logs() {
        return logs;
    }

    /** From now on {@link #left} counts to this. */
    void until(Deadline end) {
        deadline = end;
    }

    /** Seconds that the section may still take. */
    double left() {
        return Math.max(0, deadline.left() - RESERVE);
    }

    /** A Java program on the class path of this one. */
    Program java(Setup setup, String main, String... arguments) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("java.awt.headless", "true");
        properties.put("java.io.tmpdir", work.toString());
        properties.put("cortado.root", place.sources().toString());
        properties.put(
                "cortado.cuda.sources",
                place.sources().resolve("cuda-kernels/src/main/cuda").toString());
        if (Place.isThere(place.fonts())) {
            properties.put("sun.awt.fontconfig", place.fonts().toString());
        }
        properties.putAll(setup.properties());
        List<String> jvm = new ArrayList<>();
        jvm.add("--enable-native-access=ALL-UNNAMED");
        properties.forEach((name, value) -> jvm.add("-D" + name + "=" + value));
        return Program.java(jvm, main, List.of(arguments));
    }

    /**
     * Runs a program, within what is left of the section's time.
     *
     * @param log name of its files among the logs
     */
    Child run(String log, Setup setup, Program program, double atMost) {
        Map<String, String> environment = new LinkedHashMap<>(setup.environment());
        // Compiled kernels are kept for this run alone: the first process is a cold start.
        environment.put("CUDA_CACHE_PATH", cache.toString());
        Child child = Child.run(program, environment, logs, log, Math.min(atMost, left()));
        afterEachProgram.run();
        return child;
    }

    /** The same, for a program whose last line is its answer; what goes wrong is a finding. */
    Optional<Map<?, ?>> answer(String log, Setup setup, Program program, Findings findings) {
        if (left() <= 0) {
            findings.cutOff(log + " was not run: no time was left");
            return Optional.empty();
        }
        Child child = run(log, setup, program, left());
        if (child.isGood() && child.json().isPresent()) {
            return child.json();
        }
        if (child.cutOff()) {
            findings.cutOff(log + ": " + child.failure());
        } else {
            findings.fault(log + ": " + child.failure());
        }
        return Optional.empty();
    }

    /** Deletes the working directory; the second time nothing happens. */
    @Override
    public void close() {
        if (!Files.exists(work)) {
            return;
        }
        try (Stream<Path> all = Files.walk(work)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
