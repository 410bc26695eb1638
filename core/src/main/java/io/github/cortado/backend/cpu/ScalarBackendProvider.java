package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;

/** Offers {@link ScalarBackend}, which runs everywhere. */
public final class ScalarBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu-scalar";
    }

    @Override
    public Backend create() {
        return new ScalarBackend();
    }
}
