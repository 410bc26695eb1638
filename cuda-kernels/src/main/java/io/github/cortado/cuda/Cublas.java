package io.github.cortado.cuda;

import static jcuda.cudaDataType.CUDA_R_32F;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasGemmStridedBatchedEx_new;
import static jcuda.jcublas.JCublas2.cublasGetVersion;
import static jcuda.jcublas.JCublas2.cublasSetAtomicsMode;
import static jcuda.jcublas.JCublas2.cublasSetMathMode;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;
import static jcuda.jcublas.cublasAtomicsMode.CUBLAS_ATOMICS_NOT_ALLOWED;
import static jcuda.jcublas.cublasComputeType.CUBLAS_COMPUTE_32F;
import static jcuda.jcublas.cublasComputeType.CUBLAS_COMPUTE_32F_FAST_TF32;
import static jcuda.jcublas.cublasGemmAlgo.CUBLAS_GEMM_DEFAULT;
import static jcuda.jcublas.cublasMath.CUBLAS_DEFAULT_MATH;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_N;
import static jcuda.jcublas.cublasOperation.CUBLAS_OP_T;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import jcuda.jcublas.cublasHandle;
import jcuda.jcublas.cublasStatus;
import jcuda.runtime.cudaStream_t;

/**
 * cuBLAS on our stream: matrix products in float32, and in TF32 only where a call allows it.
 *
 * <p>cuBLAS counts down columns, we along rows: what it takes for a matrix is our matrix
 * transposed. So it is asked for y^T = op(b)^T op(a)^T, with the operands exchanged and the same
 * transpositions.
 */
final class Cublas implements AutoCloseable {
    private static final int HOPPER = 90;
    private static final int MIB = 1 << 20;

    private final Gpu gpu;
    private final cublasHandle handle;
    private final int version;
    private final Scalars scalars;

    /**
     * Memory that products may use between them. It is cuBLAS's for as long as the process lives:
     * graphs that were recorded write to it whenever they are replayed, and since everything is on
     * one stream, no two products use it at a time. Without it cuBLAS would take memory of its own,
     * anew for every graph. 32 MiB for Hopper and 4 for others are what its manual advises.
     */
    private final CudaBuffer workspace;

    /**
     * Starts cuBLAS, whose binding must be loaded.
     *
     * @throws CudaException saying what it answered
     */
    Cublas(Gpu gpu) {
        this.gpu = gpu;
        try (Gpu.Turn t = gpu.turn()) {
            gpu.notWhileRecording("starting cuBLAS");
            handle = create();
            scalars = new Scalars();
            int[] number = new int[1];
            check(cublasGetVersion(handle, number), "asking cuBLAS for its version");
            version = number[0];
            // The stream first: setting it takes the workspace away.
            check(cublasSetStream(handle, new cudaStream_t(gpu.stream())), "setting its stream");
            int mib = gpu.properties().capability() >= HOPPER ? 32 : 4;
            workspace = gpu.empty(DType.UINT8, mib * MIB);
            workspace.keep();
            check(
                    cublasSetWorkspace(handle, new Raw(workspace.address()), workspace.bytes()),
                    "setting its workspace");
            check(cublasSetMathMode(handle, CUBLAS_DEFAULT_MATH), "setting its arithmetic");
            check(cublasSetAtomicsMode(handle, CUBLAS_ATOMICS_NOT_ALLOWED), "forbidding atomics");
        }
    }

    /** A handle that works; a failing call leaves rubbish in its own, which nobody gets to see. */
    private static cublasHandle create() {
        cublasHandle made = new cublasHandle();
        check(cublasCreate(made), "starting cuBLAS");
        return made;
    }

    /** Such as 130101 for 13.1.1. */
    int version() {
        return version;
    }

    /** Whether cuBLAS takes these sizes; it refuses a stride that goes backwards. */
    static boolean supports(Product p) {
        return p.m() > 0
                && p.n() > 0
                && p.k() > 0
                && p.batch() > 0
                && p.aStride() >= 0
                && p.bStride() >= 0;
    }

    /** y_i = op(a_i) op(b_i), all of them beginning where their buffers do. */
    void product(Buffer a, Buffer b, Buffer y, Product p, boolean tf32) {
        int opA = p.transA() ? CUBLAS_OP_T : CUBLAS_OP_N;
        int opB = p.transB() ? CUBLAS_OP_T : CUBLAS_OP_N;
        int rowA = p.transA() ? p.m() : p.k();
        int rowB = p.transB() ? p.k() : p.n();
        int compute = tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
        Raw from = new Raw(Gpu.address(a));
        Raw with = new Raw(Gpu.address(b));
        Raw to = new Raw(Gpu.address(y));
        int status;
        try (Gpu.Turn t = gpu.turn()) {
            if (p.batch() == 1) {
                status =
                        cublasGemmEx_new(
                                handle,
                                opB,
                                opA,
                                p.n(),
                                p.m(),
                                p.k(),
                                scalars.one,
                                with,
                                CUDA_R_32F,
                                rowB,
                                from,
                                CUDA_R_32F,
                                rowA,
                                scalars.zero,
                                to,
                                CUDA_R_32F,
                                p.n(),
                                compute,
                                CUBLAS_GEMM_DEFAULT);
            } else {
                status =
                        cublasGemmStridedBatchedEx_new(
                                handle,
                                opB,
                                opA,
                                p.n(),
                                p.m(),
                                p.k(),
                                scalars.one,
                                with,
                                CUDA_R_32F,
                                rowB,
                                p.bStride(),
                                from,
                                CUDA_R_32F,
                                rowA,
                                p.aStride(),
                                scalars.zero,
                                to,
                                CUDA_R_32F,
                                p.n(),
                                (long) p.m() * p.n(),
                                p.batch(),
                                compute,
                                CUBLAS_GEMM_DEFAULT);
            }
        }
        check(status, "cuBLAS's product of " + p);
    }

    private static void check(int status, String what) {
        if (status != cublasStatus.CUBLAS_STATUS_SUCCESS) {
            throw new CudaException(what + ": " + cublasStatus.stringFor(status), status);
        }
    }

    @Override
    public void close() {
        try (Gpu.Turn t = gpu.turn()) {
            gpu.synchronize();
            check(cublasDestroy(handle), "ending cuBLAS");
            scalars.close();
            gpu.free(workspace.allocation());
        }
    }
}
