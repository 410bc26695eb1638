package io.github.cortado.backend.cpu.scalar;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/**
 * The reference against itself: at other offsets, with nothing read or written beside a slice. It
 * knows nothing of the Vector API, so the run without it is enough.
 */
@Tag("scalar-only")
public class ScalarBackendContractTest extends BackendContract {
    @Override
    protected Backend backend() {
        return new ScalarBackend();
    }
}
