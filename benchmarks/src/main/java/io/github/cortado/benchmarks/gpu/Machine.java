package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Processor;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What gpu-check found where it runs.
 *
 * @param facts for the head of the report, by their names
 * @param start what {@link StartUp} answered in the first process, with nothing in any cache
 * @param rehearsal whether a CPU does what a GPU is to do
 * @param libraries cuBLAS and cuDNN, as far as they can be used
 * @param peer PyTorch on the same device
 */
record Machine(
        Map<String, Object> facts,
        Found<Map<?, ?>> start,
        boolean rehearsal,
        Found<Setup> libraries,
        Found<Peer> peer) {
    /** Before anybody has looked. */
    static final Machine UNKNOWN =
            new Machine(
                    Map.of(),
                    Found.no("nobody has looked"),
                    false,
                    Found.no("nobody has looked"),
                    Found.no("nobody has looked"));

    /** Seconds for a process that computes a little, be it the first that compiles kernels. */
    static final double START_SECONDS = 90;

    private static final String EMULATED = "emulated";
    private static final Pattern CAPABILITY = Pattern.compile("compute capability (\\d+)\\.(\\d+)");
    private static final int AMPERE = 80;

    /** Looks. */
    static Machine look(Run run) {
        Map<String, Object> facts = system();
        Found<Map<?, ?>> start = start(run);
        facts.put("gpu", start.isThere() ? start.get().get("device") : "none: " + start.why());
        boolean emulated = start.isThere() && device(start.get()).contains(EMULATED);
        boolean cuda = run.device().equals(CheckOptions.CUDA);
        if (start.isThere() && (emulated || !cuda)) {
            facts.put("rehearsal", "kernels run on the CPU: no figure here is a GPU's");
        }
        SystemManagement.of(run).ifPresent(smi -> facts.put("nvidia-smi", smi));
        Found<Peer> peer =
                emulated
                        ? Found.no("the emulated driver is no GPU for PyTorch")
                        : Peer.search(run, cuda);
        facts.put("pytorch", peer.isThere() ? peer.get().description() : "none: " + peer.why());
        Found<LibrarySearch> libraries =
                start.isThere() && cuda
                        ? LibrarySearch.search(run, peer)
                        : Found.no(start.isThere() ? run.device() + " is no GPU" : start.why());
        facts.put(
                "libraries",
                libraries.isThere() ? libraries.get().lines() : "none: " + libraries.why());
        return new Machine(
                facts,
                start,
                emulated || !cuda,
                new Found<>(libraries.it().map(LibrarySearch::setup), libraries.why()),
                peer);
    }

    private static Map<String, Object> system() {
        Map<String, Object> facts = new LinkedHashMap<>();
        facts.put(
                "processor",
                Processor.here().name()
                        + ", "
                        + Runtime.getRuntime().availableProcessors()
                        + " threads");
        if (ManagementFactory.getOperatingSystemMXBean()
                instanceof com.sun.management.OperatingSystemMXBean system) {
            facts.put("memory", (system.getTotalMemorySize() >> 30) + " GiB");
        }
        facts.put(
                "system",
                System.getProperty("os.name")
                        + " "
                        + System.getProperty("os.version")
                        + ", "
                        + System.getProperty("os.arch"));
        facts.put(
                "java",
                System.getProperty("java.vm.name") + " " + System.getProperty("java.vm.version"));
        return facts;
    }

    private static Found<Map<?, ?>> start(Run run) {
        Setup own = Setup.own(run.options().libraries());
        Child first = run.run("start-cold", own, StartUp.program(run, own, false), START_SECONDS);
        return first.isGood() && first.json().isPresent()
                ? Found.yes(first.json().get())
                : Found.no("there is no device " + run.device() + ": " + whyNot(first));
    }

    /** Why a device could not be opened, in its own words. */
    static String whyNot(Child start) {
        @Nullable Object reason = start.json().map(answer -> answer.get("unusable")).orElse(null);
        return reason == null ? start.failure() : reason.toString();
    }

    private static String device(Map<?, ?> start) {
        return String.valueOf(start.get("device"));
    }

    /** Why there are no measurements of a GPU to be made here, if so. */
    Optional<String> whyNoHardware() {
        return rehearsal && start.isThere()
                ? Optional.of("only rehearsed here, on a CPU: there is no GPU")
                : start.obstacle();
    }

    /** Whether tensor cores have TF32 here. */
    boolean hasTf32() {
        Matcher m = CAPABILITY.matcher(start.isThere() ? device(start.get()) : "");
        return m.find()
                && 10 * Integer.parseInt(m.group(1)) + Integer.parseInt(m.group(2)) >= AMPERE;
    }

    /** The first executable file of that name on the path or in one of these directories. */
    static Optional<Path> program(String name, String... usual) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.concat(Stream.of(path.split(":")), Stream.of(usual))
                .filter(d -> !d.isEmpty())
                .map(d -> Path.of(d, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
