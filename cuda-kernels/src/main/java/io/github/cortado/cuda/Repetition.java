package io.github.cortado.cuda;

/**
 * The same work many times over as one CUDA graph, which the GPU goes through without waiting for
 * the host. The memory that the work takes on the way and gives back is the pool's: nothing else
 * may be asked of the GPU as long as this is used.
 */
final class Repetition implements AutoCloseable {
    private final Gpu gpu;
    private final Capture capture;

    /**
     * Captures it. Whatever happens, the stream is not being captured afterwards.
     *
     * @param work must have run before, so that kernels are loaded and memory is there
     * @throws CudaException if it cannot be captured
     */
    Repetition(Gpu gpu, int times, Runnable work) {
        this.gpu = gpu;
        capture = new Capture(gpu);
        gpu.memory().hold(true);
        boolean done = false;
        try {
            capture.begin();
            for (int i = 0; i < times; i++) {
                work.run();
            }
            capture.end();
            done = true;
        } finally {
            if (!done) {
                gpu.memory().hold(false);
                capture.close();
            }
        }
    }

    /** Puts all of it on the stream. */
    void launch() {
        capture.launch();
    }

    @Override
    public void close() {
        try {
            gpu.synchronize();
        } finally {
            gpu.memory().hold(false);
            capture.close();
        }
    }
}
