package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.TestParts;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The tests of the backend can fail: for every kernel there are faults, and every fault is found by
 * a row of the contract or by another of the {@linkplain Check checks}, which passes again without
 * it. See {@link Mutant}.
 */
@Tag("thorough")
class MutantTest {
    /** Sources to be tested, a regular expression; all of them unless somebody is in a hurry. */
    private static final String ONLY = System.getProperty("cortado.mutants", ".*");

    /** Mutants that are compiled together. */
    private static final int TOGETHER = 16;

    private static ExactBackends backends;
    private static Emulator emulator;
    private static ExecutorService compilers;
    private static final Map<Mutant, Compiled> COMPILED = new HashMap<>();
    private static final Map<String, Future<Path>> UNCHANGED = new HashMap<>();
    private static final Map<Kernel, List<Check>> CHECKS = new EnumMap<>(Kernel.class);
    private static int total;
    private static int killed;

    /** The library that a mutant is in, and its number there. */
    private record Compiled(Future<Path> library, int number) {}

    @BeforeAll
    static void prepare() {
        backends = Emulation.exact();
        emulator = new Emulator(backends);
        compilers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        for (String source : MutantTableTest.sources()) {
            List<Mutant> mutants = chosen(source);
            if (source.matches(ONLY) && !mutants.isEmpty()) {
                for (int from = 0; from < mutants.size(); from += TOGETHER) {
                    compile(mutants.subList(from, Math.min(from + TOGETHER, mutants.size())));
                }
                UNCHANGED.put(source, library(source, List.of(unchanged(source, mutants))));
            }
        }
        findChecks();
    }

    private static List<Mutant> chosen(String source) {
        return TestParts.of(Mutant.of(source));
    }

    private static void compile(List<Mutant> mutants) {
        List<EmulatedDriver.Changed> changed = mutants.stream().map(Mutant::changed).toList();
        Future<Path> library = library(mutants.get(0).source(), changed);
        for (int i = 0; i < mutants.size(); i++) {
            COMPILED.put(mutants.get(i), new Compiled(library, i));
        }
    }

    private static Future<Path> library(String source, List<EmulatedDriver.Changed> changed) {
        Path driver = Emulation.driver().orElseThrow();
        return compilers.submit(
                () -> EmulatedDriver.find().orElseThrow().build(driver, source, changed));
    }

    private static EmulatedDriver.Changed unchanged(String source, List<Mutant> mutants) {
        return new EmulatedDriver.Changed(
                source,
                KernelSources.text(KernelSources.file(source)),
                EmulatedDriver.originalHeaders(),
                kernels(mutants));
    }

    private static List<Kernel> kernels(List<Mutant> mutants) {
        return mutants.stream().flatMap(m -> m.kernels().stream()).distinct().toList();
    }

    /** Which checks launch which kernel, those with the fewest threads first. */
    private static void findChecks() {
        Map<Check, Long> threads = new HashMap<>();
        emulator.launches();
        for (Check check : Check.all()) {
            check.run(backends, Setting.ALL.get(0).placing());
            Map<Kernel, Long> launches = emulator.launches();
            launches.keySet()
                    .forEach(k -> CHECKS.computeIfAbsent(k, x -> new ArrayList<>()).add(check));
            threads.put(check, launches.values().stream().mapToLong(n -> n).sum());
        }
        CHECKS.values().forEach(list -> list.sort(Comparator.comparing(threads::get)));
    }

    @AfterAll
    static void tell() {
        if (compilers != null) {
            compilers.shutdownNow();
            emulator.order(Emulator.Order.ASCENDING);
            System.out.printf("Mutants: %d, killed: %d%n", total, killed);
        }
    }

    @TestFactory
    Stream<DynamicTest> everyMutantIsKilled() {
        return MutantTableTest.sources().stream()
                .filter(UNCHANGED::containsKey)
                .map(source -> DynamicTest.dynamicTest(source, () -> killAll(source)));
    }

    /** A check that has found a mutant, and where buffers lay and how threads ran then. */
    private record Killer(Check check, Setting setting) {}

    private static void killAll(String source) throws Exception {
        Set<Killer> killers = new LinkedHashSet<>();
        long start = System.nanoTime();
        List<String> alive = new ArrayList<>();
        int tried = 0;
        List<Mutant> mutants = chosen(source);
        for (Mutant mutant : mutants) {
            Compiled compiled = COMPILED.get(mutant);
            for (Kernel kernel : mutant.kernels()) {
                tried++;
                emulator.replace(compiled.library.get(), compiled.number, List.of(kernel));
                if (!isKilled(kernel, killers)) {
                    alive.add(kernel + ": " + mutant.title());
                }
            }
        }
        total += tried;
        killed += tried - alive.size();
        System.out.printf(
                "%s.cu: %d mutants, %d killed, %.1f s%n",
                source, tried, tried - alive.size(), (System.nanoTime() - start) / 1e9);
        assertEquals(List.of(), alive, "mutants that no check finds");
        // What kills is the change, not that kernels are compiled and loaded like this.
        emulator.replace(UNCHANGED.get(source).get(), 0, kernels(mutants));
        killers.forEach(k -> assertTrue(passes(k), () -> k + " fails with unchanged kernels"));
        emulator.restore();
    }

    /**
     * Whether a check of the kernel that is replaced now fails, which passes with the right one.
     * What found the mutants before is tried first.
     */
    private static boolean isKilled(Kernel kernel, Set<Killer> killers) {
        List<Check> checks = CHECKS.getOrDefault(kernel, List.of());
        Stream<Killer> known =
                killers.stream()
                        .filter(k -> checks.contains(k.check))
                        .sorted(Comparator.comparing(k -> checks.indexOf(k.check)));
        Stream<Killer> all =
                Stream.concat(Setting.ALL.stream(), Setting.MORE.stream())
                        .flatMap(s -> checks.stream().map(c -> new Killer(c, s)));
        // What a kernel that does not wait reads depends on what ran before it: asked three times.
        Killer killer =
                thrice(Stream.concat(known, all).toList())
                        .filter(k -> !passes(k))
                        .findFirst()
                        .orElse(null);
        emulator.restore();
        if (killer == null) {
            return false;
        }
        assertTrue(passes(killer), () -> killer + " fails without the mutant too");
        killers.add(killer);
        return true;
    }

    /** In this order, backwards, and in this order again. */
    private static Stream<Killer> thrice(List<Killer> killers) {
        List<Killer> backwards = new ArrayList<>(killers);
        Collections.reverse(backwards);
        return Stream.of(killers, backwards, killers).flatMap(List::stream);
    }

    private static boolean passes(Killer k) {
        emulator.order(k.setting.order());
        try {
            k.check.run(backends, k.setting.placing());
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    /** A mutant of a kernel that the tests do not reach would be no proof of anything. */
    @Test
    void everyKernelIsLaunchedByAKnownCheck() {
        for (Kernel kernel : EnumSet.complementOf(EnumSet.copyOf(MutantTableTest.NOT_USED_YET))) {
            assertNotEquals(List.of(), CHECKS.getOrDefault(kernel, List.of()), kernel::toString);
        }
    }
}
