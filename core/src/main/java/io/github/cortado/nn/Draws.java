package io.github.cortado.nn;

import io.github.cortado.autograd.Rerun;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.backend.StepRecording;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The random numbers of a {@link Block}, which {@link Block#draws} makes. They depend on the seed,
 * on which of the random blocks this is, in the order of their making, and on how often it has
 * drawn, and on nothing else. These three are among the block's {@linkplain Block#counters
 * counters}, so that a checkpoint keeps them.
 */
public final class Draws {
    private static final String SEED = "seed";
    private static final String ORDINAL = "ordinal";
    private static final String FORWARDS = "forwards";

    private long seed = Seed.current();
    private int ordinal = Seed.nextRandomBlock();
    private final Count forwards = new Count();

    Draws() {}

    /**
     * The numbers of the next forward pass, drawn by Java. {@link Functional#dropout(
     * io.github.cortado.Tensor, double, Draws)} draws them on the device.
     *
     * @throws IllegalStateException in a step that a device records, which would repeat the same
     *     numbers
     */
    public PhiloxStream next() {
        if (StepRecording.current() != null) {
            throw new IllegalStateException(
                    "Draws.next: what Java draws while a device records a step would be the same in"
                            + " every run of it; compute this block outside of the step");
        }
        return Rerun.draw(
                PhiloxStream.class,
                () -> {
                    PhiloxStream stream = Streams.dropout(seed, ordinal, forwards.get());
                    forwards.add(1);
                    return stream;
                });
    }

    /** As {@link #next}, for operations: read anew by each run of a recorded step. */
    RandomStream nextOnDevice() {
        return Rerun.draw(
                RandomStream.class,
                () -> {
                    RandomStream stream = new RandomStream(seed, ordinal, forwards.now());
                    forwards.add(1);
                    return stream;
                });
    }

    /** How often it has drawn. */
    public long count() {
        return forwards.get();
    }

    /** All that the next numbers depend on. */
    Map<String, Long> counters() {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put(SEED, seed);
        counters.put(ORDINAL, (long) ordinal);
        counters.put(FORWARDS, forwards.get());
        return counters;
    }

    /**
     * Refuses values that {@link #counters} cannot have returned.
     *
     * @param prefix what stands before the names in {@code values}
     */
    static void check(String prefix, Map<String, Long> values) {
        value(values, prefix + SEED);
        long newOrdinal = value(values, prefix + ORDINAL);
        if (newOrdinal < 0 || newOrdinal > Streams.MAX_ORDINAL) {
            throw outOfRange(prefix + ORDINAL, newOrdinal);
        }
        long newForwards = value(values, prefix + FORWARDS);
        if (newForwards < 0) {
            throw outOfRange(prefix + FORWARDS, newForwards);
        }
    }

    private static IllegalArgumentException outOfRange(String name, long value) {
        return new IllegalArgumentException(
                "loadCounters: " + name + " = " + value + " is out of range");
    }

    private static long value(Map<String, Long> values, String name) {
        Long value = values.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "loadCounters: expected a number as " + name + ", got null");
        }
        return value;
    }

    /** Goes on as the one would have that the values are from. */
    void load(String prefix, Map<String, Long> values) {
        seed = value(values, prefix + SEED);
        ordinal = (int) value(values, prefix + ORDINAL);
        forwards.set(value(values, prefix + FORWARDS));
    }
}
