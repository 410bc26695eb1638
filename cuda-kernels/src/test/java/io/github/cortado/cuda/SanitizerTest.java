package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Placing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The contract under g++'s address and undefined behaviour sanitizers, in a virtual machine of its
 * own: they see what comes out right by chance.
 */
class SanitizerTest {
    /** Without leaks, which are the virtual machine's, and with its own handlers of signals. */
    private static final String OPTIONS =
            "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:allow_user_segv_handler=1:detect_leaks=0";

    private static EmulatedDriver sanitized;
    private static Path driver;
    private static Path sanitizer;

    /** Faults that no other test finds, what they are found in, and what is said of them. */
    enum Fault {
        READS_BEHIND_THE_INPUT(
                Kernel.SUM_COLUMNS,
                "if (j < inner) { for",
                "{ for",
                "sum",
                "AddressSanitizer: heap-buffer-overflow"),
        READS_BEHIND_SHARED_MEMORY(
                Kernel.SUM_COLUMNS,
                "y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] = sum;",
                "y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] ="
                        + " (&lanes[0][0])[256 + threadIdx.x] > 0.0f ? 0.0f : sum;",
                "sum",
                "AddressSanitizer: use-after-poison"),
        READS_BEHIND_AN_ARRAY(
                Kernel.SUM_COLUMNS,
                "y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] = sum;",
                "y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] ="
                        + " lanes[8][threadIdx.x] > 0.0f ? 0.0f : sum;",
                "sum",
                "runtime error: index 8 out of bounds"),
        A_SIGNED_PRODUCT_OVERFLOWS(
                Kernel.DROPOUT,
                "unsigned low0 = 0xD2511F53u * c0;",
                "unsigned low0 = static_cast<unsigned>("
                        + "static_cast<int>(0xD2511F53u) * static_cast<int>(c0));",
                "dropout",
                "runtime error: signed integer overflow"),
        SHIFTS_FURTHER_THAN_A_NUMBER_IS_LONG(
                Kernel.CONV_32,
                "(__umulhi(n, magic) + n) >> shift",
                "(__umulhi(n, magic) + n) >> (shift + 32)",
                "conv2d",
                "runtime error: shift exponent");

        private final Mutant mutant;
        private final String method;
        private final String found;

        Fault(Kernel kernel, String search, String replacement, String method, String found) {
            mutant = new Mutant(kernel.file(), name(), List.of(kernel), search, replacement);
            this.method = method;
            this.found = found;
        }
    }

    @BeforeAll
    static void build() {
        Emulation.exactBackend();
        sanitized = EmulatedDriver.find().orElseThrow().sanitized();
        sanitizer =
                sanitized
                        .sanitizer()
                        .orElseGet(() -> Emulation.skip("g++ has no library libasan.so"));
        driver = sanitized.build();
    }

    @AfterEach
    void restore() {
        CudaBackend backend = Emulation.exactBackend();
        new Emulator(backend.gpu()).restore(backend);
    }

    private record Run(int exit, String output) {}

    /** Runs {@link SanitizedRun} on the sanitized driver. */
    private static Run run(String... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-ea",
                        "-Xmx1g",
                        "-D" + NativeLibraries.DIRECTORIES + "=" + driver,
                        "-D" + Pool.MODE + "=exact",
                        "-cp",
                        System.getProperty("java.class.path"),
                        SanitizedRun.class.getName()));
        command.addAll(Arrays.asList(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("LD_PRELOAD", sanitizer.toString());
        builder.environment().put("ASAN_OPTIONS", OPTIONS);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            String output =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return new Run(process.waitFor(), output);
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void theSanitizersFindNothing() throws Exception {
        Run run = run();
        assertEquals(0, run.exit, run.output);
        assertEquals(Check.all().size() + " checks passed", run.output.strip());
    }

    @ParameterizedTest
    @EnumSource
    void theSanitizersFindWhatNothingElseFinds(Fault fault) throws Exception {
        List<EmulatedDriver.Changed> changed = List.of(fault.mutant.changed());
        String title = fault.name();
        Path library = sanitized.build(driver, title, changed);
        Run run = run(library.toString(), fault.mutant.kernels().get(0).name(), fault.method);
        assertTrue(run.exit != 0, run.output);
        assertTrue(run.output.contains(fault.found), run.output);

        CudaBackend backend = Emulation.exactBackend();
        EmulatedDriver plain = EmulatedDriver.find().orElseThrow();
        new Emulator(backend.gpu())
                .replace(
                        plain.build(Emulation.driver().orElseThrow(), title, changed),
                        0,
                        fault.mutant.kernels());
        for (Check check : Check.of(fault.method)) {
            check.run(backend, Placing.TIGHT);
        }
    }
}
