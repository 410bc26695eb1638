package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Backends;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Assertions;
import org.opentest4j.TestAbortedException;

/**
 * The CUDA backend of this test run: on the emulated driver, unless {@code -Dcortado.test.gpu=true}
 * asks for the machine's own.
 */
final class Emulation {
    private static final String WITHOUT =
            "there is no g++ on Linux on x86-64, with which kernels are tested without a GPU";

    private static final Set<String> SAID = new HashSet<>();

    private Emulation() {}

    private static final class Holder {
        static final Optional<Path> DRIVER = driver();

        private static Optional<Path> driver() {
            if (isOnGpu()) {
                return Optional.empty();
            }
            Optional<Path> directory = EmulatedDriver.find().map(EmulatedDriver::build);
            directory.ifPresent(d -> System.setProperty(NativeLibraries.DIRECTORIES, d.toString()));
            return directory;
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
        static final CudaBackend BACKEND = exact();

        private static CudaBackend exact() {
            System.setProperty(Pool.MODE, "exact");
            try {
                return new CudaBackend("cuda:0", new Gpu(0));
            } finally {
                System.clearProperty(Pool.MODE);
            }
        }
    }

    /**
     * A backend of its own on the emulated driver, whose buffers have guards right behind their
     * ends and hold NaN whenever they are made.
     */
    static CudaBackend exactBackend() {
        backend();
        assumeFalse(isOnGpu(), "SKIPPED: this needs the emulated driver");
        return Exact.BACKEND;
    }

    /** The backend; the test is skipped where there is none, or fails where CI=true. */
    static Backend backend() {
        if (driver().isEmpty() && !isOnGpu()) {
            throw skipped(WITHOUT);
        }
        return Backends.found()
                .get("cuda:0")
                .orElseThrow(
                        () -> new AssertionError(Backends.found().whyNot("cuda:0").getMessage()));
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
