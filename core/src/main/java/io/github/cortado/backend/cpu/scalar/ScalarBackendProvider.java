package io.github.cortado.backend.cpu.scalar;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;
import io.github.cortado.backend.BackendUnavailableException;
import io.github.cortado.backend.Parallel;

/** Offers {@link ScalarBackend}, which runs everywhere. */
public final class ScalarBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu-scalar";
    }

    @Override
    public Backend create() throws BackendUnavailableException {
        Parallel.checkThreads();
        return new ScalarBackend();
    }
}
