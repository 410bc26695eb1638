package io.github.cortado.backend;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.DType;
import io.github.cortado.Scope;
import java.util.Arrays;
import java.util.List;

/**
 * What a selection does with an index that is none of its axis: the first one is named, once, by
 * the call or when a device is asked for results.
 */
public final class IndicesThatAreNone {
    private static final Axis AXIS = new Axis(2, 7, 3);
    private static final int PLACE = 300;
    private static final int MANY = 1000;

    /** Beyond the numbers of the first line, where each has its own. */
    private static final int BEHIND = 4000;

    private static final long GOOD = 6;

    private final Backend backend;
    private final DType dtype;
    private final ContractRun run;

    private IndicesThatAreNone(Backend backend, DType dtype) {
        this.backend = backend;
        this.dtype = dtype;
        run = new ContractRun(backend, Placing.at(0));
    }

    /**
     * Passes if the backend names them.
     *
     * @throws AssertionError if it does not
     */
    public static void check(Backend backend) {
        try (Scope scope = Scope.open()) {
            for (DType dtype : List.of(DType.UINT8, DType.FLOAT32, DType.INT64)) {
                new IndicesThatAreNone(backend, dtype).check();
            }
        } catch (RuntimeException e) {
            throw new AssertionError(e);
        }
    }

    private void check() {
        ofLines();
        ofElements();
    }

    private void ofElements() {
        for (long bad : new long[] {-1, 7, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE}) {
            named("gather", bad, BEHIND, () -> read(take(BEHIND, bad)));
            read(take(BEHIND, GOOD));
            named("scatter", bad, BEHIND, () -> read(put(BEHIND, bad)));
            read(put(BEHIND, GOOD));
            if (dtype == DType.FLOAT32) {
                named("scatterAdd", bad, BEHIND, () -> read(takeGrad(BEHIND, bad)));
                read(takeGrad(BEHIND, GOOD));
            }
        }
        named(
                "gather",
                7,
                BEHIND,
                () -> {
                    take(BEHIND, 7);
                    read(take(1, -5));
                });
    }

    private void ofLines() {
        for (long bad : new long[] {-1, 7, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE}) {
            named("indexSelect", bad, PLACE, () -> read(select(PLACE, bad)));
            // It was told.
            read(select(PLACE, GOOD));
        }
        named(
                "indexSelect",
                7,
                PLACE,
                () -> {
                    select(PLACE, 7);
                    read(select(1, -5));
                });
    }

    private static void named(String op, long bad, int place, Runnable call) {
        String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
        assertEquals(
                op + ": index " + bad + " at position " + place + " is not from 0 to 6", message);
    }

    /** With that index at that place, and nothing but such behind, if it is none. */
    private Buffer select(int place, long index) {
        Buffer x = run.in(dtype, new double[] {1, 2, 3}, AXIS.outer() * AXIS.n() * AXIS.inner());
        Buffer y = run.out(dtype, AXIS.outer() * MANY * AXIS.inner());
        backend.indexSelect(x, numbers(MANY, place, index), y, AXIS);
        return y;
    }

    private Buffer take(int place, long index) {
        Buffer x = run.in(dtype, new double[] {1, 2, 3}, AXIS.outer() * AXIS.n() * AXIS.inner());
        Buffer y = run.out(dtype, AXIS.outer() * MANY * AXIS.inner());
        backend.take(x, numbers(y.length(), place, index), y, AXIS);
        return y;
    }

    private Buffer put(int place, long index) {
        Buffer x = run.in(dtype, new double[] {1, 2, 3}, AXIS.outer() * MANY * AXIS.inner());
        Buffer y = run.out(dtype, AXIS.outer() * AXIS.n() * AXIS.inner());
        backend.put(x, numbers(x.length(), place, index), y, AXIS);
        return y;
    }

    private Buffer takeGrad(int place, long index) {
        Buffer dy = run.in(dtype, new double[] {1, 2, 3}, AXIS.outer() * MANY * AXIS.inner());
        Buffer dx = run.out(dtype, AXIS.outer() * AXIS.n() * AXIS.inner());
        backend.takeGrad(dy, numbers(dy.length(), place, index), dx, AXIS);
        return dx;
    }

    private Buffer numbers(int count, int place, long index) {
        long[] numbers = new long[count];
        Arrays.fill(numbers, place, count, index);
        if (index != GOOD) {
            Arrays.fill(numbers, place + 1, count, -9);
        }
        return run.in(numbers);
    }

    private void read(Buffer y) {
        backend.download(
                y,
                switch (dtype) {
                    case UINT8 -> new byte[y.length()];
                    case INT64 -> new long[y.length()];
                    default -> new float[y.length()];
                });
    }
}
