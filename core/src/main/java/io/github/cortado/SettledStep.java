package io.github.cortado;

import io.github.cortado.autograd.Pending;
import io.github.cortado.backend.Backend;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A compiled step as a backend makes it, with no result left open when it begins or ends: what is
 * pending belongs to the run that it was written in.
 */
final class SettledStep<T> implements CompiledStep<T> {
    private final CompiledStep<T> step;
    private Map<String, Integer> fused = Map.of();

    SettledStep(Backend backend, Supplier<T> code) {
        step = backend.compile(() -> settled(code));
    }

    private T settled(Supplier<T> code) {
        List<T> returned = new ArrayList<>(1);
        fused =
                Pending.fusedIn(
                        () -> {
                            returned.add(code.get());
                            Pending.settleAll();
                        });
        return returned.get(0);
    }

    @Override
    public T run() {
        Pending.settleAll();
        return step.run();
    }

    @Override
    public T runEagerly() {
        return step.runEagerly();
    }

    /** How it runs, and what its last run computed in one, where it ran as it is written. */
    @Override
    public String description() {
        if (fused.isEmpty()) {
            return step.description();
        }
        List<String> parts = new ArrayList<>();
        fused.forEach((what, times) -> parts.add(times == 1 ? what : times + " x " + what));
        return step.description() + "; fused: " + String.join(", ", parts);
    }

    @Override
    public void close() {
        step.close();
    }
}
