package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import jcuda.driver.CUevent;

/** Measures what the GPU does between two events on its stream. */
final class Stopwatch implements AutoCloseable {
    private static final int ROUNDS = 3;
    private static final int RUNS = 5;

    private final Gpu gpu;
    private final CUevent begin = new CUevent();
    private final CUevent end = new CUevent();

    Stopwatch(Gpu gpu) {
        this.gpu = gpu;
        Driver.check(cuEventCreate(begin, 0), "making an event");
        Driver.check(cuEventCreate(end, 0), "making an event");
    }

    /**
     * Microseconds that the GPU takes for it: the least of a few rounds, since whatever disturbs
     * makes it longer. It is run once before, so that what is made at the first use is there.
     */
    double microseconds(Runnable run) {
        run.run();
        double least = Double.POSITIVE_INFINITY;
        float[] millis = new float[1];
        for (int i = 0; i < ROUNDS; i++) {
            Driver.check(cuEventRecord(begin, gpu.stream()), "noting a time");
            for (int j = 0; j < RUNS; j++) {
                run.run();
            }
            Driver.check(cuEventRecord(end, gpu.stream()), "noting a time");
            Driver.check(cuEventSynchronize(end), "waiting for the GPU");
            Driver.check(cuEventElapsedTime(millis, begin, end), "reading a time");
            least = Math.min(least, millis[0] * 1e3 / RUNS);
        }
        return least;
    }

    @Override
    public void close() {
        Driver.check(cuEventDestroy(begin), "releasing an event");
        Driver.check(cuEventDestroy(end), "releasing an event");
    }
}
