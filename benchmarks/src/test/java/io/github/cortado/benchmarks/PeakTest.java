package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PeakTest {
    @Test
    void theLoopAddsWhatItCounts() {
        // 12 chains start at 1 to 12 and gain 1.5e-6 a turn.
        double expected = 78 + 12 * 1000 * 1.5e-6;
        assertEquals(expected, MultiplyAdds.run(1000), 1e-2);
    }

    @Test
    void everyThreadIsMeasuredAndTheTotalIsTheirSum() {
        Peak.Result r = Peak.measure(2, 1, 5);
        assertEquals(2, r.perThread().size());
        assertEquals(r.perThread().get(0) + r.perThread().get(1), r.total(), 1e-9);
        assertTrue(r.total() > 0);
    }
}
