package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A few of the mutants, one of a source, each found by the rows of its operation: what the default
 * build keeps of {@link MutantTest}.
 */
class MutantSampleTest {
    private static final List<String> SOURCES =
            List.of("formula", "softmax", "reduce", "optimizer", "dropout", "pool", "normalise");

    private static ExactBackends backends;
    private static Emulator emulator;
    private static Path library;

    @BeforeAll
    static void build() {
        backends = Emulation.exact();
        emulator = new Emulator(backends);
        library =
                EmulatedDriver.find()
                        .orElseThrow()
                        .build(
                                Emulation.driver().orElseThrow(),
                                "sample",
                                SOURCES.stream().map(s -> first(s).changed()).toList());
    }

    private static Mutant first(String source) {
        return Mutant.of(source).get(0);
    }

    @AfterEach
    void restore() {
        emulator.restore();
    }

    @ParameterizedTest
    @CsvSource({
        "formula, sub",
        "softmax, softmax",
        "reduce, sum",
        "optimizer, adam",
        "dropout, dropout",
        "pool, maxPool2d",
        "normalise, batchNormStatistics"
    })
    void theRowsOfAnOperationFindItsMutant(String source, String method) {
        run(method);
        emulator.replace(library, SOURCES.indexOf(source), first(source).kernels());
        assertThrows(AssertionError.class, () -> run(method), first(source).title());
        emulator.restore();
        run(method);
    }

    private static void run(String method) {
        Setting setting = Setting.ALL.get(0);
        emulator.order(setting.order());
        for (Check check : Check.of(method)) {
            check.run(backends, setting.placing());
        }
        emulator.order(Emulator.Order.ASCENDING);
    }
}
