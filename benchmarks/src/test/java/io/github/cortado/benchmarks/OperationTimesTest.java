package io.github.cortado.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class OperationTimesTest {
    @Test
    void everyOperationHasATimeAndItsCost() {
        Arguments a =
                Arguments.parse(
                        List.of("--batch", "2", "--reps", "2", "--calls", "1", "--only", "conv"),
                        OperationTimes.defaults());
        List<Integer> before = new ArrayList<>();
        List<?> rows =
                (List<?>)
                        OperationTimes.run(
                                        a,
                                        soFar ->
                                                before.add(
                                                        ((List<?>) soFar.get("operations")).size()))
                                .get("operations");
        assertEquals(IntStream.rangeClosed(1, 21).boxed().toList(), before);
        assertEquals(21, rows.size());
        for (Object row : rows) {
            Map<?, ?> r = (Map<?, ?>) row;
            assertTrue((Double) r.get("microseconds") > 0, r.toString());
            assertTrue((Double) r.get("bytes") > 0, r.toString());
        }
        Map<?, ?> first = (Map<?, ?>) rows.get(0);
        assertEquals("conv1 forward", first.get("operation"));
        assertEquals(18.0 * 2 * 3 * 16 * 32 * 32, first.get("flops"));
    }
}
