package io.github.cortado.backend;

import io.github.cortado.CompiledStep;
import java.util.function.Supplier;

/** A step that simply runs, on devices with nothing to gain from more. */
record EagerStep<T>(Supplier<T> step) implements CompiledStep<T> {
    @Override
    public T run() {
        return step.get();
    }

    @Override
    public T runEagerly() {
        return step.get();
    }

    @Override
    public String description() {
        return "runs as it is written";
    }

    @Override
    public void close() {}
}
