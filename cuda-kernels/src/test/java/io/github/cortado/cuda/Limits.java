package io.github.cortado.cuda;

import static jcuda.driver.CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_RELAXED;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuGraphUpload;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;

import io.github.cortado.DType;
import io.github.cortado.backend.Backends;
import io.github.cortado.io.Json;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;

/**
 * What a GPU can do at most, measured on it, as lines of JSON, each with all measured by then:
 * bytes a second in copies, operations a second in registers and on tensor cores, and what
 * launching costs. It is what the times of kernels are compared with, instead of data sheets.
 */
final class Limits {
    private static final int ROUNDS = 5;
    private static final int NODES = 25;
    private static final int THREADS = 256;
    private static final int TURNS = 2000;
    private static final long LARGE = 1L << 30;
    private static final long SMALL = 8L << 20;
    private static final int AMPERE = 80;

    private final CudaBackend backend;
    private final Gpu gpu;
    private final Map<String, Object> found = new LinkedHashMap<>();

    private Limits(CudaBackend backend) {
        this.backend = backend;
        this.gpu = backend.gpu();
    }

    /** Measures and prints. What a device cannot do stands under {@code missing}. */
    public static void main(String[] arguments) {
        CudaBackend backend =
                (CudaBackend)
                        Backends.found()
                                .get("cuda:0")
                                .orElseThrow(
                                        () ->
                                                new IllegalStateException(
                                                        Backends.found()
                                                                .whyNot("cuda:0")
                                                                .getMessage()));
        System.out.println(Json.write(new Limits(backend).measure()));
        System.exit(0);
    }

    private Map<String, Object> measure() {
        long large = Math.min(LARGE, gpu.freeMemory() / 8);
        found.put("copy_bytes", large);
        found.put("copy_gb_per_second", copies(large, 10));
        soFar();
        // As large as LeNet's tensors, which stay in the second-level cache.
        found.put("cached_copy_bytes", SMALL);
        found.put("cached_copy_gb_per_second", copies(SMALL, 100));
        soFar();
        try (Gpu.Turn t = gpu.turn()) {
            CUmodule plain = module(LimitsPtx.plain());
            launches(function(plain, LimitsPtx.NOTHING));
            soFar();
            arithmetic(
                    "fp32_tflops",
                    function(plain, LimitsPtx.MULTIPLY_ADDS),
                    LimitsPtx.FLOPS * THREADS);
            soFar();
            if (gpu.properties().capability() >= AMPERE) {
                arithmetic(
                        "tf32_tflops",
                        function(module(LimitsPtx.tensorCores()), LimitsPtx.TENSOR_CORES),
                        LimitsPtx.TENSOR_FLOPS * THREADS / 32);
            }
        } catch (CudaException e) {
            found.put("missing", e.getMessage());
        }
        return found;
    }

    /** A line that a process which is cut off has printed. */
    private void soFar() {
        Map<String, Object> line = new LinkedHashMap<>(found);
        line.put("partial", true);
        System.out.println(Json.write(line));
    }

    /** GB/s of copies on the device, bytes read and written counted, the best of some rounds. */
    private double copies(long bytes, int times) {
        CudaBuffer from = gpu.empty(DType.UINT8, (int) bytes);
        CudaBuffer to = gpu.empty(DType.UINT8, (int) bytes);
        backend.fill(from, 3);
        double best = best(() -> backend.copy(from, to), times);
        from.release("it was measured");
        to.release("it was measured");
        return 2.0 * bytes / best;
    }

    /** Nanoseconds of one of so many runs, in the best of some rounds after one that warms up. */
    private double best(Runnable work, int times) {
        double best = Double.POSITIVE_INFINITY;
        for (int round = 0; round <= ROUNDS; round++) {
            double nanos = (double) gpu.nanoseconds(() -> repeat(work, times)) / times;
            best = round == 0 ? best : Math.min(best, nanos);
        }
        return best;
    }

    private static void repeat(Runnable work, int times) {
        for (int i = 0; i < times; i++) {
            work.run();
        }
    }

    private void launches(CUfunction nothing) {
        Launches launch = new Launches(gpu, nothing);
        found.put("empty_kernel_microseconds", best(launch::run, 1000) / 1e3);
        found.put("graph_nodes", NODES);
        double all = graph(launch, NODES);
        double one = graph(launch, 1);
        found.put("empty_graph_microseconds", all);
        found.put("empty_graph_of_one_microseconds", one);
        found.put("another_node_microseconds", (all - one) / (NODES - 1));
    }

    /** Microseconds of a graph of so many empty kernels. */
    private double graph(Launches launch, int nodes) {
        try (Graph graph = new Graph(() -> repeat(launch::run, nodes))) {
            return best(graph::launch, 200) / 1e3;
        }
    }

    /** Launches of a kernel without arguments. */
    private record Launches(Gpu gpu, CUfunction kernel) {
        void run() {
            Driver.check(
                    cuLaunchKernel(kernel, 1, 1, 1, 32, 1, 1, 0, gpu.stream(), null, null),
                    "launching an empty kernel");
        }
    }

    /** What is launched while it is recorded, as a graph. */
    private final class Graph implements AutoCloseable {
        private final CUgraph graph = new CUgraph();
        private final CUgraphExec executable = new CUgraphExec();

        Graph(Runnable launches) {
            gpu.kernels().await();
            Driver.check(
                    cuStreamBeginCapture(gpu.stream(), CU_STREAM_CAPTURE_MODE_RELAXED),
                    "beginning to record");
            launches.run();
            Driver.check(cuStreamEndCapture(gpu.stream(), graph), "recording");
            Driver.check(cuGraphInstantiate(executable, graph, 0), "making a graph");
            Driver.check(cuGraphUpload(executable, gpu.stream()), "uploading a graph");
        }

        void launch() {
            Driver.check(cuGraphLaunch(executable, gpu.stream()), "launching a graph");
        }

        @Override
        public void close() {
            gpu.synchronize();
            cuGraphExecDestroy(executable);
            cuGraphDestroy(graph);
        }
    }

    /** TFLOP/s of a kernel that fills every multiprocessor. */
    private void arithmetic(String name, CUfunction kernel, double flopsPerBlockAndTurn) {
        int blocks = 16 * gpu.properties().multiprocessors();
        CudaBuffer nowhere = gpu.zeros(DType.FLOAT32, 1);
        HostMemory arguments = new HostMemory(64);
        long base = arguments.address();
        arguments.bytes().putLong(0, base + 16).putLong(8, base + 24);
        arguments.bytes().putLong(16, nowhere.address()).putInt(24, TURNS);
        double nanos =
                best(
                        () ->
                                Driver.check(
                                        cuLaunchKernel(
                                                kernel,
                                                blocks,
                                                1,
                                                1,
                                                THREADS,
                                                1,
                                                1,
                                                0,
                                                gpu.stream(),
                                                new Raw(base),
                                                null),
                                        "launching " + name),
                        3);
        found.put(name, flopsPerBlockAndTurn * TURNS * blocks / nanos / 1e3);
    }

    private static CUmodule module(String ptx) {
        CUmodule module = new CUmodule();
        byte[] text = (ptx + '\0').getBytes(StandardCharsets.US_ASCII);
        Driver.check(cuModuleLoadData(module, text), "compiling the kernels that measure limits");
        return module;
    }

    private static CUfunction function(CUmodule module, String name) {
        CUfunction function = new CUfunction();
        Driver.check(cuModuleGetFunction(function, module, name), "looking for kernel " + name);
        return function;
    }
}
