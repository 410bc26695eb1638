package io.github.cortado.nn;

import io.github.cortado.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How values fit the state of a block: what of them can be loaded, and what not. */
public final class StateFit {
    private final List<String> missing = new ArrayList<>();
    private final List<String> unexpected = new ArrayList<>();
    private final List<String> misshapen = new ArrayList<>();
    private final List<String> fitting = new ArrayList<>();
    private final List<String> contradictions = new ArrayList<>();
    private final List<String> faults = new ArrayList<>();

    private StateFit() {}

    static StateFit of(Map<String, Tensor> own, Map<String, Tensor> values) {
        IdentityHashMap<Tensor, String> firstNames = new IdentityHashMap<>();
        own.forEach(
                (name, t) -> {
                    Tensor value = values.get(name);
                    if (value != null && value.shape().equals(t.shape())) {
                        firstNames.putIfAbsent(t, name);
                    }
                });
        StateFit fit = new StateFit();
        own.forEach((name, t) -> fit.look(name, t, values, firstNames.get(t)));
        for (String name : values.keySet()) {
            if (!own.containsKey(name)) {
                fit.unexpected.add(name);
                fit.faults.add("unknown " + name);
            }
        }
        return fit;
    }

    /**
     * Looks at one name.
     *
     * @param first the first name of the same tensor that there are fitting values for
     */
    private void look(String name, Tensor own, Map<String, Tensor> values, @Nullable String first) {
        Tensor value = values.get(name);
        if (value == null) {
            if (first == null) {
                missing.add(name);
                faults.add("missing " + name + " " + own.shape());
            }
        } else if (!value.shape().equals(own.shape())) {
            misshapen.add(name);
            faults.add(name + " is " + value.shape() + ", expected " + own.shape());
        } else {
            fitting.add(name);
            if (!name.equals(first) && !sameValues(values.get(first), value)) {
                String fault = first + " and " + name + " are one tensor here, but differ";
                contradictions.add(fault);
                faults.add(fault);
            }
        }
    }

    private static boolean sameValues(@Nullable Tensor a, Tensor b) {
        return a == b || (a != null && Arrays.equals(a.toDoubles(), b.toDoubles()));
    }

    /** Names that the block has and the values lack. */
    public List<String> missing() {
        return Collections.unmodifiableList(missing);
    }

    /** Names that the values have and the block lacks. */
    public List<String> unexpected() {
        return Collections.unmodifiableList(unexpected);
    }

    /** Names that both have, with different shapes. */
    public List<String> misshapen() {
        return Collections.unmodifiableList(misshapen);
    }

    /** Whether nothing is missing, unexpected or misshapen. */
    public boolean isExact() {
        return missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty();
    }

    /** Names that can be loaded. */
    List<String> fitting() {
        return fitting;
    }

    /** What cannot be loaded in any way, a sentence each. */
    List<String> contradictions() {
        return contradictions;
    }

    /** Everything that does not fit, a sentence each. */
    List<String> faults() {
        return faults;
    }

    @Override
    public String toString() {
        return faults.isEmpty() ? "everything fits" : String.join("; ", faults);
    }
}
