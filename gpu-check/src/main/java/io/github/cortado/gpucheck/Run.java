package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One run of gpu-check: what it may use, where it writes, and how it starts programs. Where
 * somebody stops gpu-check by a signal, its programs are ended, none is started any more, and the
 * signal waits until the report is written.
 */
final class Run implements AutoCloseable {
    /** Seconds that are kept back to end what was cut off and to write the report. */
    static final double RESERVE = 3;

    /** Of a short time, this part. */
    private static final double RESERVED_PART = 0.1;

    /** Seconds that a signal to stop waits for the report. */
    private static final long STOP_SECONDS = 10;

    /** Seconds after which a signal to one of our programs was not for us too. */
    private static final long SIGNAL_SECONDS = 1;

    /** What the backend measured and chose; it lies beside the report. */
    private static final String PLAN = "plan.json";

    private final CheckOptions options;
    private final Place place;
    private final Logs logs;
    private final Path work;
    private final Path cache;
    private final Map<String, Object> facts = new LinkedHashMap<>();
    private final Runnable report;
    private final CountDownLatch stopping = new CountDownLatch(1);
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Thread signal = new Thread(this::stop, "stop");
    private Deadline deadline;
    private double reserve = RESERVE;
    private Machine machine = Machine.UNKNOWN;

    /**
     * Makes the directories.
     *
     * @param report writes what is known by then
     */
    Run(CheckOptions options, Place place, Runnable report) throws IOException {
        this.options = options;
        this.place = place;
        this.report = report;
        Files.createDirectories(options.out());
        work = Files.createTempDirectory("cortado-gpu-check-");
        cache = Files.createDirectory(work.resolve("compute-cache"));
        logs = new Logs(Files.createDirectory(work.resolve("logs")));
        deadline = Deadline.in(options.budget());
        Runtime.getRuntime().addShutdownHook(signal);
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

    /** Adds something to the head of the report. */
    void fact(String name, Object value) {
        facts.put(name, value);
    }

    /** For the head of the report, by their names: what is known by now. */
    Map<String, Object> facts() {
        return Collections.unmodifiableMap(facts);
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

    /** Where logs are, and other files for the archive of them. */
    Path logs() {
        return logs.directory();
    }

    /** Where the backend keeps what it measured. */
    Path plan() {
        return work.resolve(PLAN);
    }

    /** From now on {@link #left} counts to this. */
    void until(Deadline end) {
        deadline = end;
        reserve = Math.min(RESERVE, RESERVED_PART * end.left());
    }

    /** Seconds that the section may still take. */
    double left() {
        return isStopping() ? 0 : Math.max(0, deadline.left() - reserve);
    }

    /** Whether somebody stops gpu-check. */
    boolean isStopping() {
        return stopping.getCount() == 0;
    }

    /**
     * A Java program on the class path of this one.
     *
     * @param heap the most memory that it may take for objects, as {@code -Xmx} has it
     */
    Program java(Setup setup, String heap, String main, String... arguments) {
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
        // By default it is a part of the machine's memory, which is not ours alone.
        jvm.add("-Xmx" + heap);
        jvm.add("--enable-native-access=ALL-UNNAMED");
        properties.forEach((name, value) -> jvm.add("-D" + name + "=" + value));
        return Program.java(jvm, main, List.of(arguments));
    }

    /** Runs a program, within what is left of the section's time. */
    Child run(String log, Setup setup, Program program, double atMost) {
        return run(log, setup, program, atMost, Double.POSITIVE_INFINITY);
    }

    /**
     * Runs a program, within what is left of the section's time.
     *
     * @param log name of its files among the logs
     * @param silence seconds in which it prints nothing, after which it is ended
     * @throws StoppedException where gpu-check is being stopped
     */
    Child run(String log, Setup setup, Program program, double atMost, double silence) {
        if (isStopping()) {
            throw new StoppedException(log + " was not run");
        }
        Map<String, String> environment = new LinkedHashMap<>(setup.environment());
        // Compiled kernels are kept for this run alone: the first process is a cold start.
        environment.put("CUDA_CACHE_PATH", cache.toString());
        Child.Limits limits =
                new Child.Limits(Math.min(atMost, left()), silence, () -> logs.pack(options.out()));
        Child child = Child.run(program, environment, logs(), log, limits);
        if (isStopping() || (child.isSignalled() && isStoppedSoon())) {
            child = child.stopped();
        }
        publish();
        return child;
    }

    /** A signal to all of us may have reached a program first. */
    private boolean isStoppedSoon() {
        try {
            return stopping.await(SIGNAL_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /**
     * The answer of a program that prints one; what goes wrong is a finding. Of one that was ended
     * before it had finished, the answer is what it had printed by then, and a finding says so.
     */
    Optional<Map<?, ?>> answer(String log, Setup setup, Program program, Findings findings) {
        if (left() <= 0) {
            findings.cutOff(log + " was not run: no time was left");
            return Optional.empty();
        }
        Child child = run(log, setup, program, left());
        if (child.whole().isPresent()) {
            return child.whole();
        }
        String what = log + ": " + child.failure() + child.partial().map(line -> PARTLY).orElse("");
        if (child.cutOff()) {
            findings.cutOff(what);
        } else {
            findings.fault(what);
        }
        return child.partial();
    }

    /** How findings say that what a program had measured by its end is in the report. */
    static final String PARTLY = "\nWhat it had said by then is used.";

    /** Writes the report anew, with the logs and the plan. */
    void publish() {
        logs.pack(options.out());
        try {
            if (Files.exists(plan())) {
                Path made = options.out().resolve(PLAN + ".new");
                Files.copy(plan(), made, StandardCopyOption.REPLACE_EXISTING);
                Files.move(
                        made,
                        options.out().resolve(PLAN),
                        StandardCopyOption.ATOMIC_MOVE,
                        StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("the plan cannot be copied", e);
        }
        report.run();
    }

    /** Has everything end soon, and waits until the report is written. */
    void stop() {
        stopping.countDown();
        Child.endAll();
        try {
            if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("gpu-check: stopped before the report was finished");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Deletes the working directory; the second time nothing happens. */
    @Override
    public void close() {
        if (ended.getCount() == 0) {
            return;
        }
        try (Stream<Path> all = Files.walk(work)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            ended.countDown();
            if (!isStopping()) {
                forgetSignal();
            }
        }
    }

    private void forgetSignal() {
        try {
            Runtime.getRuntime().removeShutdownHook(signal);
        } catch (IllegalStateException e) {
            // The signal has come just now, and finds that all has ended.
        }
    }
}
