package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Placing;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Work that is split by the number of multiprocessors, on as many as an H100 has. Everything else
 * of the contract runs so where {@code CORTADO_EMULATED_MULTIPROCESSORS} says it; see the pom.
 */
class MultiprocessorsTest {
    private static final int FEW = 3;
    private static final int H100 = 132;

    private static ExactBackends few;
    private static ExactBackends many;

    @BeforeAll
    static void open() {
        few = Emulation.exact().withMultiprocessors(FEW);
        many = Emulation.exact().withMultiprocessors(H100);
    }

    @Test
    void aProductIsSplitAsOnARealGpu() {
        assertEquals(H100, many.plain().gpu().properties().multiprocessors());
        // The weights of LeNet's first linear layer for a batch of 1024, and their gradient.
        for (int[] s : new int[][] {{1024, 500, 1024}, {500, 1024, 1024}}) {
            Tiling here = Tiling.ofProduct(s[0], s[1], s[2], 1, false, few.plain().gpu());
            Tiling there = Tiling.ofProduct(s[0], s[1], s[2], 1, false, many.plain().gpu());
            assertEquals(1, here.splits());
            assertTrue(there.splits() > 1, there::toString);
        }
    }

    @TestFactory
    Stream<DynamicTest> whatIsSplitIsRight() {
        return Stream.of("linear", "linearGrad", "conv2dGrad")
                .map(method -> DynamicTest.dynamicTest(method, () -> run(Check.of(method))));
    }

    /** Shares are added by whichever block comes last, so the order of blocks matters. */
    private static void run(List<Check> checks) {
        Emulator emulator = new Emulator(Emulation.exact());
        emulator.order(Emulator.Order.SHUFFLED);
        try {
            checks.forEach(check -> check.run(many, Placing.TIGHT));
        } finally {
            emulator.order(Emulator.Order.ASCENDING);
        }
    }
}
