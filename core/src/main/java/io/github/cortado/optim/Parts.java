package io.github.cortado.optim;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Schedulers that another one is made of. */
final class Parts {
    private Parts() {}

    /** The optimizer of them all. */
    static Optimizer optimizer(String owner, LRScheduler... parts) {
        if (parts.length == 0) {
            throw new IllegalArgumentException(owner + ": there are no schedulers");
        }
        for (int i = 0; i < parts.length; i++) {
            if (parts[i].optimizer() != parts[0].optimizer()) {
                throw new IllegalArgumentException(
                        owner
                                + ": scheduler "
                                + i
                                + ", a "
                                + parts[i].name()
                                + ", is of another optimizer than the first");
            }
        }
        return parts[0].optimizer();
    }

    /** Their states, under names such as {@code 1.last_epoch}. */
    static Map<String, String> state(List<? extends LRScheduler> parts) {
        Map<String, String> all = new LinkedHashMap<>();
        for (int i = 0; i < parts.size(); i++) {
            String prefix = i + ".";
            parts.get(i).state().forEach((key, value) -> all.put(prefix + key, value));
        }
        return all;
    }

    static void load(String owner, List<? extends LRScheduler> parts, Map<String, String> state) {
        for (int i = 0; i < parts.size(); i++) {
            String prefix = i + ".";
            Map<String, String> own = new LinkedHashMap<>();
            state.forEach(
                    (key, value) -> {
                        if (key.startsWith(prefix)) {
                            own.put(key.substring(prefix.length()), value);
                        }
                    });
            try {
                parts.get(i).loadState(own);
            } catch (IllegalArgumentException e) {
                throw new IllegalArgumentException(
                        owner + ": scheduler " + i + ": " + e.getMessage(), e);
            }
        }
    }
}
