package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.cortado.backend.ContractCase;
import io.github.cortado.backend.ContractCases;
import io.github.cortado.backend.Placing;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Neither the order of threads, warps and blocks nor where buffers lie in memory may show in a
 * result: the contract in every {@link Setting}, with the same bits in all of them.
 */
class SettingTest {
    private static final List<ContractCase> PLAIN = ContractCases.all();
    private static final List<ContractCase> TF32 = Check.tf32();

    /** Of so many rows the default build takes one. */
    private static final int SAMPLE = 7;

    private static final Map<Integer, List<Object>> FIRST = new HashMap<>();

    private static ExactBackends backends;
    private static Emulator emulator;

    static Stream<Setting> settings() {
        return Setting.ALL.stream();
    }

    @BeforeAll
    static void open() {
        backends = Emulation.exact();
        emulator = new Emulator(backends);
    }

    @AfterAll
    static void close() {
        if (emulator != null) {
            emulator.order(Emulator.Order.ASCENDING);
        }
    }

    /** In two of them; the others, with all rows, take a minute. */
    @Test
    void aSampleOfTheResultsHasTheSameBits() {
        compare(Setting.ALL.get(0), SAMPLE);
        compare(Setting.ALL.get(2), SAMPLE);
    }

    @ParameterizedTest
    @MethodSource("settings")
    @Tag("thorough")
    void everyResultIsRightAndHasTheSameBits(Setting setting) {
        compare(setting, 1);
    }

    /** Checks one of so many rows, and compares its bits with those in the first setting. */
    private static void compare(Setting setting, int of) {
        emulator.order(setting.order());
        for (int i = 0; i < PLAIN.size() + TF32.size(); i += of) {
            boolean plain = i < PLAIN.size();
            ContractCase c = plain ? PLAIN.get(i) : TF32.get(i - PLAIN.size());
            CudaBackend backend = plain ? backends.plain() : backends.tf32();
            List<Object> found = c.results(backend, setting.placing());
            List<Object> before = FIRST.putIfAbsent(i, found);
            if (before == null) {
                c.check(c.expected(), found, setting.placing());
            } else {
                compare(c + " " + setting, before, found);
            }
        }
    }

    /**
     * As the tensor cores of a GPU add; in one order, for the order of threads shows in no result.
     */
    @Test
    @Tag("thorough")
    void rowsOfTf32AreRightWhereTensorCoresCutOffWhatTheyAdd() {
        emulator.order(Emulator.Order.ASCENDING);
        emulator.truncate(true);
        try {
            for (ContractCase c : TF32) {
                c.check(c.expected(), c.results(backends.tf32(), Placing.ALIGNED), Placing.ALIGNED);
            }
        } finally {
            emulator.truncate(false);
        }
    }

    private static void compare(String where, List<Object> a, List<Object> b) {
        assertEquals(a.size(), b.size(), where);
        for (int i = 0; i < a.size(); i++) {
            int at =
                    a.get(i) instanceof float[] f
                            ? Arrays.mismatch(f, (float[]) b.get(i))
                            : Arrays.mismatch((long[]) a.get(i), (long[]) b.get(i));
            if (at >= 0) {
                fail(where + ", result " + i + " has other bits at " + at);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("settings")
    @Tag("thorough")
    void whatIsNoRowOfTheContractPassesToo(Setting setting) {
        emulator.order(setting.order());
        Check.others().forEach(c -> c.run(backends, setting.placing()));
    }
}
