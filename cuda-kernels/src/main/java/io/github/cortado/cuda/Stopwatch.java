package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventElapsedTime;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuEventSynchronize;

import java.util.Optional;
import jcuda.driver.CUevent;

/**
 * Measures what the GPU does between two events on its stream. A kernel takes 3 us and more, and to
 * launch one costs the host about as much, so what is launched one by one measures the host. What
 * is timed is therefore a graph of so many runs that it takes about a millisecond.
 */
final class Stopwatch implements AutoCloseable {
    /** How often it is measured; the least counts, since whatever disturbs makes it longer. */
    static final int ROUNDS = 5;

    /**
     * Runs that tell about how long one takes, and all that is timed where none can be captured.
     */
    static final int RUNS = 5;

    private static final double MICROSECONDS = 1000;

    /** Nodes of a graph cost memory, and time to make them. */
    private static final int MOST = 500;

    private final Gpu gpu;
    private final CUevent begin = new CUevent();
    private final CUevent end = new CUevent();

    /**
     * What was measured.
     *
     * @param microseconds of one run
     * @param eagerly why the runs were launched one by one, so that the time may be the host's;
     *     empty where they were a graph
     */
    record Time(double microseconds, Optional<String> eagerly) {}

    Stopwatch(Gpu gpu) {
        this.gpu = gpu;
        Driver.check(cuEventCreate(begin, 0), "making an event");
        Driver.check(cuEventCreate(end, 0), "making an event");
    }

    /**
     * The time that the GPU takes for it. It is run once before, so that what is made at the first
     * use is there.
     */
    Time time(Runnable run) {
        run.run();
        // One by one: a pause of the machine makes one of them longer, and not all.
        double eager = least(RUNS, 1, run);
        int times = (int) Math.max(1, Math.min(MOST, MICROSECONDS / eager));
        try (Repetition graph = new Repetition(gpu, times, run)) {
            // The first launch is not like the others.
            graph.launch();
            return new Time(least(ROUNDS, 1, graph::launch) / times, Optional.empty());
        } catch (CudaException e) {
            // It can be told all the same how long it takes.
            double again = least(ROUNDS - 1, RUNS, run);
            return new Time(Math.min(eager, again), Optional.of(String.valueOf(e.getMessage())));
        }
    }

    /** Microseconds of a run, the least of some rounds. */
    private double least(int rounds, int runs, Runnable run) {
        double least = Double.POSITIVE_INFINITY;
        float[] millis = new float[1];
        for (int i = 0; i < rounds; i++) {
            Driver.check(cuEventRecord(begin, gpu.stream()), "noting a time");
            for (int j = 0; j < runs; j++) {
                run.run();
            }
            Driver.check(cuEventRecord(end, gpu.stream()), "noting a time");
            Driver.check(cuEventSynchronize(end), "waiting for the GPU");
            Driver.check(cuEventElapsedTime(millis, begin, end), "reading a time");
            least = Math.min(least, millis[0] * 1e3 / runs);
        }
        return least;
    }

    @Override
    public void close() {
        Driver.check(cuEventDestroy(begin), "releasing an event");
        Driver.check(cuEventDestroy(end), "releasing an event");
    }
}
