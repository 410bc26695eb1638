package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Scope;
import io.github.cortado.cuda.Emulator.Order;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What the emulated driver says of kernels that are wrong: those in {@code
 * src/test/emulator/faulty} should copy x to y, and do so once they are mended.
 */
class FaultyKernelTest {
    private static final int BLOCK = 64;
    private static final int BLOCKS = 5;
    private static final int N = BLOCKS * BLOCK;
    private static final int LAUNCHES = 8;

    /** Where a faulty kernel is found out, and what is said of it; "" if its result is wrong. */
    private record Expected(String fault, Set<Order> orders) {
        static Expected fault(String text) {
            return new Expected(text, EnumSet.allOf(Order.class));
        }

        static Expected wrong(Order first, Order... others) {
            return new Expected("", EnumSet.of(first, others));
        }
    }

    private static final Map<String, Expected> EXPECTED =
            Map.ofEntries(
                    Map.entry(
                            "missing_barrier",
                            Expected.wrong(Order.ASCENDING, Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry(
                            "missing_warp_barrier",
                            Expected.wrong(Order.ASCENDING, Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry(
                            "shared_memory_used_again",
                            Expected.wrong(Order.ASCENDING, Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry(
                            "barrier_after_return",
                            Expected.fault(
                                    "54 of 64 threads reached __syncthreads() of"
                                            + " barrier_after_return.cu:10, the others had"
                                            + " returned")),
                    Map.entry(
                            "barrier_in_a_branch",
                            Expected.fault("threads are at different calls of __syncthreads()")),
                    Map.entry(
                            "barrier_for_half_a_warp",
                            Expected.fault("the threads wait for each other: 32 at")),
                    Map.entry("not_in_its_mask", Expected.fault("is not in the mask of its own")),
                    Map.entry(
                            "unwritten_shared_memory",
                            Expected.wrong(Order.ASCENDING, Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry(
                            "behind_shared_memory",
                            Expected.fault("wrote behind a variable in shared memory")),
                    Map.entry(
                            "too_much_shared_memory",
                            Expected.fault("more than 48 KB of static shared memory")),
                    Map.entry(
                            "behind_an_allocation",
                            Expected.fault("relu: wrote outside an allocation of 1280 bytes")),
                    Map.entry(
                            "before_an_allocation",
                            Expected.fault("relu: wrote outside an allocation of 1280 bytes")),
                    Map.entry(
                            "behind_an_input",
                            Expected.wrong(Order.ASCENDING, Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry("far_from_any_allocation", Expected.fault("where no memory is")),
                    Map.entry("null_pointer", Expected.fault("where no memory is")),
                    Map.entry("misaligned", Expected.fault("at misaligned.cu:9")),
                    Map.entry("division_by_zero", Expected.fault("an integer was divided by 0")),
                    Map.entry("order_of_blocks", Expected.wrong(Order.DESCENDING, Order.SHUFFLED)),
                    Map.entry("done_too_early", Expected.wrong(Order.SHUFFLED)));

    private static ExactBackends backends;
    private static Emulator emulator;
    private static List<String> names;
    private static Path library;

    static Stream<String> kernels() {
        return names().stream();
    }

    private static List<String> names() {
        try (Stream<Path> files = Files.list(EmulatedDriver.sources().resolve("faulty"))) {
            return files.map(KernelSources::name).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeAll
    static void build() {
        backends = Emulation.exact();
        emulator = new Emulator(backends);
        names = names();
        List<EmulatedDriver.Changed> all = new ArrayList<>();
        for (String define : List.of("", "#define MENDED 1\n#line 1\n")) {
            for (String name : names) {
                Path file = EmulatedDriver.sources().resolve("faulty").resolve(name + ".cu");
                all.add(
                        new EmulatedDriver.Changed(
                                name,
                                define
                                        + KernelSources.text(file)
                                        + "\n#undef MENDED\n#undef BARRIER\n",
                                Map.of(),
                                List.of(Kernel.RELU)));
            }
        }
        library =
                EmulatedDriver.find()
                        .orElseThrow()
                        .build(Emulation.driver().orElseThrow(), "faulty", all);
    }

    @AfterEach
    void restore() {
        emulator.restore();
        emulator.order(Order.ASCENDING);
    }

    @Test
    void everyFaultyKernelIsKnownHere() {
        assertEquals(new TreeSet<>(EXPECTED.keySet()), new TreeSet<>(names));
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void aFaultIsFound(String name) {
        Expected expected = EXPECTED.get(name);
        Set<Order> found = EnumSet.noneOf(Order.class);
        emulator.replace(library, names.indexOf(name), List.of(Kernel.RELU));
        for (Order order : Order.values()) {
            emulator.order(order);
            if (!expected.fault.isEmpty()) {
                String message = assertThrows(CudaException.class, this::copy).getMessage();
                assertTrue(message.contains(expected.fault), message);
                found.add(order);
            } else {
                // The shuffled order is another one in every launch.
                for (int i = 0; i < LAUNCHES; i++) {
                    if (!Arrays.equals(x(), copy())) {
                        found.add(order);
                    }
                }
            }
        }
        assertEquals(expected.orders, found);
    }

    @ParameterizedTest
    @MethodSource("kernels")
    void theSameKernelIsRightWhenItIsMended(String name) {
        emulator.replace(library, names.size() + names.indexOf(name), List.of(Kernel.RELU));
        for (Order order : Order.values()) {
            emulator.order(order);
            assertArrayEquals(x(), copy(), order.toString());
        }
    }

    private static float[] x() {
        float[] x = new float[N];
        for (int i = 0; i < N; i++) {
            x[i] = i + 1;
        }
        return x;
    }

    /** What the kernel makes of x. */
    private float[] copy() {
        CudaBackend backend = backends.plain();
        Gpu gpu = backend.gpu();
        try (Scope scope = Scope.open()) {
            CudaBuffer x = gpu.empty(DType.FLOAT32, N);
            backend.upload(x(), x);
            CudaBuffer y = gpu.empty(DType.FLOAT32, N);
            gpu.launch(Kernel.RELU)
                    .grid(BLOCKS)
                    .block(BLOCK, 1)
                    .pointer(x)
                    .pointer(y)
                    .int32(N)
                    .run();
            float[] found = new float[N];
            backend.download(y, found);
            return found;
        }
    }
}
