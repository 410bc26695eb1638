package io.github.cortado.cuda;

import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuGraphUpload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import io.github.cortado.CompiledStep;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.backend.StepRecording;
import java.util.Locale;
import java.util.function.Supplier;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import org.jspecify.annotations.Nullable;

/**
 * A step as one CUDA graph. The first runs run the code, so that kernels are compiled, libraries
 * have their workspaces and the memory that the step needs is known; the next one records it, and
 * from then on a run is one launch. The graph's memory is its own: an arena that nothing else takes
 * from, since the graph writes to the same addresses again whenever it is launched.
 */
final class RecordedStep<T> implements CompiledStep<T> {
    /** The first run makes what lasts, the second shows what the step itself needs. */
    private static final int WARM_UP = 2;

    private final Gpu gpu;
    private final Supplier<T> code;
    private int runs;
    private long peak;
    private @Nullable Graph<T> graph;
    private boolean closed;

    /** What a recording made. */
    private record Graph<T>(
            CUgraph graph,
            CUgraphExec executable,
            int nodes,
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
                launch(g);
            } else {
                g.slots.uploadIfChanged();
                launch(g);
                g.host.repeat();
            }
            g.slots.advance();
            return g.result;
        }
    }

    private T warmUp() {
        DeviceMemory memory = gpu.memory();
        long before = memory.inUse();
        memory.startPeak();
        T result = code.get();
        peak = memory.peak() - before;
        return result;
    }

    private void launch(Graph<T> g) {
        Driver.check(cuGraphLaunch(g.executable, gpu.stream()), "launching a recorded step");
    }

    private Graph<T> record() {
        Slots slots = new Slots(gpu);
        Pool arena = new Pool();
        if (peak > 0) {
            arena.prepare(peak + peak / 8);
        }
        StepRecording host = StepRecording.begin();
        Recording recording = new Recording(host, slots);
        CUgraph captured = new CUgraph();
        boolean done = false;
        try (host) {
            T result = capture(captured, recording, host, slots, arena);
            CUgraphExec executable = new CUgraphExec();
            Driver.check(cuGraphInstantiate(executable, captured, 0), "making a graph");
            Driver.check(cuGraphUpload(executable, gpu.stream()), "uploading a graph");
            done = true;
            return new Graph<>(
                    captured, executable, nodes(captured), arena, slots, host, recording, result);
        } finally {
            if (!done) {
                host.undo();
                give(arena, slots, recording, "the recording of its step failed");
            }
        }
    }

    /** Runs the code with everything that it asks of the GPU going into a graph. */
    private T capture(
            CUgraph captured, Recording recording, StepRecording host, Slots slots, Pool arena) {
        gpu.memory().arena(arena);
        gpu.recording(recording);
        Driver.check(
                cuStreamBeginCapture(gpu.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
                "beginning to record a step");
        boolean ended = false;
        try {
            T result = code.get();
            slots.close(host);
            ended = true;
            Driver.check(cuStreamEndCapture(gpu.stream(), captured), "recording a step");
            return result;
        } finally {
            if (!ended) {
                cuStreamEndCapture(gpu.stream(), captured);
            }
            gpu.recording(null);
            gpu.memory().arena(null);
            Autograd.keepOutputs();
        }
    }

    private static int nodes(CUgraph graph) {
        long[] count = new long[1];
        Driver.check(cuGraphGetNodes(graph, null, count), "counting a graph's nodes");
        return (int) count[0];
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
                        "a CUDA graph of %d nodes, %,d bytes of memory",
                        g.nodes,
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
                Driver.check(cuGraphExecDestroy(g.executable), "releasing a graph");
                Driver.check(cuGraphDestroy(g.graph), "releasing a graph");
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
