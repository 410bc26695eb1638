package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Backends;
import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assertions;
import org.opentest4j.TestAbortedException;

/**
 * The CUDA backend of this test run: on the emulated driver, unless {@code -Dcortado.test.gpu=true}
 * asks for the machine's own.
 */
final class Emulation {
    /** The emulated libraries of this run: names of {@link EmulatedLibraries}' directories. */
    static final String LIBRARIES = "cortado.test.libraries";

    private static final String WITHOUT =
            "there is no g++ on Linux on x86-64, with which kernels are tested without a GPU";

    private static final Set<String> SAID = new HashSet<>();

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

    private static final class Exact {
        static final ExactBackends BACKENDS = ExactBackends.open();
    }

    /** Backends of their own on the emulated driver; the test is skipped on a GPU. */
    static ExactBackends exact() {
        backend();
        assumeFalse(isOnGpu(), "SKIPPED: this needs the emulated driver");
        return Exact.BACKENDS;
    }

    /** The backend; the test is skipped where there is none, or fails where CI=true. */
    static Backend backend() {
        if (driver().isEmpty() && !isOnGpu()) {
            throw skipped(WITHOUT);
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

    /** What to throw in order to skip a test, saying why; where CI=true, it fails. */
    static TestAbortedException skipped(String reason) {
        if ("true".equals(System.getenv("CI"))) {
            Assertions.fail(reason + ", and CI=true allows no skip");
        }
        if (SAID.add(reason)) {
            System.out.println("SKIPPED: " + reason);
        }
        return new TestAbortedException("SKIPPED: " + reason);
    }
}
