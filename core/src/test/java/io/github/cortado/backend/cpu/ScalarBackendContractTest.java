package io.github.cortado.backend.cpu;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendContract;

/** The reference against itself: at other offsets, with nothing read or written beside a slice. */
class ScalarBackendContractTest extends BackendContract {
    @Override
    protected Backend backend() {
        return new ScalarBackend();
    }
}
