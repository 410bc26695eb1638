package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Steps whose recording comes to what their first runs did not, and which no capture survives. */
@Tag("gpu")
class RecordedStepTest {
    /** The run of the code that is recorded, counted from 1. */
    private static final int RECORDED = 3;

    private CudaBackend backend;
    private Buffer x;
    private Buffer y;
    private int calls;

    @BeforeEach
    void open() {
        Emulation.backend();
        Properties properties = new Properties();
        properties.setProperty(Preferences.USE, Library.OWN.key());
        // One that has neither loaded nor launched anything yet.
        Gpu gpu = new Gpu(0);
        Preferences preferences = Preferences.of(properties);
        Choices choices =
                new Choices(gpu, new NativeLibraries(), preferences, ChoiceTable.committed());
        backend = new CudaBackend("cuda:0", gpu, choices);
        x = backend.allocate(DType.FLOAT32, 2);
        y = backend.allocate(DType.FLOAT32, 2);
        backend.upload(new float[] {0, 4}, x);
    }

    private float[] values(Buffer buffer) {
        float[] values = new float[buffer.length()];
        backend.download(buffer, values);
        return values;
    }

    /** A step that adds 1 to x, does something that depends on which run it is, and y += x. */
    private CompiledStep<Buffer> step(IntConsumer body) {
        calls = 0;
        return backend.compile(
                () -> {
                    Pointwise.run(backend, Formulas.AFFINE.value(), List.of(x), x, 1, 1);
                    body.accept(++calls);
                    Pointwise.accumulate(backend, x, y);
                    return y;
                });
    }

    private String afterSixRuns(IntConsumer body) {
        try (CompiledStep<Buffer> step = step(body)) {
            for (int i = 0; i < 6; i++) {
                step.run();
            }
            // What else the code does on the host, it has done once.
            assertEquals(RECORDED, calls);
            return step.description();
        }
    }

    private void checkSums() {
        assertArrayEquals(new float[] {6, 10}, values(x));
        assertArrayEquals(new float[] {21, 45}, values(y));
    }

    @Test
    void aStepWithNothingNewIsOneGraph() {
        String description = afterSixRuns(run -> {});
        assertTrue(description.startsWith("a CUDA graph of 2 nodes"), description);
        checkSums();
    }

    @Test
    void aKernelThatTheFirstRunsDidNotLaunchIsLoadedApart() {
        Buffer cut = backend.allocate(DType.FLOAT32, 2);
        String description =
                afterSixRuns(
                        run -> {
                            if (run == RECORDED) {
                                Pointwise.relu(backend, x, cut);
                            }
                        });
        assertTrue(description.startsWith("2 CUDA graphs in a row of 3 nodes"), description);
        checkSums();
        assertArrayEquals(new float[] {6, 10}, values(cut));
    }

    @Test
    void memoryThatTheFirstRunsDidNotNeedIsTakenApart() {
        Buffer[] large = new Buffer[1];
        String description =
                afterSixRuns(
                        run -> {
                            int n = run == RECORDED ? 3_000_000 : 3;
                            large[0] = backend.empty(DType.FLOAT32, n);
                            backend.fill(large[0], 2);
                        });
        assertTrue(description.startsWith("2 CUDA graphs in a row of 3 nodes"), description);
        checkSums();
    }

    @Test
    void whatTheGpuHasNoMemoryForIsSaidWithWhatTheStepHasAlready() {
        // A real one may have memory for the longest buffer that there can be.
        Emulation.exact();
        var e =
                assertThrows(
                        OutOfMemoryError.class,
                        () ->
                                afterSixRuns(
                                        run -> {
                                            if (run == RECORDED) {
                                                backend.empty(DType.INT64, 1 << 28);
                                            }
                                        }));
        String message = e.getMessage();
        assertTrue(message.startsWith("GPU memory: 2,147,483,648 bytes are wanted"), message);
        assertTrue(message.contains("a step is being recorded, which has "), message);
        // Nothing is left of the attempt.
        assertArrayEquals(new float[] {2, 6}, values(x));
    }

    @Test
    void aThreadThatLaunchesForTheFirstTimeMayRecord() {
        try (CompiledStep<Buffer> step = step(run -> {})) {
            for (int i = 0; i < 6; i++) {
                CompletableFuture.runAsync(step::run, r -> new Thread(r).start()).join();
            }
            String description = step.description();
            assertTrue(description.startsWith("a CUDA graph of 2 nodes"), description);
        }
        checkSums();
    }
}
