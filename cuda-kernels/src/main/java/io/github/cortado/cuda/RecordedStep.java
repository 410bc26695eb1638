package io.github.cortado.cuda;

import io.github.cortado.CompiledStep;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.StepRecording;
import java.util.Locale;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A step as one CUDA graph. The first runs run the code, so that kernels are compiled, libraries
 * have their workspaces and the memory that the step needs is known; the next one records it, and
 * from then on a run is one launch. Where the recording comes to a kernel or needs memory that the
 * first runs did not, it becomes several graphs; see {@link Capture}. The graph's memory is its
 * own: an arena that nothing else takes from, since the graph writes to the same addresses again
 * whenever it is launched.
 */
final class RecordedStep<T> implements CompiledStep<T> {
    /** The first run makes what lasts, the second shows what the step itself needs. */
    private static final int WARM_UP = 2;

    private final Gpu gpu;
    private final Supplier<T> code;
    private int runs;
    private DeviceMemory.Demand demand = DeviceMemory.Demand.NONE;
    private @Nullable Graph<T> graph;
    private boolean closed;

    /** What a recording made. */
    private record Graph<T>(
            Capture capture,
            Pool arena,
            Slots slots,
            StepRecording host,
            Recording recording,
            T result) {}

    RecordedStep(Gpu gpu, Supplier<T> code) {
        this.gpu = gpu;
        this.code = code;
    }

    @Override
    public T run() {
        if (closed) {
            throw new IllegalStateException("the compiled step was closed");
        }
        try (Gpu.Turn t = gpu.turn()) {
            Graph<T> g = graph;
            if (g == null && runs < WARM_UP) {
                runs++;
                return warmUp();
            }
            if (g == null) {
                g = record();
                graph = g;
                g.slots.upload();
                g.capture.launch();
            } else {
                g.recording.checkInPlace();
                g.slots.uploadIfChanged();
                g.host.repeat(g.capture::launch);
            }
            g.slots.advance();
            return g.result;
        }
    }

    private T warmUp() {
        DeviceMemory memory = gpu.memory();
        memory.startDemand();
        try {
            return code.get();
        } finally {
            demand = memory.endDemand();
        }
    }

    private Graph<T> record() {
        Slots slots = new Slots(gpu);
        Capture capture = new Capture(gpu);
        Pool arena = gpu.memory().arena(demand, gpu::apart);
        StepRecording host = StepRecording.begin();
        Recording recording = new Recording(host, slots, capture);
        boolean done = false;
        try (host) {
            T result = capture(capture, recording, host, slots, arena);
            done = true;
            return new Graph<>(capture, arena, slots, host, recording, result);
        } finally {
            if (!done) {
                host.undo();
                give(arena, slots, recording, "the recording of its step failed");
            }
        }
    }

    /** Runs the code with everything that it asks of the GPU going into graphs. */
    private T capture(
            Capture capture, Recording recording, StepRecording host, Slots slots, Pool arena) {
        gpu.memory().use(arena);
        gpu.recording(recording);
        boolean ended = false;
        try {
            capture.begin();
            T result = code.get();
            slots.close(host);
            capture.end();
            ended = true;
            return result;
        } finally {
            if (!ended) {
                capture.close();
            }
            gpu.recording(null);
            gpu.memory().use(null);
            Autograd.keepOutputs();
        }
    }

    @Override
    public T runEagerly() {
        return code.get();
    }

    @Override
    public String description() {
        Graph<T> g = graph;
        return g == null
                ? "not recorded yet, it runs as it is written"
                : String.format(
                        Locale.ROOT,
                        "%s of %d nodes, %,d bytes of memory",
                        g.capture.graphs() > 1
                                ? g.capture.graphs() + " CUDA graphs in a row"
                                : "a CUDA graph",
                        g.capture.nodes(),
                        g.arena.reserved());
    }

    @Override
    public void close() {
        closed = true;
        Graph<T> g = graph;
        graph = null;
        if (g != null) {
            try (Gpu.Turn t = gpu.turn()) {
                gpu.synchronize();
                g.capture.close();
                give(g.arena, g.slots, g.recording, "its compiled step was closed");
            }
        }
    }

    private static void give(Pool arena, Slots slots, Recording recording, String why) {
        recording
                .allocations()
                .forEach(
                        a -> {
                            a.isGone(why);
                            a.free();
                        });
        arena.close();
        slots.release();
    }
}
