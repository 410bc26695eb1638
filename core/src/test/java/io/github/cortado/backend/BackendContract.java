package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.backend.cpu.scalar.ScalarBackend;
import io.github.cortado.backend.formula.Formulas;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * What every backend must do: the same as {@link ScalarBackend}, for every method, at awkward
 * sizes, in buffers that do not begin at 0, at aligned addresses and others. Subclassed once for
 * each backend.
 */
public abstract class BackendContract {
    /** Tested by methods of their own below, not by a row of the table. */
    private static final Set<String> WITHOUT_ROWS =
            Set.of(
                    "name",
                    "description",
                    "supports",
                    "allocate",
                    "empty",
                    "upload",
                    "download",
                    "synchronize",
                    "nanoseconds",
                    "report",
                    "bytesInUse",
                    "allowTf32",
                    "compile");

    /** Rows of these are rows of {@link Backend#pointwise}. */
    private static final Set<String> FORMULAS =
            ContractFormulaCases.all().stream()
                    .map(ContractCase::method)
                    .collect(Collectors.toSet());

    private static final List<Placing> ELSEWHERE =
            Stream.concat(Stream.of(Placing.UNALIGNED), Placing.MIXED.stream()).toList();

    /** The backend to be tested. */
    protected abstract Backend backend();

    /** What it is forgiven in the row that it has just computed. */
    protected Leeway leeway() {
        return Leeway.NONE;
    }

    /** Whether a method is tested; another run may have seen to those that are left out. */
    protected boolean covers(String method) {
        return true;
    }

    @TestFactory
    final Stream<DynamicTest> everyMethodDoesWhatTheScalarBackendDoes() {
        Map<String, List<ContractCase>> byMethod =
                ContractCases.all().stream()
                        .collect(
                                Collectors.groupingBy(
                                        ContractCase::method,
                                        LinkedHashMap::new,
                                        Collectors.toList()));
        return byMethod.entrySet().stream()
                .filter(e -> covers(e.getKey()))
                .map(
                        e ->
                                DynamicTest.dynamicTest(
                                        e.getKey() + ", " + e.getValue().size() + " cases",
                                        () -> compare(e.getValue())));
    }

    /** Each with its buffers where wide accesses can be made, and with some or all elsewhere. */
    private void compare(List<ContractCase> cases) {
        for (int i = 0; i < cases.size(); i++) {
            ContractCase c = cases.get(i);
            List<Object> right = c.expected();
            for (Placing p : List.of(Placing.ALIGNED, ELSEWHERE.get(i % ELSEWHERE.size()))) {
                c.check(right, c.results(backend(), p), p, leeway());
            }
        }
    }

    @Test
    final void noMethodOfTheSeamLacksACase() {
        Set<String> methods =
                Arrays.stream(Backend.class.getDeclaredMethods())
                        .filter(m -> !m.isSynthetic())
                        .map(Method::getName)
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> tested =
                ContractCases.all().stream()
                        .map(ContractCase::method)
                        .filter(m -> !FORMULAS.contains(m))
                        .collect(Collectors.toCollection(TreeSet::new));
        tested.add("pointwise");
        tested.addAll(WITHOUT_ROWS);
        assertEquals(methods, tested);
    }

    @Test
    final void itHasANameAndADescriptionOfOneLine() {
        assertFalse(backend().name().isBlank());
        assertFalse(backend().description().isBlank());
        assertFalse(backend().description().contains("\n"));
        assertTrue(backend().supports(DType.FLOAT32));
    }

    @Test
    final void buffersAreZeroAndTakeEveryTypeThereAndBack() {
        Map<DType, Object> arrays =
                Map.of(
                        DType.FLOAT32, new float[] {1.5f, -2, Float.NaN, -0f},
                        DType.INT32, new int[] {1, -2, Integer.MAX_VALUE, 0},
                        DType.INT64, new long[] {1, -2, Long.MAX_VALUE, Long.MIN_VALUE},
                        DType.UINT8, new byte[] {1, -2, 127, -128});
        arrays.forEach(
                (dtype, values) -> {
                    Buffer b = backend().allocate(dtype, 9);
                    Object zeros = array(dtype, 9);
                    backend().download(b, zeros);
                    assertEquals(bits(array(dtype, 9)), bits(zeros));
                    Buffer slice = b.slice(2, 7).slice(1, 4);
                    assertEquals(4, slice.length());
                    assertEquals(dtype, slice.dtype());
                    assertTrue(slice.sharesMemoryWith(b));
                    backend().upload(values, slice);
                    Object back = array(dtype, 4);
                    backend().download(b.slice(3, 4), back);
                    assertEquals(bits(values), bits(back));
                    Object empty = array(dtype, 0);
                    backend().upload(empty, backend().allocate(dtype, 0));
                });
    }

    private static Object array(DType dtype, int n) {
        return switch (dtype) {
            case FLOAT32 -> new float[n];
            case FLOAT64 -> new double[n];
            case INT32 -> new int[n];
            case INT64 -> new long[n];
            case UINT8, BOOL -> new byte[n];
        };
    }

    private static String bits(Object array) {
        return array instanceof float[] f
                ? Arrays.deepToString(new Object[] {toBits(f)})
                : Arrays.deepToString(new Object[] {array});
    }

    private static int[] toBits(float[] f) {
        int[] bits = new int[f.length];
        for (int i = 0; i < f.length; i++) {
            bits[i] = Float.floatToIntBits(f[i]);
        }
        return bits;
    }

    @Test
    final void casesOfCastTruncateAndKeepWhatFits() {
        float[] floats = {0, 1.9f, -1.9f, 3e9f, 200.5f};
        assertCast(DType.FLOAT32, floats, new long[] {0, 1, -1, 3_000_000_000L, 200});
        assertCast(DType.FLOAT32, new float[] {0, 1.9f, 255}, new byte[] {0, 1, -1});
        assertCast(DType.FLOAT32, new float[] {7.9f, -7.9f}, new int[] {7, -7});
        assertCast(DType.UINT8, new byte[] {0, 127, -128, -1}, new float[] {0, 127, 128, 255});
        assertCast(DType.UINT8, new byte[] {0, -1}, new long[] {0, 255});
        assertCast(DType.INT64, new long[] {5, -5, 1L << 40}, new float[] {5, -5, 0x1p40f});
        assertCast(DType.INT64, new long[] {5, -5}, new int[] {5, -5});
        assertCast(DType.INT32, new int[] {5, -5}, new long[] {5, -5});
        assertCast(DType.INT32, new int[] {16_777_217}, new float[] {16_777_216});
    }

    private void assertCast(DType from, Object values, Object expected) {
        DType to =
                expected instanceof float[]
                        ? DType.FLOAT32
                        : expected instanceof long[]
                                ? DType.INT64
                                : expected instanceof int[] ? DType.INT32 : DType.UINT8;
        int n = java.lang.reflect.Array.getLength(values);
        Buffer x = backend().allocate(from, n + 2).slice(1, n);
        Buffer y = backend().allocate(to, n + 3).slice(2, n);
        backend().upload(values, x);
        backend().cast(x, y);
        Object found = array(to, n);
        backend().download(y, found);
        assertEquals(bits(expected), bits(found), from + " to " + to);
    }

    @Test
    final void aTargetThatIsNoClassIsNamed() {
        TargetsThatAreNoClass.check(backend());
    }

    @Test
    final void anIndexThatIsNoneOfItsAxisIsNamed() {
        IndicesThatAreNone.check(backend());
    }

    @Test
    final void whatIsReadAndWrittenInPlaceIsRight() {
        float[] x = {1, -1, Float.NaN, 0, 5, -0f, 2};
        Buffer b = backend().allocate(DType.FLOAT32, x.length + 1).slice(1, x.length);
        backend().upload(x, b);
        backend().pointwise(Formulas.RELU.value(), Operands.of(List.of(b), List.of(b), List.of()));
        float[] y = new float[x.length];
        backend().download(b, y);
        assertArrayEquals(new float[] {1, 0, Float.NaN, 0, 5, 0, 2}, y);
    }

    @Test
    final void workTakesTime() {
        Buffer y = backend().allocate(DType.FLOAT32, 100_000);
        long nanos = backend().nanoseconds(() -> backend().fill(y, 1));
        assertTrue(nanos > 0 && nanos < 60_000_000_000L, nanos + " ns");
        float[] found = new float[y.length()];
        backend().download(y, found);
        assertEquals(1, found[99_999]);
    }

    @Test
    final void aCompiledStepRunsOncePerCall() {
        int[] runs = {0};
        Buffer y = backend().allocate(DType.FLOAT32, 3);
        Buffer one = backend().allocate(DType.FLOAT32, 3);
        backend().fill(one, 1);
        float[] found = new float[3];
        try (CompiledStep<Buffer> step =
                backend()
                        .compile(
                                () -> {
                                    runs[0]++;
                                    backend()
                                            .pointwise(
                                                    Formulas.ADD.value(),
                                                    Operands.of(
                                                            List.of(y, one),
                                                            List.of(y),
                                                            List.of()));
                                    return y;
                                })) {
            assertFalse(step.description().isBlank());
            for (int i = 0; i < 5; i++) {
                step.run();
            }
            step.runEagerly();
            backend().download(step.run(), found);
        }
        assertArrayEquals(new float[] {7, 7, 7}, found);
        assertTrue(runs[0] >= 2 && runs[0] <= 7, () -> "the code ran " + runs[0] + " times");
    }
}
