package io.github.cortado.cuda;

import io.github.cortado.backend.BackendUnavailableException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import jcuda.JCudaVersion;
import jcuda.LibUtils;
import org.jspecify.annotations.Nullable;

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
                    "/opt/cuda/lib64",
                    "/usr/lib/x86_64-linux-gnu",
                    "/usr/lib64",
                    "/usr/lib/wsl/lib");

    /**
     * Where CUDA's packages put a newer driver for old kernel modules. Beside one that is as new or
     * newer it fails with CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, so the system's own comes first.
     */
    private static final List<String> COMPATIBILITY = List.of("/usr/local/cuda/compat");

    private static final Path FOLDER = Path.of("compat");

    private final List<Path> property;
    private final List<Path> libraryPath;
    private final List<Path> usual;
    private final List<Path> compatibility;
    private Optional<Path> unpacked = Optional.empty();

    NativeLibraries() {
        this(System.getProperty(DIRECTORIES, ""), System.getenv().get("LD_LIBRARY_PATH"));
    }

    NativeLibraries(String property, @Nullable String libraryPath) {
        this(property, libraryPath, USUAL, COMPATIBILITY);
    }

    /**
     * With other places than a machine usually has.
     *
     * @param property directories as {@link #DIRECTORIES} names them
     * @param libraryPath directories as LD_LIBRARY_PATH names them
     * @param usual directories of a system's libraries
     * @param compatibility directories with a driver that only an old kernel module needs
     */
    NativeLibraries(
            String property,
            @Nullable String libraryPath,
            List<String> usual,
            List<String> compatibility) {
        this.property = paths(List.of(property.split(File.pathSeparator)));
        this.libraryPath =
                libraryPath == null
                        ? List.of()
                        : paths(List.of(libraryPath.split(File.pathSeparator)));
        this.usual = paths(usual);
        this.compatibility = paths(compatibility);
    }

    private static List<Path> paths(List<String> names) {
        return names.stream()
                .filter(d -> !d.isBlank())
                .map(d -> Path.of(d).toAbsolutePath())
                .distinct()
                .toList();
    }

    /** The first file of that name in the directories that are searched. */
    Optional<Path> find(String name) {
        return Stream.of(property, libraryPath, usual)
                .flatMap(directories -> files(name, directories).stream())
                .findFirst();
    }

    private static List<Path> files(String name, List<Path> directories) {
        return directories.stream().map(d -> d.resolve(name)).filter(Files::isRegularFile).toList();
    }

    /**
     * Where the driver is looked for, in that order: files and, once, its name alone, by which the
     * system's loader finds it. What the user names is all that is tried; but a compatibility
     * folder in LD_LIBRARY_PATH is the work of a container's image, and comes after the system's.
     */
    List<Path> drivers() {
        List<Path> folders = libraryPath.stream().filter(NativeLibraries::isCompatibility).toList();
        List<Path> named = new ArrayList<>(files(DRIVER, property));
        named.addAll(
                files(DRIVER, libraryPath.stream().filter(d -> !folders.contains(d)).toList()));
        if (!named.isEmpty()) {
            return named.subList(0, 1);
        }
        List<Path> all = new ArrayList<>(files(DRIVER, usual));
        // The loader goes by LD_LIBRARY_PATH first.
        boolean misleads = !files(DRIVER, folders).isEmpty();
        all.add(misleads ? all.size() : 0, Path.of(DRIVER));
        all.addAll(files(DRIVER, compatibility));
        return all;
    }

    private static boolean isCompatibility(Path directory) {
        try {
            return contains(directory, FOLDER) || contains(directory.toRealPath(), FOLDER);
        } catch (IOException e) {
            // It is not there.
            return false;
        }
    }

    private static boolean contains(Path directory, Path name) {
        return StreamSupport.stream(directory.spliterator(), false).anyMatch(name::equals);
    }

    /**
     * Loads JCuda's binding of the CUDA driver.
     *
     * @throws BackendUnavailableException saying what is missing: why the first place of {@link
     *     #drivers} is none, where no later one is
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
        String binding = LibUtils.createPlatformLibraryName("JCudaDriver-" + JCudaVersion.get());
        LinkageError first = null;
        for (Path driver : drivers()) {
            try {
                if (driver.isAbsolute()) {
                    // Once loaded from wherever it is, the binding finds it by its name.
                    load(driver);
                }
                // Not yet by its own class, which would never try again.
                binding(() -> LibUtils.loadLibrary(binding));
                binding(() -> jcuda.driver.JCudaDriver.setExceptionsEnabled(false));
                return;
            } catch (LinkageError e) {
                first = first == null ? e : first;
            }
        }
        // Not null: there is a driver to try, at least by its name.
        throw new BackendUnavailableException(missingDriver(Objects.requireNonNull(first)), first);
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
