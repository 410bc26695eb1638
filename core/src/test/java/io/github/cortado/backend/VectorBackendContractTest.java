package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("vector-only")
class VectorBackendContractTest extends BackendContract {
    @Override
    protected Backend backend() {
        return Backends.found()
                .get("cpu-vector")
                .orElseThrow(
                        () -> new AssertionError(Backends.found().whyNot("cpu-vector").toString()));
    }

    /** Neither who computes nor where the buffers begin in their memory may show in a result. */
    @Test
    void everyResultHasTheSameBitsForAnyNumberOfThreadsAndAtAnyOffset() {
        int before = Parallel.threads();
        try {
            List<List<Object>> one = all(1, 0);
            compare(one, all(2, 3), "2 threads, offset 3");
            compare(one, all(7, 1), "7 threads, offset 1");
        } finally {
            Parallel.setThreads(before);
        }
    }

    private List<List<Object>> all(int threads, int offset) {
        Parallel.setThreads(threads);
        List<List<Object>> all = new ArrayList<>();
        for (ContractCase c : ContractCases.all()) {
            all.add(c.results(backend(), Placing.at(offset)));
        }
        return all;
    }

    private static void compare(List<List<Object>> a, List<List<Object>> b, String what) {
        List<ContractCase> cases = ContractCases.all();
        for (int i = 0; i < a.size(); i++) {
            String where = what + ", " + cases.get(i);
            assertEquals(a.get(i).size(), b.get(i).size(), where);
            for (int j = 0; j < a.get(i).size(); j++) {
                if (a.get(i).get(j) instanceof float[] x) {
                    assertArrayEquals(bits(x), bits((float[]) b.get(i).get(j)), where);
                } else {
                    assertArrayEquals((long[]) a.get(i).get(j), (long[]) b.get(i).get(j), where);
                }
            }
        }
    }

    private static int[] bits(float[] x) {
        int[] bits = new int[x.length];
        for (int i = 0; i < x.length; i++) {
            bits[i] = Float.floatToIntBits(x[i]);
        }
        return bits;
    }
}
