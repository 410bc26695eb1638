package io.github.cortado.gpucheck;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What gpu-check can use where it runs.
 *
 * @param start what {@link StartUp} answered in the first process, with nothing in any cache
 * @param rehearsal whether a CPU does what a GPU is to do
 * @param libraries cuBLAS and cuDNN, as far as they can be used
 * @param peer PyTorch on the same device
 */
record Machine(
        Found<Map<?, ?>> start, boolean rehearsal, Found<Setup> libraries, Found<Peer> peer) {
    private static final String NOBODY = "nobody has looked";

    /** Before anybody has looked. */
    static final Machine UNKNOWN =
            new Machine(Found.no(NOBODY), false, Found.no(NOBODY), Found.no(NOBODY));

    /** What the description of a driver that runs kernels on the CPU has in it. */
    static final String EMULATED = "emulated";

    /** Where NVIDIA's programs are, though often not on the path. */
    private static final String[] USUAL = {
        "/usr/local/cuda/bin", "/opt/cuda/bin", "/usr/local/bin", "/usr/bin"
    };

    private static final Pattern CAPABILITY = Pattern.compile("compute capability (\\d+)\\.(\\d+)");
    private static final int AMPERE = 80;

    /** What the first process says of it, before anybody has looked for more. */
    static Machine of(Found<Map<?, ?>> start, String device) {
        boolean cuda = device.equals(CheckOptions.CUDA);
        boolean emulated = start.isThere() && device(start.get()).contains(EMULATED);
        Found<Setup> libraries = Found.no(cuda ? NOBODY : device + " is no GPU");
        return new Machine(start, emulated || !cuda, libraries, Found.no(NOBODY));
    }

    /** Looks for PyTorch and for the libraries. */
    Machine look(Run run) {
        boolean cuda = run.device().equals(CheckOptions.CUDA);
        boolean emulated = device(start.get()).contains(EMULATED);
        Found<Peer> found =
                emulated
                        ? Found.no("the emulated driver is no GPU for PyTorch")
                        : Peer.search(run, cuda);
        run.fact("pytorch", found.isThere() ? found.get().description() : "none: " + found.why());
        Found<LibrarySearch> search =
                cuda ? LibrarySearch.search(run, found) : Found.no(libraries.why());
        run.fact("libraries", search.isThere() ? search.get().lines() : "none: " + search.why());
        return new Machine(
                start,
                rehearsal,
                new Found<>(search.it().map(LibrarySearch::setup), search.why()),
                found);
    }

    /** Why a device could not be used, in its own words, and what it was at. */
    static String whyNot(Child start) {
        Map<?, ?> said = start.json().orElse(Map.of());
        @Nullable Object reason = said.get(StartUp.UNUSABLE);
        @Nullable Object at = said.get(StartUp.NEXT);
        return (reason == null ? start.failure() : reason) + (at == null ? "" : " (" + at + ")");
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

    /** The first executable file of that name, on the path or where such programs usually are. */
    static Optional<Path> program(String name, String... more) {
        String path = System.getenv().getOrDefault("PATH", "");
        return Stream.of(Stream.of(path.split(":")), Stream.of(USUAL), Stream.of(more))
                .flatMap(places -> places)
                .filter(d -> !d.isEmpty())
                .map(d -> Path.of(d, name))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
