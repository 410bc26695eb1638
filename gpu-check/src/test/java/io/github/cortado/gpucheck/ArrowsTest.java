package io.github.cortado.gpucheck;

import static com.tngtech.archunit.base.DescribedPredicate.alwaysTrue;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Which package knows which, over all modules: this one sees them all. A package that is not named
 * belongs to the nearest one above it that is.
 */
class ArrowsTest {
    private static final String ROOT = "io.github.cortado";

    /** Tensor, Device and the like, which every other package may know. */
    private static final String FIRST = "";

    private static final Set<String> CORE =
            Set.of(
                    FIRST,
                    "autograd",
                    "backend",
                    "backend.cpu",
                    "backend.formula",
                    "data",
                    "io",
                    "models",
                    "nn",
                    "ops",
                    "optim",
                    "random");

    /** What a package knows besides itself. Names are those below {@link #ROOT}. */
    private static final Map<String, Set<String>> KNOWS =
            Map.ofEntries(
                    Map.entry(FIRST, Set.of("autograd", "backend", "backend.formula", "ops")),
                    Map.entry("autograd", Set.of(FIRST, "backend", "backend.formula", "random")),
                    Map.entry("backend", Set.of(FIRST, "backend.formula")),
                    Map.entry("backend.cpu", Set.of(FIRST, "backend", "backend.formula", "random")),
                    Map.entry("backend.formula", Set.of()),
                    Map.entry("data", Set.of(FIRST, "backend", "random")),
                    Map.entry("io", Set.of(FIRST, "backend", "nn", "optim")),
                    // Written as users write theirs: no more than they have.
                    Map.entry("models", Set.of(FIRST, "autograd", "nn", "random")),
                    Map.entry(
                            "nn",
                            Set.of(
                                    FIRST,
                                    "autograd",
                                    "backend",
                                    "backend.formula",
                                    "ops",
                                    "random")),
                    Map.entry("ops", Set.of(FIRST, "autograd", "backend", "backend.formula")),
                    Map.entry("optim", Set.of(FIRST, "autograd", "backend", "backend.formula")),
                    Map.entry("random", Set.of()),
                    Map.entry("vision", coreBut("backend.cpu")),
                    Map.entry("cuda", coreBut("backend.cpu")),
                    Map.entry("example", and(coreBut("backend.cpu"), "vision")),
                    Map.entry("examples", and(coreBut("backend.cpu"), "vision")),
                    Map.entry("benchmarks", and(coreBut("backend.cpu"), "vision")),
                    Map.entry("gpucheck", and(coreBut("backend.cpu"), "vision", "benchmarks")));

    /** What one class of a package knows besides. */
    private static final Map<String, String> EXCEPTIONS =
            Map.of(
                    // Checks the gradients of a whole layer.
                    "autograd.GradCheck",
                    "nn",
                    // Makes tensors of random numbers.
                    "ops.Draw",
                    "random");

    private static final JavaClasses CLASSES =
            new ClassFileImporter()
                    .withImportOption(new ImportOption.DoNotIncludeTests())
                    .importPackages(ROOT);

    private static Set<String> coreBut(String one) {
        return CORE.stream().filter(name -> !name.equals(one)).collect(Collectors.toSet());
    }

    private static Set<String> and(Set<String> some, String... more) {
        Set<String> all = new TreeSet<>(some);
        all.addAll(List.of(more));
        return all;
    }

    @Test
    void everyPackageIsLookedAt() {
        Set<String> seen = new TreeSet<>();
        CLASSES.forEach(c -> seen.add(roomOf(c)));
        assertEquals(new TreeSet<>(KNOWS.keySet()), seen);
    }

    @Test
    void noPackageKnowsMoreThanItMay() {
        classes().should(new KnowOnlyWhatTheyMay()).check(CLASSES);
    }

    /** Of every arrow that is one too many, both packages and where it begins. */
    private static final class KnowOnlyWhatTheyMay extends ArchCondition<JavaClass> {
        KnowOnlyWhatTheyMay() {
            super("know only what KNOWS and EXCEPTIONS let them");
        }

        @Override
        public void check(JavaClass from, ConditionEvents events) {
            for (Dependency arrow : from.getDirectDependenciesFromSelf()) {
                JavaClass to = arrow.getTargetClass().getBaseComponentType();
                if (isOurs(to) && !mayKnow(from, to)) {
                    String message =
                            "'"
                                    + roomOf(from)
                                    + "' may not know '"
                                    + roomOf(to)
                                    + "': "
                                    + arrow.getDescription();
                    events.add(SimpleConditionEvent.violated(arrow, message));
                }
            }
        }
    }

    private static boolean isOurs(JavaClass c) {
        return (c.getPackageName() + ".").startsWith(ROOT + ".");
    }

    private static boolean mayKnow(JavaClass from, JavaClass to) {
        String room = roomOf(from);
        String other = roomOf(to);
        return room.equals(other)
                || KNOWS.getOrDefault(room, Set.of()).contains(other)
                || other.equals(EXCEPTIONS.get(below(outermost(from))));
    }

    private static String outermost(JavaClass c) {
        return c.getName().replaceFirst("\\$.*", "");
    }

    /** A name without what all have in common. */
    private static String below(String name) {
        return name.substring(Math.min(name.length(), ROOT.length() + 1));
    }

    /** The package of {@link #KNOWS} that a class belongs to. */
    private static String roomOf(JavaClass c) {
        String name = below(c.getPackageName());
        while (!KNOWS.containsKey(name) && name.contains(".")) {
            name = name.substring(0, name.lastIndexOf('.'));
        }
        return name;
    }

    @Test
    void packagesBelowWhatUsersSeeFirstFormNoCycle() {
        // All of them know Tensor and Device, which know autograd, backend and ops in turn.
        slices().matching(ROOT + ".(*)..")
                .should()
                .beFreeOfCycles()
                .ignoreDependency(
                        resideInAPackage(ROOT + ".autograd")
                                .and(nameMatching(".*\\.GradCheck(\\$.*)?")),
                        alwaysTrue())
                .check(CLASSES);
    }

    @Test
    void theOracleAndTheVectorBackendShareNothing() {
        noClasses()
                .that()
                .resideInAPackage("..backend.cpu.scalar..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..backend.cpu.vector..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("..backend.cpu")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("..backend.cpu.scalar..", "..backend.cpu.vector..")
                .check(CLASSES);
        noClasses()
                .that()
                .resideInAPackage("..backend.cpu.vector..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("..backend.cpu.scalar..")
                .check(CLASSES);
    }

    @Test
    void roomsOfTheVectorBackendFormNoCycle() {
        slices().matching("..backend.cpu.vector.(*)..").should().beFreeOfCycles().check(CLASSES);
    }
}
