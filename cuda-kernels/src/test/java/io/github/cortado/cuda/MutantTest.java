package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * The tests of the backend can fail: for every kernel there are faults, and every fault is found by
 * a row of the contract or by another of the {@linkplain Check checks}, which passes again without
 * it. See {@link Mutant}.
 */
class MutantTest {
    /**
     * Kernels that nothing in Java launches yet: each is to leave this list with its first test.
     */
    private static final Set<Kernel> NOT_USED_YET = EnumSet.of(Kernel.PICTURES);

    /** Sources to be tested, a regular expression; all of them unless somebody is in a hurry. */
    private static final String ONLY = System.getProperty("cortado.mutants", ".*");

    /** Mutants that are compiled together. */
    private static final int TOGETHER = 16;

    private static CudaBackend backend;
    private static Emulator emulator;
    private static ExecutorService compilers;
    private static final Map<Mutant, Compiled> COMPILED = new HashMap<>();
    private static final Map<Kernel, List<Check>> CHECKS = new EnumMap<>(Kernel.class);
    private static int total;
    private static int killed;

    /** The library that a mutant is in, and its number there. */
    private record Compiled(Future<Path> library, int number) {}

    @BeforeAll
    static void prepare() {
        backend = Emulation.exactBackend();
        emulator = new Emulator(backend.gpu());
        compilers = Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        Path driver = Emulation.driver().orElseThrow();
        for (String source : sources()) {
            List<Mutant> mutants = Mutant.of(source);
            for (int from = 0; from < mutants.size(); from += TOGETHER) {
                List<Mutant> some =
                        mutants.subList(from, Math.min(from + TOGETHER, mutants.size()));
                List<EmulatedDriver.Changed> changed = some.stream().map(Mutant::changed).toList();
                String title = source + "-" + from;
                Future<Path> library =
                        compilers.submit(
                                () ->
                                        EmulatedDriver.find()
                                                .orElseThrow()
                                                .build(driver, title, changed));
                for (int i = 0; i < some.size(); i++) {
                    COMPILED.put(some.get(i), new Compiled(library, i));
                }
            }
        }
        findChecks();
    }

    /** Which checks launch which kernel, those with the fewest threads first. */
    private static void findChecks() {
        Map<Check, Long> threads = new HashMap<>();
        emulator.launches();
        for (Check check : Check.all()) {
            check.run(backend, Setting.ALL.get(0).placing());
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

    private static List<String> sources() {
        return KernelSources.files().stream().map(KernelSources::name).toList();
    }

    @TestFactory
    Stream<DynamicTest> everyMutantIsKilled() {
        return sources().stream()
                .filter(source -> source.matches(ONLY) && !Mutant.of(source).isEmpty())
                .map(source -> DynamicTest.dynamicTest(source, () -> killAll(source)));
    }

    /** A check that has found a mutant, and where buffers lay and how threads ran then. */
    private record Killer(Check check, Setting setting) {}

    private static void killAll(String source) throws Exception {
        Set<Killer> killers = new LinkedHashSet<>();
        long start = System.nanoTime();
        List<String> alive = new ArrayList<>();
        int tried = 0;
        for (Mutant mutant : Mutant.of(source)) {
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
        Killer killer = Stream.concat(known, all).filter(k -> !passes(k)).findFirst().orElse(null);
        emulator.restore(backend);
        if (killer == null) {
            return false;
        }
        assertTrue(passes(killer), () -> killer + " fails without the mutant too");
        killers.add(killer);
        return true;
    }

    private static boolean passes(Killer k) {
        emulator.order(k.setting.order());
        try {
            k.check.run(backend, k.setting.placing());
            return true;
        } catch (AssertionError e) {
            return false;
        }
    }

    @Test
    void everyKernelHasAMutant() {
        Set<Kernel> without = EnumSet.allOf(Kernel.class);
        for (String source : sources()) {
            for (Mutant mutant : Mutant.of(source)) {
                for (Kernel kernel : mutant.kernels()) {
                    assertEquals(source, kernel.file(), mutant::toString);
                    without.remove(kernel);
                }
            }
        }
        assertEquals(NOT_USED_YET, without);
    }

    /** Every place of __syncthreads() is without it in some mutant. */
    @Test
    void everyBarrierIsRemovedByAMutant() {
        Map<String, Set<Integer>> barriers = new TreeMap<>();
        for (Path file : allSources()) {
            barriers.put(file.getFileName().toString(), barriers(KernelSources.text(file)));
        }
        for (String source : sources()) {
            for (Mutant mutant : Mutant.of(source)) {
                Mutant.Place p = mutant.place();
                Set<Integer> there = barriers(p.text().substring(p.start(), p.end()));
                if (there.size() == 1 + barriers(mutant.replacement()).size()) {
                    // The replacement has all but the last, or none.
                    int last = there.stream().max(Comparator.naturalOrder()).orElseThrow();
                    barriers.get(p.file()).remove(p.start() + last);
                }
            }
        }
        barriers.values().removeIf(Set::isEmpty);
        assertEquals(Set.of("pictures.cu"), barriers.keySet(), () -> "never removed: " + barriers);
    }

    private static List<Path> allSources() {
        return Stream.concat(KernelSources.files().stream(), KernelSources.headers().stream())
                .toList();
    }

    private static Set<Integer> barriers(String text) {
        Set<Integer> places = new TreeSet<>();
        Matcher m = Pattern.compile("__sync(threads|warp)\\(").matcher(text);
        while (m.find()) {
            places.add(m.start());
        }
        return places;
    }

    /** A mutant of a kernel that the tests do not reach would be no proof of anything. */
    @Test
    void everyKernelIsLaunchedByAKnownCheck() {
        for (Kernel kernel : EnumSet.complementOf(EnumSet.copyOf(NOT_USED_YET))) {
            assertNotEquals(List.of(), CHECKS.getOrDefault(kernel, List.of()), kernel::toString);
        }
    }
}
