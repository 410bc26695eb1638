package io.github.cortado.cuda;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import jcuda.jcublas.JCublas2;
import jcuda.jcudnn.JCudnn;
import org.jspecify.annotations.Nullable;

/**
 * cuBLAS and cuDNN, as far as they are here. Each is looked for when it is first wanted; one that
 * cannot be used is no error but a reason, which stays.
 */
final class Libraries implements AutoCloseable {
    /** cuBLAS's names, the one that JCuda's binding was made for first. */
    private static final List<String> CUBLAS = List.of("libcublas.so.12", "libcublas.so.13");

    private static final String CUDNN = "libcudnn.so.9";
    private static final int CUDNN_MAJOR = 9;

    /** A file, or why there is none; once for the process, since a binding fails for ever. */
    private record Loaded(String file, @Nullable String reason) {}

    private static final Map<Library, Loaded> LOADED = new EnumMap<>(Library.class);

    private final Gpu gpu;
    private final NativeLibraries natives;
    private final Preferences preferences;
    private final Map<Library, String> described = new EnumMap<>(Library.class);
    private @Nullable Cublas cublas;
    private @Nullable Cudnn cudnn;

    Libraries(Gpu gpu, NativeLibraries natives, Preferences preferences) {
        this.gpu = gpu;
        this.natives = natives;
        this.preferences = preferences;
    }

    /** cuBLAS, started now if need be. */
    Optional<Cublas> cublas() {
        probe(
                Library.CUBLAS,
                () -> {
                    Cublas started = new Cublas(gpu);
                    cublas = started;
                    int v = started.version();
                    return v / 10_000 + "." + v / 100 % 100 + "." + v % 100;
                });
        return Optional.ofNullable(cublas);
    }

    /** cuDNN, started now if need be. */
    Optional<Cudnn> cudnn() {
        probe(
                Library.CUDNN,
                () -> {
                    cudnn = new Cudnn(gpu, preferences.deterministic());
                    long v = Cudnn.version();
                    return v / 10_000 + "." + v / 100 % 100 + "." + v % 100;
                });
        return Optional.ofNullable(cudnn);
    }

    /** Whether it can be used; it is started now if need be. */
    boolean has(Library library) {
        return switch (library) {
            case OWN -> true;
            case CUBLAS -> cublas().isPresent();
            case CUDNN -> cudnn().isPresent();
        };
    }

    /** One line for people: which version is used from where, or why none is. */
    String describe(Library library) {
        if (library == Library.OWN) {
            return Library.OWN.title();
        }
        // Not null once it was looked for.
        has(library);
        return Objects.requireNonNull(described.get(library));
    }

    private void probe(Library library, Supplier<String> start) {
        try (Gpu.Turn t = gpu.turn()) {
            if (described.containsKey(library)) {
                return;
            }
            if (!preferences.allowed().contains(library)) {
                no(library, Preferences.USE + " does not allow it");
                return;
            }
            gpu.notWhileRecording("loading " + library.title());
            Loaded loaded = outcome(library, natives);
            if (loaded.reason != null) {
                no(library, loaded.reason);
                return;
            }
            described.put(library, library.title() + " " + start.get() + ", " + loaded.file);
        } catch (CudaException | LinkageError e) {
            no(library, NativeLibraries.firstReason(e));
        }
    }

    private void no(Library library, String reason) {
        described.put(library, library.title() + " is not used: " + reason);
    }

    /**
     * Loads a library and JCuda's binding of it, the first time in this process.
     *
     * @return the file that was loaded
     * @throws UnsatisfiedLinkError saying what is missing
     */
    static String load(NativeLibraries natives, Library library) {
        Loaded loaded = outcome(library, natives);
        if (loaded.reason != null) {
            throw new UnsatisfiedLinkError(loaded.reason);
        }
        return loaded.file;
    }

    private static synchronized Loaded outcome(Library library, NativeLibraries natives) {
        return LOADED.computeIfAbsent(
                library, l -> l == Library.CUBLAS ? loadCublas(natives) : loadCudnn(natives));
    }

    private static Loaded loadCublas(NativeLibraries natives) {
        String reason = null;
        for (String name : CUBLAS) {
            Optional<Path> file = natives.find(name);
            if (file.isEmpty()) {
                continue;
            }
            try {
                loadWithCompanion(natives, file.get());
                if (!name.equals(CUBLAS.get(0))) {
                    retarget(natives, name);
                }
                natives.binding(() -> JCublas2.setExceptionsEnabled(false));
                return new Loaded(file.get().toString(), null);
            } catch (LinkageError | IOException e) {
                // Nothing is lost if it was the file; once the binding has failed, so does the
                // next.
                reason =
                        reason == null
                                ? file.get() + ": " + NativeLibraries.firstReason(e)
                                : reason;
            }
        }
        if (reason != null) {
            return new Loaded("", reason);
        }
        try {
            // The system's linker may know a place that we do not.
            natives.binding(() -> JCublas2.setExceptionsEnabled(false));
            return new Loaded("found by the system", null);
        } catch (LinkageError e) {
            return new Loaded("", missing(String.join(" or ", CUBLAS), e));
        }
    }

    /** cuBLAS needs cublasLt of the same number, which it finds by name once it is loaded. */
    private static void loadWithCompanion(NativeLibraries natives, Path file) {
        Path companion =
                file.resolveSibling(
                        file.getFileName().toString().replace("libcublas", "libcublasLt"));
        if (Files.isRegularFile(companion)) {
            natives.load(companion);
        }
        natives.load(file);
    }

    /**
     * Puts a binding that asks for the other name where JCuda would unpack its own, which it then
     * takes for its own.
     */
    private static void retarget(NativeLibraries natives, String name) throws IOException {
        String binding =
                LibUtils.createLibraryFileName(
                        LibUtils.createPlatformLibraryName("JCublas2-" + JCudaVersion.get()));
        try (InputStream in = LibUtils.class.getResourceAsStream("/lib/" + binding)) {
            if (in == null) {
                throw new IOException("JCuda's binding " + binding + " is not on the class path");
            }
            Files.write(
                    natives.directory().resolve(binding),
                    ElfLibrary.retargeted(in.readAllBytes(), CUBLAS.get(0), name));
        }
    }

    private static Loaded loadCudnn(NativeLibraries natives) {
        Optional<Path> file = natives.find(CUDNN);
        try {
            file.ifPresent(natives::load);
            natives.binding(() -> JCudnn.setExceptionsEnabled(false));
            long version = Cudnn.version();
            return version / 10_000 == CUDNN_MAJOR
                    ? new Loaded(file.map(Path::toString).orElse("found by the system"), null)
                    : new Loaded("", "it has version " + version + ", and 9 is needed");
        } catch (LinkageError e) {
            return new Loaded(
                    "",
                    file.map(f -> f + ": " + NativeLibraries.firstReason(e))
                            .orElseGet(() -> missing(CUDNN, e)));
        }
    }

    private static String missing(String names, LinkageError e) {
        List<String> words = new ArrayList<>();
        words.add("there is no " + names);
        words.add("in LD_LIBRARY_PATH, CUDA's usual directories or those that");
        words.add("-D" + NativeLibraries.DIRECTORIES + "=DIR[:DIR] names");
        words.add("(" + NativeLibraries.firstReason(e) + ")");
        return String.join(" ", words);
    }

    @Override
    public void close() {
        if (cublas != null) {
            cublas.close();
        }
        if (cudnn != null) {
            cudnn.close();
        }
        cublas = null;
        cudnn = null;
    }
}
