package io.github.cortado.cuda;

/** What the CUDA driver, cuBLAS or cuDNN answered instead of doing what it was asked. */
public final class CudaException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int status;

    CudaException(String message, int status) {
        super(message);
        this.status = status;
    }

    /** The library's status code. */
    public int status() {
        return status;
    }
}
