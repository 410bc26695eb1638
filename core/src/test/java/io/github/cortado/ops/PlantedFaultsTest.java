package io.github.cortado.ops;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.TestParts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * The tests of results that wait can fail: for every clause of what must hold of them there are
 * faults, and each is found by the test that its row names, which passes without it.
 */
@Tag("vector-only")
class PlantedFaultsTest {
    /** What is no test's finding, but a fault that does not fit the rest of the classes. */
    private static final String UNFIT = "(?s).*(LinkageError|NoSuch\\w+|NoClassDef|VerifyError).*";

    @TempDir Path directory;

    /** So that the table stays true where the thorough tests do not run. */
    @Test
    void everyFaultHasItsPlaceAndItsTest() throws Exception {
        for (PlantedFault fault : PlantedFault.all()) {
            assertNotEquals("", fault.text());
            Class<?> tests = Class.forName(getClass().getPackageName() + "." + fault.test().get(0));
            assertTrue(
                    Arrays.stream(tests.getDeclaredMethods())
                            .anyMatch(m -> OneTest.isMeant(m, fault.test())),
                    () -> fault + ": there is no test " + fault.test());
        }
    }

    @TestFactory
    @Tag("thorough")
    Stream<DynamicTest> everyFaultIsFound() throws IOException {
        return TestParts.of(PlantedFault.all()).stream()
                .map(fault -> DynamicTest.dynamicTest(fault.title(), () -> find(fault)));
    }

    private void find(PlantedFault fault) throws Exception {
        String found = fault.found(directory);
        assertNotEquals("", found, () -> "nobody finds it: " + fault.test());
        assertFalse(found.matches(UNFIT), found);
        assertTrue(found.contains("at " + OneTest.in(fault.test().get(0))), found);
    }

    /** What finds is the fault, not how it is planted. */
    @TestFactory
    @Tag("thorough")
    Stream<DynamicTest> nothingIsFoundWhereThereIsNone() throws IOException {
        Map<Object, PlantedFault> byTest = new LinkedHashMap<>();
        TestParts.of(PlantedFault.all())
                .forEach(fault -> byTest.put(fault.test(), fault.unplanted()));
        return byTest.values().stream()
                .map(
                        none ->
                                DynamicTest.dynamicTest(
                                        none.test().toString(),
                                        () -> assertEquals("", none.found(directory))));
    }
}
