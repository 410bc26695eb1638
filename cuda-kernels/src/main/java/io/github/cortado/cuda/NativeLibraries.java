package io.github.cortado.cuda;

import io.github.cortado.backend.BackendUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds NVIDIA's libraries and loads JCuda's bindings of them. Everything that touches a class of
 * JCuda for the first time goes through here, for a binding that fails once fails for ever, and
 * tells its reason only the first time.
 *
 * <p>JCuda unpacks its bindings to {@code java.io.tmpdir} under fixed names and takes a file that
 * is there already, whoever put it there. So it gets a directory of our own, made for this process,
 * while it does so.
 */
final class NativeLibraries {
    /** Directories to look in before all others, separated like those of a class path. */
    static final String DIRECTORIES = "cortado.cuda.libraries";

    private static final String DRIVER = "libcuda.so.1";
    private static final List<String> USUAL =
            List.of(
                    "/usr/local/nvidia/lib64",
                    "/usr/local/nvidia/lib",
                    "/usr/local/cuda/lib64",
                    "/usr/local/cuda/targets/x86_64-linux/lib",
                    "/usr/local/cuda/compat",
                    "/opt/cuda/lib64",
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib/wsl/lib");

    private final List<Path> directories;
    private Optional<Path> unpacked = Optional.empty();

    NativeLibraries() {
        this(System.getProperty(DIRECTORIES, ""), System.getenv().get("LD_LIBRARY_PATH"));
    }

    NativeLibraries(String property, @org.jspecify.annotations.Nullable String libraryPath) {
        List<String> all = new ArrayList<>(List.of(property.split(File.pathSeparator)));
        if (libraryPath != null) {
            all.addAll(List.of(libraryPath.split(File.pathSeparator)));
        }
        all.addAll(USUAL);
        directories = all.stream().filter(d -> !d.isBlank()).distinct().map(Path::of).toList();
    }

    /** The first file of that name in the directories that are searched. */
    Optional<Path> find(String name) {
        return directories.stream()
                .map(d -> d.resolve(name).toAbsolutePath())
                .filter(Files::isRegularFile)
                .findFirst();
    }

    /**
     * Loads JCuda's binding of the CUDA driver.
     *
     * @throws BackendUnavailableException saying what is missing
     */
    void loadDriver() throws BackendUnavailableException {
        String system = System.getProperty("os.name", "");
        String processor = System.getProperty("os.arch", "");
        boolean known = system.startsWith("Linux") || system.startsWith("Windows");
        if (!known || !List.of("amd64", "x86_64").contains(processor)) {
            throw new BackendUnavailableException(
                    "there are CUDA bindings for Linux and Windows on x86-64, not for "
                            + system
                            + " on "
                            + processor);
        }
        try {
            // Once loaded from wherever it is, the binding finds it by its name.
            find(DRIVER).ifPresent(file -> System.load(file.toString()));
            binding(() -> jcuda.driver.JCudaDriver.setExceptionsEnabled(false));
        } catch (LinkageError e) {
            throw new BackendUnavailableException(missingDriver(e), e);
        }
    }

    private static String missingDriver(LinkageError e) {
        String reason = firstReason(e);
        return reason.contains("libcuda") || reason.contains("nvcuda")
                ? "there is no NVIDIA driver on this machine ("
                        + reason
                        + "); with an NVIDIA GPU, installing its driver is all that is needed"
                : "JCuda's binding of the CUDA driver cannot be loaded: " + reason;
    }

    /** The line that matters in the long text of a failed binding. */
    static String firstReason(Throwable e) {
        String text = String.valueOf(e.getMessage());
        return text.lines()
                .filter(line -> line.contains(".so") || line.contains(".dll"))
                .filter(line -> !line.contains("java.library.path"))
                .map(line -> line.replaceFirst("^.*UnsatisfiedLinkError: ", ""))
                .map(line -> line.replaceFirst("^\\S*libJC\\S*: ", "").strip())
                .filter(
                        line ->
                                line.toLowerCase(Locale.ROOT).contains("cannot open")
                                        || line.contains("not found")
                                        || line.contains("find"))
                .findFirst()
                .orElse(text.lines().findFirst().orElse(e.toString()));
    }

    /** Loads a library by its path, so that bindings find it by its name from then on. */
    void load(Path file) {
        System.load(file.toString());
    }

    /**
     * Runs what makes JCuda load a binding, with a temporary directory of our own.
     *
     * @throws LinkageError as the binding throws it
     */
    void binding(Runnable load) {
        String temporary = "java.io.tmpdir";
        String before = System.getProperty(temporary);
        try {
            System.setProperty(temporary, directory().toString());
            load.run();
        } finally {
            System.setProperty(temporary, before);
        }
    }

    /** The directory that JCuda unpacks its bindings to; deleted when the process ends. */
    Path directory() {
        if (unpacked.isEmpty()) {
            try {
                Path directory = Files.createTempDirectory("cortado-natives-");
                unpacked = Optional.of(directory);
                Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(directory)));
            } catch (IOException e) {
                throw new UnsatisfiedLinkError("no directory for JCuda's bindings: " + e);
            }
        }
        return unpacked.get();
    }

    private static void delete(Path directory) {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            // It is in the temporary directory, and nobody else will load from it.
        }
    }
}
