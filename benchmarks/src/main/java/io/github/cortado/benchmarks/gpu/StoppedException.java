package io.github.cortado.benchmarks.gpu;

/** Thrown where a program was to be started after somebody had stopped gpu-check. */
final class StoppedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    StoppedException(String program) {
        super(program + " was not run");
    }
}
