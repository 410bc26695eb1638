package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Backends;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;

/**
 * The CUDA backend of this test run: on the emulated driver, unless {@code -Dcortado.test.gpu=true}
 * asks for the machine's own.
 */
final class Emulation {
    /** The emulated libraries of this run: names of {@link EmulatedLibraries}' directories. */
    static final String LIBRARIES = "cortado.test.libraries";

    private static final String WITHOUT =
            "SKIPPED: there is no g++, with which kernels are tested without a GPU";

    private static volatile @Nullable Backend opened;

    private Emulation() {}

    private static final class Holder {
        static final Optional<Path> DRIVER = driver();

        private static Optional<Path> driver() {
            if (isOnGpu()) {
                return Optional.empty();
            }
            Optional<Path> directory = EmulatedDriver.find().map(EmulatedDriver::build);
            directory.ifPresent(Holder::use);
            return directory;
        }

        /** The driver, and the emulated libraries that this run is to have: by default, none. */
        private static void use(Path driver) {
            List<String> all = new ArrayList<>(List.of(driver.toString()));
            String libraries = System.getProperty(LIBRARIES, "");
            if (libraries.isEmpty()) {
                System.setProperty(Preferences.USE, Library.OWN.key());
            } else {
                Path built = EmulatedLibraries.build(driver);
                for (String name : libraries.split(",")) {
                    all.add(built.resolve(name).toString());
                }
            }
            String more = System.getProperty(NativeLibraries.DIRECTORIES);
            if (more != null) {
                all.add(more);
            }
            System.setProperty(NativeLibraries.DIRECTORIES, String.join(File.pathSeparator, all));
        }
    }

    static boolean isOnGpu() {
        return Boolean.getBoolean("cortado.test.gpu");
    }

    /** The directory with the emulated driver, if there can be one. */
    static Optional<Path> driver() {
        return Holder.DRIVER;
    }

    /** The backend; the test is skipped where there is none, or fails where CI=true. */
    static Backend backend() {
        if (driver().isEmpty() && !isOnGpu()) {
            if ("true".equals(System.getenv("CI"))) {
                Assertions.fail("no g++, and CI=true allows no skip");
            }
            assumeTrue(false, WITHOUT);
        }
        Backend backend =
                Backends.found()
                        .get("cuda:0")
                        .orElseThrow(
                                () ->
                                        new AssertionError(
                                                Backends.found().whyNot("cuda:0").getMessage()));
        opened = backend;
        return backend;
    }

    /** The backend, if a test has asked for it. */
    static Optional<Backend> opened() {
        return Optional.ofNullable(opened);
    }
}
