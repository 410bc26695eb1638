package io.github.cortado.optim;

import java.util.List;
import java.util.Map;

/** Several schedulers of one optimizer at once: each step is one of all, in their order. */
public final class ChainedScheduler extends LRScheduler {
    private final List<LRScheduler> parts;

    /**
     * Of these, at least one.
     *
     * @throws IllegalArgumentException if there are none, or they are of several optimizers
     */
    public ChainedScheduler(LRScheduler... schedulers) {
        super(Parts.optimizer("ChainedScheduler", schedulers));
        parts = List.of(schedulers);
    }

    @Override
    public void step() {
        parts.forEach(LRScheduler::step);
    }

    @Override
    public Map<String, String> state() {
        return Parts.state(parts);
    }

    @Override
    public void loadState(Map<String, String> state) {
        Parts.load(name(), parts, state);
    }
}
