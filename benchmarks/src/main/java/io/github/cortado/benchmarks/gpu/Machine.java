package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Processor;
import io.github.cortado.benchmarks.Program;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
 * @param start what {@link StartUp} answered in the first process, with nothing in any cache; empty
 *     where there is no GPU
 * @param whyNoGpu empty where there is one
 * @param libraries cuBLAS and cuDNN, as far as they can be used
 * @param whyNoLibraries empty where they can
 * @param peer PyTorch
 * @param whyNoPeer empty where it is there
 */
record Machine(
        Map<String, Object> facts,
        Map<?, ?> start,
        String whyNoGpu,
        Optional<Setup> libraries,
        String whyNoLibraries,
        Optional<Peer> peer,
        String whyNoPeer) {
    /** Before anybody has looked. */
    static final Machine UNKNOWN =
            new Machine(
                    Map.of(),
                    Map.of(),
                    "nobody has looked",
                    Optional.empty(),
                    "nobody has looked",
                    Optional.empty(),
                    "nobody has looked");

    private static final String EMULATED = "emulated";
    private static final Pattern CAPABILITY = Pattern.compile("compute capability (\\d+)\\.(\\d+)");
    private static final int AMPERE = 80;
    private static final double START_SECONDS = 90;

    /** Looks. */
    static Machine look(Run run) {
        Map<String, Object> facts = system();
        Setup own = Setup.own(run.options().libraries());
        Child first =
                run.run("start-cold", own, run.java(own, StartUp.class.getName()), START_SECONDS);
        Map<?, ?> start = first.isGood() ? first.json().orElse(Map.of()) : Map.of();
        String whyNoGpu = start.isEmpty() ? whyNot(first) : "";
        String device = String.valueOf(start.get("device"));
        boolean emulated = device.contains(EMULATED);
        facts.put("gpu", start.isEmpty() ? "none: " + whyNoGpu : device);
        if (!start.isEmpty()) {
            facts.put("gpu report", start.get("report"));
        }
        SystemManagement.of(run).ifPresent(smi -> facts.put("nvidia-smi", smi));
        Optional<Peer> peer = Optional.empty();
        String whyNoPeer = "the emulated driver is no GPU for PyTorch";
        if (!emulated) {
            Peer.Search search = Peer.search(run);
            peer = search.found();
            whyNoPeer = search.why();
            facts.put("pytorch", peer.map(Peer::description).orElse("none: " + whyNoPeer));
        }
        LibrarySearch found =
                start.isEmpty()
                        ? new LibrarySearch(Optional.empty(), "there is no GPU")
                        : LibrarySearch.search(run, peer);
        facts.put(
                "libraries",
                found.setup()
                        .map(s -> s.properties().get(Setup.LIBRARIES))
                        .orElse("none: " + found.why()));
        Optional<Peer> onGpu = peer.filter(Peer::hasGpu);
        if (peer.isPresent() && onGpu.isEmpty()) {
            whyNoPeer = "PyTorch is there and sees no GPU";
        }
        return new Machine(facts, start, whyNoGpu, found.setup(), found.why(), onGpu, whyNoPeer);
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

    private static String whyNot(Child start) {
        @Nullable Object reason = start.json().map(answer -> answer.get("unusable")).orElse(null);
        return reason == null ? start.failure() : reason.toString();
    }

    /** Whether there is a device to compute on, emulated or not. */
    boolean hasGpu() {
        return !start.isEmpty();
    }

    /** Whether kernels run on the CPU. */
    boolean isEmulated() {
        return device().contains(EMULATED);
    }

    /** Why there are no measurements of a GPU to be made here, if so. */
    Optional<String> whyNoHardware() {
        if (!hasGpu()) {
            return Optional.of("there is no GPU: " + whyNoGpu);
        }
        return isEmulated()
                ? Optional.of("the emulated driver runs kernels on the CPU: there is no GPU")
                : Optional.empty();
    }

    /** Why nothing can be computed here, if so. */
    Optional<String> whyNoDevice() {
        return hasGpu() ? Optional.empty() : Optional.of("there is no GPU: " + whyNoGpu);
    }

    /** The device in its own words. */
    String device() {
        return String.valueOf(start.get("device"));
    }

    /** Whether tensor cores have TF32 here. */
    boolean hasTf32() {
        Matcher m = CAPABILITY.matcher(device());
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

    /** cuBLAS and cuDNN as they can be used, or why not. */
    private record LibrarySearch(Optional<Setup> setup, String why) {
        private static final List<String> USES = List.of("cublas,cudnn", "cublas", "cudnn");

        static LibrarySearch search(Run run, Optional<Peer> peer) {
            String directories =
                    Stream.concat(
                                    Stream.of(run.options().libraries()),
                                    peer.stream().flatMap(p -> p.libraries().stream()))
                            .filter(d -> !d.isEmpty())
                            .distinct()
                            .reduce((a, b) -> a + ":" + b)
                            .orElse("");
            String why = "";
            for (String use : USES) {
                Setup setup = Setup.libraries(directories, use);
                Program program = run.java(setup, StartUp.class.getName(), "--batch", "2");
                Child child =
                        run.run("start-" + use.replace(',', '-'), setup, program, START_SECONDS);
                Map<?, ?> answer = child.isGood() ? child.json().orElse(Map.of()) : Map.of();
                if (String.valueOf(answer.get("report")).contains("cuBLAS")) {
                    return new LibrarySearch(Optional.of(setup), why);
                }
                if (!answer.isEmpty()) {
                    return new LibrarySearch(Optional.empty(), "this build makes no use of them");
                }
                why = why.isEmpty() ? whyNot(child) : why;
            }
            return new LibrarySearch(Optional.empty(), why);
        }
    }
}
