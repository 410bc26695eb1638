package io.github.cortado.cuda;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;
import io.github.cortado.backend.BackendUnavailableException;

/**
 * Offers the first NVIDIA GPU, or the one that {@code -Dcortado.cuda.device=N} names. Only the
 * driver must be there.
 */
public final class CudaBackendProvider implements BackendProvider {
    /** The GPU to use, by the driver's number. */
    static final String DEVICE = "cortado.cuda.device";

    @Override
    public String name() {
        return "cuda:0";
    }

    @Override
    public Backend create() throws BackendUnavailableException {
        NativeLibraries natives = new NativeLibraries();
        natives.loadDriver();
        try {
            Preferences preferences = Preferences.of(System.getProperties());
            Gpu gpu = new Gpu(Integer.getInteger(DEVICE, 0));
            Choices choices = new Choices(gpu, natives, preferences, ChoiceTable.committed());
            return new CudaBackend(name(), gpu, choices);
        } catch (CudaException | IllegalArgumentException e) {
            throw new BackendUnavailableException(String.valueOf(e.getMessage()), e);
        }
    }
}
