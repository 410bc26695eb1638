package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Backend;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Small tensors that operations make of sizes alone, such as masks and indices, kept for the next
 * call: a step that a GPU records cannot take values from Java.
 */
final class Constants {
    /** How many are kept; the one that was asked for the longest time ago goes. */
    private static final int MOST = 256;

    /** Elements of the largest one that is kept. */
    private static final int LARGEST = 1 << 20;

    private static final Map<Key, Tensor> KEPT =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(Map.Entry<Key, Tensor> eldest) {
                    return size() > MOST;
                }
            };

    private record Key(Backend backend, DType dtype, List<Object> what) {}

    private Constants() {}

    /**
     * The tensor that {@code make} makes, which nobody may change.
     *
     * @param what it is: equal for equal values
     */
    static Tensor of(Device device, DType dtype, List<Object> what, Supplier<Tensor> make) {
        Key key = new Key(device.backend(), dtype, what);
        synchronized (KEPT) {
            Tensor known = KEPT.get(key);
            if (known != null) {
                return known;
            }
        }
        Tensor made = make.get().to(device).to(dtype);
        if (made.size() <= LARGEST) {
            made.keep();
            synchronized (KEPT) {
                KEPT.put(key, made);
            }
        }
        return made;
    }

    /** As above, of int64 numbers. */
    static Tensor index(Device device, List<Object> what, Supplier<long[]> make) {
        return of(
                device,
                DType.INT64,
                what,
                () -> {
                    long[] numbers = make.get();
                    return Tensor.of(numbers, numbers.length);
                });
    }

    /** 0, 1, 2, ..., n - 1. */
    static Tensor numbers(Device device, DType dtype, int n) {
        return of(
                device,
                dtype,
                List.of("numbers", n),
                () -> {
                    double[] numbers = new double[n];
                    Arrays.setAll(numbers, i -> i);
                    return Tensor.of(numbers, n).to(dtype);
                });
    }
}
