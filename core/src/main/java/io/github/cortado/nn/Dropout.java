package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.StepNumber.Count;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * In training, zeroes each element with probability p and scales the others by 1 / (1 - p)
 * (Srivastava et al., 2014); in evaluation, the identity. Which elements depends on the seed, on
 * which of the random layers this is, and on how often it has run, and on nothing else.
 */
public final class Dropout extends Layer {
    private final double p;
    private long seed = Seed.current();
    private int ordinal = Seed.nextModule();
    private final Count forwards = new Count();

    /**
     * Dropout with probability p.
     *
     * @throws IllegalArgumentException if p is not from 0 to 1
     */
    public Dropout(double p) {
        if (!(p >= 0 && p <= 1)) {
            throw new IllegalArgumentException("Dropout: p must be from 0 to 1, got " + p);
        }
        this.p = p;
    }

    @Override
    public Tensor forward(Tensor x) {
        if (!isTraining()) {
            return x;
        }
        RandomStream stream = new RandomStream(seed, ordinal, forwards.now());
        forwards.add(1);
        return io.github.cortado.ops.Dropout.apply(x, p, stream);
    }

    /** How many training passes this layer has made. */
    public long forwards() {
        return forwards.get();
    }

    /** Sets how many training passes this layer has made, to resume a run. */
    public void forwards(long count) {
        forwards.set(count);
    }

    /** All that the next mask depends on. */
    Map<String, Long> stream() {
        Map<String, Long> counters = new LinkedHashMap<>();
        counters.put("seed", seed);
        counters.put("ordinal", (long) ordinal);
        counters.put("forwards", forwards.get());
        return counters;
    }

    /** Sets what {@link #stream} returned, so that this layer goes on as that one would have. */
    void loadStream(long newSeed, long newOrdinal, long newForwards) {
        if (newOrdinal < 0 || newOrdinal > Streams.MAX_ORDINAL || newForwards < 0) {
            throw new IllegalArgumentException(
                    "Dropout: ordinal "
                            + newOrdinal
                            + " or number of passes "
                            + newForwards
                            + " is out of range");
        }
        seed = newSeed;
        ordinal = (int) newOrdinal;
        forwards.set(newForwards);
    }

    @Override
    protected String details() {
        return "p=" + number(p) + ", inplace=False";
    }
}
