package io.github.cortado.backend;

/**
 * Offers a backend to {@link java.util.ServiceLoader}. Loading a provider class must touch nothing
 * that may be missing at run time; {@link #create} does, and says what is missing.
 */
public interface BackendProvider {
    /** The device name that this provider answers to, such as {@code cpu-vector}. */
    String name();

    /**
     * Makes the backend.
     *
     * @throws BackendUnavailableException if it cannot run here, with the reason in one sentence
     */
    Backend create() throws BackendUnavailableException;
}
