package io.github.cortado.backend;

import io.github.cortado.DType;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Streams;
import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.IntToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * The buffers of one call to one backend. Each is a slice with margins around it: those of inputs
 * hold NaN, so that reading them shows; all are compared afterwards, so that writing them shows.
 * Results begin with rubbish, since a method overwrites them.
 */
final class ContractRun {
    private static final float RUBBISH = 1e30f;

    /** A whole allocation, the slice of it that the method was given, and what it held before. */
    private record Allocation(
            Buffer whole, int offset, int length, Object before, boolean result) {}

    /** Thrown where a row would do more work than it may. */
    static final class TooLarge extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private final Backend backend;
    private final Placing placing;
    private final long mostWork;
    private final List<Allocation> allocations = new ArrayList<>();
    private int drawn;
    private boolean rounded;

    /** Buffers of {@code backend}, placed like that. */
    ContractRun(Backend backend, Placing placing) {
        this(backend, placing, Long.MAX_VALUE);
    }

    /** As above, for buffers of at most {@code mostWork} elements. */
    ContractRun(Backend backend, Placing placing, long mostWork) {
        this.backend = backend;
        this.placing = placing;
        this.mostWork = mostWork;
    }

    /** From now on, random numbers have 10 bits of mantissa. */
    ContractRun rounded() {
        rounded = true;
        return this;
    }

    /** An input with these values. */
    Buffer in(float... values) {
        return add(padded(values, Float.NaN), values.length, false);
    }

    /** An input of n numbers from -1 to 1. */
    Buffer random(int n) {
        return in(numbers(n, -1, 1));
    }

    /** An input of n numbers from low to high. */
    Buffer random(int n, double low, double high) {
        return in(numbers(n, low, high));
    }

    /** An input of n numbers out of -1, -0.5, 0, 0.5, so that many are equal. */
    Buffer ties(int n) {
        return in(halves(n));
    }

    /** As {@link #ties}, with a NaN now and then. */
    Buffer tiesAndNan(int n) {
        float[] v = halves(n);
        for (int i = 7; i < n; i += 331) {
            v[i] = Float.NaN;
        }
        return in(v);
    }

    private float[] halves(int n) {
        float[] v = numbers(n, 0, 4);
        for (int i = 0; i < n; i++) {
            v[i] = (float) Math.floor(v[i]) / 2 - 1;
        }
        return v;
    }

    /** Int64 inputs from 0 to below bound. */
    Buffer indices(int n, int bound) {
        float[] v = numbers(n, 0, bound);
        long[] index = new long[n];
        for (int i = 0; i < n; i++) {
            index[i] = Math.min((long) v[i], bound - 1);
        }
        return in(index);
    }

    /** An int64 input with these values. */
    Buffer in(long... values) {
        long[] all = new long[offset() + values.length + placing.after()];
        Arrays.fill(all, Long.MIN_VALUE);
        System.arraycopy(values, 0, all, offset(), values.length);
        return add(all, values.length, false);
    }

    /** A result of n float32 numbers. */
    Buffer out(int n) {
        float[] rubbish = new float[n];
        Arrays.fill(rubbish, RUBBISH);
        return add(padded(rubbish, RUBBISH), n, true);
    }

    /**
     * A result that the method reads too: numbers from low to high. No NaN around it, since that
     * would stay NaN whatever is added to it.
     */
    Buffer inOut(int n, double low, double high) {
        return add(padded(numbers(n, low, high), RUBBISH), n, true);
    }

    /** An int64 result. */
    Buffer outIndices(int n) {
        long[] all = new long[offset() + n + placing.after()];
        Arrays.fill(all, -7);
        return add(all, n, true);
    }

    /** A result of that type. */
    Buffer out(DType dtype, int n) {
        return switch (dtype) {
            case FLOAT32 -> out(n);
            case INT64 -> outIndices(n);
            case UINT8 -> outBytes(n);
            case BOOL -> {
                byte[] neither = new byte[offset() + n + placing.after()];
                Arrays.fill(neither, (byte) 77);
                yield add(DType.BOOL, neither, n, true);
            }
            case INT32 -> {
                int[] ints = new int[offset() + n + placing.after()];
                Arrays.fill(ints, -7);
                yield add(ints, n, true);
            }
            case FLOAT64 -> {
                double[] doubles = new double[offset() + n + placing.after()];
                Arrays.fill(doubles, RUBBISH);
                yield add(doubles, n, true);
            }
        };
    }

    /** An input of that type with these values, as Java converts them, again and again. */
    Buffer in(DType dtype, double[] values, int n) {
        Object all =
                switch (dtype) {
                    case FLOAT32 -> new float[offset() + n + placing.after()];
                    case FLOAT64 -> new double[offset() + n + placing.after()];
                    case INT32 -> new int[offset() + n + placing.after()];
                    case INT64 -> new long[offset() + n + placing.after()];
                    case UINT8 -> new byte[offset() + n + placing.after()];
                    case BOOL -> truths(n, i -> values[i % values.length]);
                };
        for (int i = 0; i < n; i++) {
            double v = values[i % values.length];
            switch (dtype) {
                case FLOAT32 -> ((float[]) all)[offset() + i] = (float) v;
                case FLOAT64 -> ((double[]) all)[offset() + i] = v;
                case INT32 -> ((int[]) all)[offset() + i] = (int) v;
                case INT64 -> ((long[]) all)[offset() + i] = (long) v;
                case UINT8 -> ((byte[]) all)[offset() + i] = (byte) (int) v;
                case BOOL -> {}
            }
        }
        return add(dtype, all, n, false);
    }

    /** Whether numbers are not 0. */
    private byte[] truths(int n, IntToDoubleFunction value) {
        byte[] all = new byte[offset() + n + placing.after()];
        for (int i = 0; i < n; i++) {
            all[offset() + i] = (byte) (value.applyAsDouble(i) != 0 ? 1 : 0);
        }
        return all;
    }

    /** A uint8 result. */
    Buffer outBytes(int n) {
        byte[] all = new byte[offset() + n + placing.after()];
        Arrays.fill(all, (byte) 77);
        return add(all, n, true);
    }

    /** Uint8 inputs from 0 to below bound; now and then {@code other}, which may be above. */
    Buffer bytes(int n, int bound, int other) {
        float[] v = numbers(n, 0, bound + 0.5 * bound);
        byte[] all = new byte[offset() + n + placing.after()];
        Arrays.fill(all, (byte) 200);
        for (int i = 0; i < n; i++) {
            all[offset() + i] = (byte) (v[i] < bound ? (int) v[i] : other);
        }
        return add(all, n, false);
    }

    /** A float64 result that the method adds to: numbers from -9 to 9. */
    Buffer inOutDoubles(int n) {
        float[] v = numbers(n, -9, 9);
        double[] all = new double[offset() + n + placing.after()];
        Arrays.fill(all, RUBBISH);
        for (int i = 0; i < n; i++) {
            all[offset() + i] = v[i];
        }
        return add(all, n, true);
    }

    /** An int64 result that the method adds to: numbers that fill half of it and more. */
    Buffer inOutLongs(int n) {
        long[] all = new long[offset() + n + placing.after()];
        Arrays.fill(all, -7);
        for (int i = 0; i < n; i++) {
            all[offset() + i] = (i % 5 - 2) * 0x1_2345_6789L + i;
        }
        return add(all, n, true);
    }

    /** Where the next buffer begins. */
    private int offset() {
        return placing.before(allocations.size());
    }

    private float[] numbers(int n, double low, double high) {
        PhiloxStream stream = Streams.general(3, drawn++);
        float[] v = new float[n];
        stream.uniforms(0, (float) low, (float) high, v, 0, n);
        for (int i = 0; i < n && rounded; i++) {
            v[i] = Float.intBitsToFloat(Float.floatToRawIntBits(v[i]) & ~0x1fff);
        }
        return v;
    }

    private float[] padded(float[] values, float margin) {
        float[] all = new float[offset() + values.length + placing.after()];
        Arrays.fill(all, margin);
        System.arraycopy(values, 0, all, offset(), values.length);
        return all;
    }

    private Buffer add(Object all, int n, boolean result) {
        return add(dtype(all), all, n, result);
    }

    private Buffer add(DType dtype, Object all, int n, boolean result) {
        if (n > mostWork) {
            throw new TooLarge();
        }
        Buffer whole = backend.allocate(dtype, offset() + n + placing.after());
        backend.upload(all, whole);
        int offset = offset();
        allocations.add(new Allocation(whole, offset, n, all, result));
        return whole.slice(offset, n);
    }

    private static DType dtype(Object array) {
        return switch (array.getClass().getComponentType().getName()) {
            case "long" -> DType.INT64;
            case "double" -> DType.FLOAT64;
            case "byte" -> DType.UINT8;
            case "int" -> DType.INT32;
            default -> DType.FLOAT32;
        };
    }

    /** The results, one array each: float[], or long[] for integers of any size. */
    List<Object> results() {
        List<Object> results = new ArrayList<>();
        for (Allocation a : allocations) {
            if (a.result) {
                results.add(plain(now(a), a.offset, a.length));
            }
        }
        return results;
    }

    private static Object plain(Object all, int from, int n) {
        return switch (dtype(all)) {
            case INT64 -> Arrays.copyOfRange((long[]) all, from, from + n);
            case INT32 -> {
                long[] ints = new long[n];
                Arrays.setAll(ints, i -> ((int[]) all)[from + i]);
                yield ints;
            }
            case UINT8, BOOL -> {
                long[] bytes = new long[n];
                Arrays.setAll(bytes, i -> ((byte[]) all)[from + i] & 0xFF);
                yield bytes;
            }
            case FLOAT64 -> {
                float[] rounded = new float[n];
                for (int i = 0; i < n; i++) {
                    rounded[i] = (float) ((double[]) all)[from + i];
                }
                yield rounded;
            }
            case FLOAT32 -> Arrays.copyOfRange((float[]) all, from, from + n);
        };
    }

    /** What was changed although it is no result, or null. */
    @Nullable String damage() {
        int number = 0;
        for (Allocation a : allocations) {
            Object now = now(a);
            int n = Array.getLength(now);
            // Of a result, what lies before and behind it.
            int at = changed(a.before, now, 0, a.result ? a.offset : n);
            if (at < 0 && a.result) {
                at = changed(a.before, now, a.offset + a.length, n);
            }
            if (at >= 0) {
                return String.format(
                        Locale.ROOT,
                        "%s %d was changed at %d (length %d)",
                        a.result ? "result" : "input",
                        number,
                        at - a.offset,
                        a.length);
            }
            number++;
        }
        return null;
    }

    /** The first place between two at which arrays have different bits, or -1. */
    private static int changed(Object a, Object b, int from, int to) {
        int at =
                switch (dtype(a)) {
                    case FLOAT32 -> Arrays.mismatch((float[]) a, from, to, (float[]) b, from, to);
                    case FLOAT64 -> Arrays.mismatch((double[]) a, from, to, (double[]) b, from, to);
                    case INT32 -> Arrays.mismatch((int[]) a, from, to, (int[]) b, from, to);
                    case INT64 -> Arrays.mismatch((long[]) a, from, to, (long[]) b, from, to);
                    case UINT8, BOOL -> Arrays.mismatch((byte[]) a, from, to, (byte[]) b, from, to);
                };
        return at < 0 ? -1 : from + at;
    }

    private Object now(Allocation a) {
        int n = a.offset + a.length + placing.after();
        Object now = Array.newInstance(a.before.getClass().getComponentType(), n);
        backend.download(a.whole, now);
        return now;
    }
}
