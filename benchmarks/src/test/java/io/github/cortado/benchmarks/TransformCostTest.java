package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.benchmarks.TransformCost.Source;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TransformCostTest {
    private static Map<Source, Series> measure(String... line) {
        return TransformCost.measure(Arguments.parse(List.of(line), TransformCost.defaults()));
    }

    @Test
    void everySourceIsMeasuredInEveryRound() {
        Map<Source, Series> all =
                measure("--batch", "2", "--images", "8", "--rounds", "3", "--warmup", "1");
        assertEquals(List.of(Source.values()), List.copyOf(all.keySet()));
        for (Series series : all.values()) {
            assertEquals(3, series.values().size());
            assertTrue(series.min() > 0, all::toString);
        }
    }

    @Test
    void ratiosAreThoseOfTheSameRound() {
        Map<Source, Series> all = new EnumMap<>(Source.class);
        all.put(Source.ONE_BATCH, new Series(List.of(50.0, 100.0, 60.0)));
        all.put(Source.PLAIN, new Series(List.of(60.0, 110.0, 63.0)));
        all.put(Source.AUGMENTED, new Series(List.of(66.0, 99.0, 63.0)));
        assertEquals(
                """
                | batches from | us a picture | spread | over the row above | spread | over the first row | spread |
                |---|--:|--:|--:|--:|--:|--:|
                | the same batch every time | 60.00 | 50.00..100.00 | | | | |
                | a loader, no random transforms | 63.00 | 60.00..110.00 | 1.100 | 1.050..1.200 | 1.100 | 1.050..1.200 |
                | a loader, all transforms | 66.00 | 63.00..99.00 | 1.000 | 0.900..1.100 | 1.050 | 0.990..1.320 |""",
                TransformCost.markdown(all));
    }

    @Test
    void fewerPicturesThanABatchAreRefused() {
        assertThrows(
                Arguments.UsageException.class, () -> measure("--batch", "9", "--images", "8"));
    }
}
