package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.JavaProgram;
import io.github.cortado.backend.Placing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The contract under g++'s address and undefined behaviour sanitizers, in a virtual machine of its
 * own: they see what comes out right by chance.
 */
@Tag("thorough")
class SanitizerTest {
    /** Without leaks, which are the virtual machine's, and with its own handlers of signals. */
    private static final String OPTIONS =
            "handle_segv=0:handle_sigbus=0:handle_sigfpe=0:allow_user_segv_handler=1:detect_leaks=0";

    /** Processes that share the checks. */
    private static final int PARTS = 2;

    private static EmulatedDriver sanitized;
    private static Path driver;
    private static Path sanitizer;
    private static ExecutorService threads;
    private static final List<Future<Run>> RIGHT = new ArrayList<>();
    private static final Map<Fault, Future<Run>> FAULTY = new HashMap<>();

    /** A fault that no other test finds, the method that shows it, and what is said of it. */
    private record Fault(Mutant mutant, String method, String found) {
        static Fault in(Kernel kernel, String method, String found, String from, String to) {
            String title = found.replaceAll("\\W+", "-");
            return new Fault(
                    new Mutant(kernel.file(), title, List.of(kernel), from, to), method, found);
        }

        List<EmulatedDriver.Changed> changed() {
            return List.of(mutant.changed());
        }

        @Override
        public String toString() {
            return found;
        }
    }

    static List<Fault> faults() {
        // What lies beyond an array may be anything, but hardly this number.
        String result = "y[(static_cast<size_t>(o) * parts + blockIdx.y) * inner + j] =";
        return List.of(
                Fault.in(
                        Kernel.SUM_COLUMNS,
                        "sum",
                        "AddressSanitizer: heap-buffer-overflow",
                        "if (j < inner) { for",
                        "{ for"),
                Fault.in(
                        Kernel.SUM_COLUMNS,
                        "sum",
                        "AddressSanitizer: use-after-poison",
                        result + " sum;",
                        result + " (&lanes[0][0])[256 + threadIdx.x] == 8.7e-33f ? 0.0f : sum;"),
                Fault.in(
                        Kernel.SUM_COLUMNS,
                        "sum",
                        "runtime error: index 8 out of bounds",
                        result + " sum;",
                        result + " lanes[8][threadIdx.x] == 8.7e-33f ? 0.0f : sum;"),
                Fault.in(
                        Kernel.DROPOUT,
                        "dropout",
                        "runtime error: signed integer overflow",
                        "unsigned low0 = 0xD2511F53u * c0;",
                        "unsigned low0 = static_cast<int>(0xD2511F53u) * static_cast<int>(c0);"),
                Fault.in(
                        Kernel.CONV_32,
                        "conv2d",
                        "runtime error: shift exponent",
                        "(__umulhi(n, magic) + n) >> shift",
                        "(__umulhi(n, magic) + n) >> (shift + 32)"));
    }

    @BeforeAll
    static void build() {
        Emulation.exact();
        sanitized = EmulatedDriver.find().orElseThrow().sanitized();
        sanitizer =
                sanitized.sanitizer().orElseThrow(() -> Emulation.skipped("g++ has no libasan.so"));
        driver = sanitized.build();
        threads = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        for (int i = 0; i < PARTS; i++) {
            String part = String.valueOf(i);
            RIGHT.add(threads.submit(() -> run(part, String.valueOf(PARTS))));
        }
        for (Fault fault : faults()) {
            FAULTY.put(fault, threads.submit(() -> run(fault)));
        }
    }

    @AfterAll
    static void stop() {
        RIGHT.clear();
        FAULTY.clear();
        if (threads != null) {
            threads.shutdownNow();
        }
    }

    @AfterEach
    void restore() {
        new Emulator(Emulation.exact()).restore();
    }

    private record Run(int exit, String output) {}

    /** Runs {@link SanitizedRun} on the sanitized driver. */
    private static Run run(String... arguments) throws IOException, InterruptedException {
        List<String> flags =
                List.of(
                        "-ea",
                        "-Xmx1g",
                        "-D" + NativeLibraries.DIRECTORIES + "=" + driver,
                        "-D" + Pool.MODE + "=exact",
                        "-D" + Preferences.USE + "=" + Library.OWN.key());
        ProcessBuilder builder =
                JavaProgram.plain(SanitizedRun.class, flags, arguments).redirectErrorStream(true);
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

    private static Run run(Fault fault) throws IOException, InterruptedException {
        Path library = sanitized.build(driver, fault.mutant.title(), fault.changed());
        return run(library.toString(), fault.mutant.kernels().get(0).name(), fault.method);
    }

    @Test
    void theSanitizersFindNothing() throws Exception {
        int checks = 0;
        for (Future<Run> part : RIGHT) {
            Run run = part.get();
            assertEquals(0, run.exit, run.output);
            Matcher passed = Pattern.compile("(\\d+) checks passed\\s*$").matcher(run.output);
            assertTrue(passed.find(), run.output);
            checks += Integer.parseInt(passed.group(1));
        }
        assertEquals(Check.all().size(), checks);
    }

    @ParameterizedTest
    @MethodSource("faults")
    void theSanitizersFindWhatNothingElseFinds(Fault fault) throws Exception {
        Run run = FAULTY.get(fault).get();
        assertTrue(run.exit != 0, run.output);
        assertTrue(run.output.contains(fault.found), run.output);

        ExactBackends backends = Emulation.exact();
        EmulatedDriver plain = EmulatedDriver.find().orElseThrow();
        Path library =
                plain.build(
                        Emulation.driver().orElseThrow(), fault.mutant.title(), fault.changed());
        new Emulator(backends).replace(library, 0, fault.mutant.kernels());
        for (Check check : Check.of(fault.method)) {
            check.run(backends, Placing.TIGHT);
        }
    }
}
