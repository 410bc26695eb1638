package io.github.cortado.cuda;

import static jcuda.driver.CUresult.CUDA_SUCCESS;
import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuGraphUpload;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;

/**
 * What is put on a GPU's stream between beginning and end, as CUDA graphs: one, or several that are
 * launched one behind the other where something had to be done {@link #apart}. So the code that is
 * recorded runs once, whatever turns up in it, and what else it does on the host is done once.
 */
final class Capture implements AutoCloseable {
    private final Gpu gpu;
    private final List<Piece> pieces = new ArrayList<>();
    private boolean open;

    private record Piece(CUgraph graph, CUgraphExec executable, int nodes) {}

    Capture(Gpu gpu) {
        this.gpu = gpu;
    }

    void begin() {
        // A module that is compiled on another thread would not go with it.
        gpu.kernels().await();
        // Libraries may load a kernel of theirs late, which only a relaxed capture survives. What
        // is
        // ours is done apart.
        Driver.check(
                cuStreamBeginCapture(gpu.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
                "beginning to record a step");
        open = true;
    }

    void end() {
        open = false;
        CUgraph graph = new CUgraph();
        Driver.check(cuStreamEndCapture(gpu.stream(), graph), "recording a step");
        int nodes = count(graph);
        if (nodes == 0) {
            Driver.check(cuGraphDestroy(graph), "releasing a graph");
            return;
        }
        CUgraphExec executable = new CUgraphExec();
        Driver.check(cuGraphInstantiate(executable, graph, 0), "making a graph");
        pieces.add(new Piece(graph, executable, nodes));
        Driver.check(cuGraphUpload(executable, gpu.stream()), "uploading a graph");
    }

    private static int count(CUgraph graph) {
        long[] count = new long[1];
        Driver.check(cuGraphGetNodes(graph, null, count), "counting a graph's nodes");
        return (int) count[0];
    }

    /**
     * Does what no capture survives, such as taking memory or loading a kernel: the present graph
     * ends before it, and another begins behind it.
     */
    <R> R apart(Supplier<R> work) {
        end();
        try {
            return work.get();
        } finally {
            begin();
        }
    }

    /** Puts everything on the stream once more. */
    void launch() {
        for (Piece piece : pieces) {
            Driver.check(
                    cuGraphLaunch(piece.executable, gpu.stream()), "launching a recorded step");
        }
    }

    int graphs() {
        return pieces.size();
    }

    int nodes() {
        return pieces.stream().mapToInt(Piece::nodes).sum();
    }

    /** Gives the graphs back; what is being recorded is given up. */
    @Override
    public void close() {
        if (open) {
            open = false;
            // If it fails, it is because the recording has failed, which has been told.
            CUgraph graph = new CUgraph();
            if (cuStreamEndCapture(gpu.stream(), graph) == CUDA_SUCCESS) {
                cuGraphDestroy(graph);
            }
        }
        for (Piece piece : pieces) {
            Driver.check(cuGraphExecDestroy(piece.executable), "releasing a graph");
            Driver.check(cuGraphDestroy(piece.graph), "releasing a graph");
        }
        pieces.clear();
    }
}
