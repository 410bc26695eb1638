package io.github.cortado.cuda;

import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Operations that cuDNN is not asked for again, since a part of it turned out not to be there:
 * since version 9 it is several libraries, which are loaded when they are first wanted, the engines
 * of convolutions when the first of them is computed.
 */
final class MissingParts {
    private final Preferences preferences;
    private final Map<Family, String> reasons = new EnumMap<>(Family.class);

    MissingParts(Preferences preferences) {
        this.preferences = preferences;
    }

    /** Whether something is missing for these operations. */
    boolean concern(Family family) {
        return reasons.containsKey(family);
    }

    /**
     * Notes that cuDNN could not compute one of these operations, and why.
     *
     * @throws CudaException the same if it says nothing of a missing part; if it does and cuDNN was
     *     asked for by name, one that says by which property
     */
    void note(Family family, CudaException e) {
        if (!Cudnn.isNotThere(e.status())) {
            throw e;
        }
        String reason = "a part of cuDNN is not there: " + e.getMessage();
        String setting = preferences.asksFor(family);
        if (!setting.isEmpty()) {
            throw new CudaException("-D" + setting + ": " + reason, e.status());
        }
        reasons.putIfAbsent(family, reason);
    }

    /** Lines for people: who computes these operations instead, and why. */
    List<String> describe() {
        return reasons.entrySet().stream()
                .map(e -> e.getKey().property() + ": " + Library.OWN.title() + ", " + e.getValue())
                .toList();
    }
}
