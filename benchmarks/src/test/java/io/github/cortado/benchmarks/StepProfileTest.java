package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class StepProfileTest {
    @Test
    void everyOperationOfAStepHasATimeAndItsCost() {
        StepProfile profile =
                StepProfile.measure(
                        Arguments.parse(
                                List.of("--batch", "2", "--steps", "8", "--warmup", "8"),
                                StepProfile.defaults()));
        Map<String, StepProfile.Row> rows =
                profile.rows().stream()
                        .collect(Collectors.toMap(StepProfile.Row::operation, row -> row));
        StepProfile.Row forward = rows.get("pooled conv2d 16 to 32, 16 x 16, kernel 3 x 3");
        assertEquals(1, forward.calls());
        assertEquals(2 * 2.0 * 32 * 16 * 16 * 16 * 9 / 1e6, forward.megaflop());
        assertTrue(forward.milliseconds() > 0, forward.toString());
        // Only dw: nobody needs the gradient of the picture.
        StepProfile.Row first =
                rows.get("pooled conv2dGrad by w, b 3 to 16, 32 x 32, kernel 3 x 3");
        assertEquals(2 * 2.0 * 16 * 32 * 32 * 3 * 9 / 1e6, first.megaflop());
        StepProfile.Row second =
                rows.get("pooled conv2dGrad by x, w, b 16 to 32, 16 x 16, kernel 3 x 3");
        assertEquals(2 * forward.megaflop(), second.megaflop());
        // w, m, v and the gradient.
        StepProfile.Row adam = rows.get("adam 541114");
        assertEquals(4 * 4 * 541114 / 1e6, adam.megabytes());
        assertTrue(profile.markdown().contains("| all of them |"), profile.markdown());
    }

    @Test
    void anyNetworkHasAProfileWhoseKindsAddUpItsOperations() {
        StepProfile profile =
                StepProfile.measure(
                        Arguments.parse(
                                List.of(
                                        "--net",
                                        "vit",
                                        "--batch",
                                        "1",
                                        "--steps",
                                        "2",
                                        "--warmup",
                                        "1"),
                                StepProfile.defaults()));
        StepProfile.Row projections =
                profile.rows().stream()
                        .filter(r -> r.operation().equals("linear 64 x 576 x 192"))
                        .findFirst()
                        .orElseThrow();
        // Queries, keys and values of each of six blocks.
        assertEquals(6, projections.calls());
        assertEquals(6 * 2 * 64 * 576 * 192 / 1e6, projections.megaflop(), 1e-9);
        String kinds = profile.markdown().split("\\| operation")[0];
        assertEquals(1, kinds.lines().filter(line -> line.startsWith("| linear |")).count(), kinds);
    }
}
