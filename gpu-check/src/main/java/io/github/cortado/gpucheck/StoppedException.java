package io.github.cortado.gpucheck;

/** Thrown where somebody stops gpu-check, and there is nothing more to be done. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Saying what was cut off. */
    StoppedException(String what) {
        super(what);
    }
}
