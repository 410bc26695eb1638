package io.github.cortado.cuda;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendContract;
import org.junit.jupiter.api.Tag;

/** Every method of the seam on the CUDA backend, compared with the scalar CPU backend. */
@Tag("gpu")
class CudaBackendContractTest extends BackendContract {
    @Override
    protected Backend backend() {
        return Emulation.backend();
    }
}
