package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The tables of mutants are complete, and fit the kernels that are there. */
class MutantTableTest {
    /**
     * Kernels that nothing in Java launches yet: each is to leave this list with its first test.
     */
    static final Set<Kernel> NOT_USED_YET = EnumSet.noneOf(Kernel.class);

    static List<String> sources() {
        return KernelSources.files().stream().map(KernelSources::name).toList();
    }

    @ParameterizedTest
    @MethodSource("sources")
    void everyMutantChangesOnePlace(String source) {
        for (Mutant mutant : Mutant.of(source)) {
            Mutant.Place place = mutant.place();
            String there = place.text().substring(place.start(), place.end());
            assertNotEquals(mutant.replacement(), there, mutant::toString);
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
        Set<String> withoutTests = new TreeSet<>();
        NOT_USED_YET.forEach(kernel -> withoutTests.add(kernel.file() + ".cu"));
        assertEquals(withoutTests, barriers.keySet(), () -> "never removed: " + barriers);
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
}
