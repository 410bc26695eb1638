package io.github.cortado.cuda;

import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUresult;

/**
 * The same work many times over as one CUDA graph, which the GPU goes through without waiting for
 * the host. The memory that the work takes on the way and gives back is the pool's: nothing else
 * may be asked of the GPU as long as this is used.
 */
final class Repetition implements AutoCloseable {
    private final Gpu gpu;
    private final CUgraphExec executable = new CUgraphExec();

    /**
     * Captures it. Whatever happens, the stream is not being captured afterwards.
     *
     * @param work must have run before, so that kernels are loaded and memory is there
     * @throws CudaException if it cannot be captured
     */
    Repetition(Gpu gpu, int times, Runnable work) {
        this.gpu = gpu;
        // A module that is compiled on another thread would not go with a capture.
        gpu.kernels().await();
        gpu.memory().hold(true);
        boolean done = false;
        try {
            CUgraph captured = capture(times, work);
            try {
                Driver.check(cuGraphInstantiate(executable, captured, 0), "making a graph");
            } finally {
                cuGraphDestroy(captured);
            }
            done = true;
        } finally {
            if (!done) {
                gpu.memory().hold(false);
            }
        }
    }

    private CUgraph capture(int times, Runnable work) {
        CUgraph captured = new CUgraph();
        Driver.check(
                cuStreamBeginCapture(gpu.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
                "beginning to capture");
        boolean ended = false;
        try {
            for (int i = 0; i < times; i++) {
                work.run();
            }
            ended = true;
            Driver.check(cuStreamEndCapture(gpu.stream(), captured), "capturing");
            return captured;
        } finally {
            if (!ended && cuStreamEndCapture(gpu.stream(), captured) == CUresult.CUDA_SUCCESS) {
                cuGraphDestroy(captured);
            }
        }
    }

    /** Puts all of it on the stream. */
    void launch() {
        Driver.check(cuGraphLaunch(executable, gpu.stream()), "launching a graph");
    }

    @Override
    public void close() {
        try {
            gpu.synchronize();
        } finally {
            gpu.memory().hold(false);
            Driver.check(cuGraphExecDestroy(executable), "releasing a graph");
        }
    }
}
