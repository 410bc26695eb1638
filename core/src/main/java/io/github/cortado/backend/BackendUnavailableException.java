package io.github.cortado.backend;

/** Why a backend cannot run here, in one sentence that also says what would help. */
public final class BackendUnavailableException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The reason alone. */
    public BackendUnavailableException(String reason) {
        super(reason);
    }

    /** The reason, and the first exception that led to it. */
    public BackendUnavailableException(String reason, Throwable cause) {
        super(reason, cause);
    }
}
