package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import java.util.Optional;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What is timed is the GPU's work and not the host's: runs that the GPU goes through by itself. */
@Tag("gpu")
class StopwatchTest {
    /** The run before, and those by which it is guessed how long one takes. */
    private static final int EAGER = 1 + Stopwatch.RUNS;

    private final CudaBackend backend = (CudaBackend) Emulation.backend();
    private final Gpu gpu = backend.gpu();
    private final Buffer one = Floats.on(backend, 1);
    private final Buffer sum = Floats.on(backend, 0);
    private Gpu.Turn turn;
    private Stopwatch watch;
    private int runs;

    @BeforeEach
    void open() {
        turn = gpu.turn();
        watch = new Stopwatch(gpu);
    }

    @AfterEach
    void close() {
        watch.close();
        int[] capturing = {-1};
        JCudaDriver.cuStreamIsCapturing(gpu.stream(), capturing);
        turn.close();
        assertEquals(0, capturing[0], "the stream is still being captured");
    }

    /**
     * One more in {@code sum} whenever the GPU does it, and in {@code runs} when Java asks for it.
     */
    private void add() {
        runs++;
        Pointwise.accumulate(backend, one, sum);
    }

    private int done() {
        return Math.round(Floats.read(backend, sum)[0]);
    }

    @Test
    void shortRunsAreTimedInAGraphOfMany() {
        Stopwatch.Time time = watch.time(this::add);
        assertEquals(Optional.empty(), time.eagerly());
        assertTrue(time.microseconds() > 0, () -> time.toString());
        int captured = runs - EAGER;
        assertTrue(captured > 1, () -> captured + " runs in a graph");
        assertEquals(EAGER + (1 + Stopwatch.ROUNDS) * captured, done());
    }

    @Test
    void aRunThatTakesMemoryAndGivesItBackIsTimedInAGraph() {
        Stopwatch.Time time =
                watch.time(
                        () -> {
                            CudaBuffer between = gpu.empty(DType.FLOAT32, 1000);
                            gpu.zero(between);
                            add();
                            between.release("it was between");
                        });
        assertEquals(Optional.empty(), time.eagerly());
        assertEquals(EAGER + (1 + Stopwatch.ROUNDS) * (runs - EAGER), done());
    }

    @Test
    void whatCannotBeCapturedIsTimedRunByRunAndSaysSo() {
        Stopwatch.Time time =
                watch.time(
                        () -> {
                            add();
                            gpu.synchronize();
                        });
        assertTrue(time.microseconds() > 0, () -> time.toString());
        assertTrue(
                time.eagerly().orElseThrow().contains("CUDA_ERROR_STREAM_CAPTURE"), time::toString);
        // All but the one with which the capture failed.
        assertEquals(runs - 1, done());
        assertEquals(1 + Stopwatch.ROUNDS * Stopwatch.RUNS, done());
    }

    @Test
    void aFaultOfTheRunItselfLeavesNoCaptureBehind() {
        assertThrows(
                IllegalStateException.class,
                () ->
                        watch.time(
                                () -> {
                                    add();
                                    if (runs > EAGER) {
                                        throw new IllegalStateException("in the capture");
                                    }
                                }));
        assertEquals(EAGER, done());
    }
}
