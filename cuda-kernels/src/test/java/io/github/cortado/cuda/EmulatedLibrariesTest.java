package io.github.cortado.cuda;

import static jcuda.cudaDataType.CUDA_R_16F;
import static jcuda.cudaDataType.CUDA_R_32F;
import static jcuda.jcublas.JCublas2.cublasCreate;
import static jcuda.jcublas.JCublas2.cublasDestroy;
import static jcuda.jcublas.JCublas2.cublasGemmEx_new;
import static jcuda.jcublas.JCublas2.cublasSetStream;
import static jcuda.jcublas.JCublas2.cublasSetWorkspace;
import static jcuda.jcublas.cublasComputeType.CUBLAS_COMPUTE_32F;
import static jcuda.jcudnn.JCudnn.cudnnConvolutionForward;
import static jcuda.jcudnn.JCudnn.cudnnGetConvolutionForwardAlgorithm_v7;
import static jcuda.jcudnn.JCudnn.cudnnGetErrorString;
import static jcuda.jcudnn.cudnnMathType.CUDNN_FMA_MATH;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.github.cortado.DType;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import jcuda.jcublas.cublasHandle;
import jcuda.jcudnn.cudnnConvolutionFwdAlgoPerf;
import jcuda.jcudnn.cudnnTensorDescriptor;
import jcuda.runtime.cudaStream_t;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** That the emulated libraries notice what Cortado could get wrong. */
@Tag("libraries")
class EmulatedLibrariesTest {
    private static final Conv2dSpec SPEC = new Conv2dSpec(1, 2, 6, 6, 3, 3, 3, 1, 1, 1, 1, 1, 1, 1);

    private final CudaBackend backend = (CudaBackend) Emulation.backend();
    private final Gpu gpu = backend.gpu();

    @BeforeEach
    void thereIsAnEmulation() {
        assumeFalse(Emulation.isOnGpu(), "SKIPPED: this is about the emulated libraries");
    }

    private int gemm(cublasHandle handle, int ldA, int type, Raw factor, Raw y) {
        Raw data = new Raw(Gpu.address(Floats.random(backend, 1, 64)));
        try (Scalars s = new Scalars()) {
            return cublasGemmEx_new(
                    handle,
                    0,
                    0,
                    4,
                    3,
                    2,
                    factor == null ? s.one : factor,
                    data,
                    CUDA_R_32F,
                    ldA,
                    data,
                    type,
                    2,
                    s.zero,
                    y,
                    CUDA_R_32F,
                    4,
                    CUBLAS_COMPUTE_32F,
                    -1);
        }
    }

    @Test
    void cublasNoticesWrongMatricesAndAStreamThatTookTheWorkspaceAway() {
        cublasHandle handle = new cublasHandle();
        assertEquals(0, cublasCreate(handle));
        cudaStream_t stream = new cudaStream_t(gpu.stream());
        CudaBuffer workspace = gpu.empty(DType.UINT8, 1024);
        Raw y = new Raw(Gpu.address(Floats.rubbish(backend, 12)));
        assertEquals(0, cublasSetStream(handle, stream));
        assertEquals(3, gemm(handle, 4, CUDA_R_32F, null, y), "no workspace");
        Raw at = new Raw(workspace.address());
        assertEquals(7, cublasSetWorkspace(handle, new Raw(workspace.address() + 4), 512));
        assertEquals(7, cublasSetWorkspace(handle, at, 1L << 40));
        assertEquals(0, cublasSetWorkspace(handle, at, 1024));
        assertEquals(0, gemm(handle, 4, CUDA_R_32F, null, y));
        assertEquals(7, gemm(handle, 3, CUDA_R_32F, null, y), "leading dimension");
        assertEquals(15, gemm(handle, 4, CUDA_R_16F, null, y), "type");
        assertEquals(7, gemm(handle, 4, CUDA_R_32F, at, y), "a factor on the device");
        backend.synchronize();
        try (HostMemory host = new HostMemory(64)) {
            assertEquals(0, gemm(handle, 4, CUDA_R_32F, null, new Raw(host.address())));
        }
        var e = assertThrows(CudaException.class, backend::synchronize);
        assertTrue(e.getMessage().contains("leaves its allocation"), e.getMessage());
        assertEquals(0, cublasSetStream(handle, stream));
        assertEquals(3, gemm(handle, 4, CUDA_R_32F, null, y), "the workspace went with the stream");
        assertEquals(0, cublasDestroy(handle));
        assertEquals(1, cublasDestroy(handle), "destroyed twice");
    }

    private int conv(
            Descriptors d, cudnnTensorDescriptor y, int algorithm, Buffer space, Buffer to) {
        Cudnn cudnn = backend.choices().cudnn();
        Raw x = new Raw(Gpu.address(Floats.random(backend, 1, 72)));
        Raw w = new Raw(Gpu.address(Floats.random(backend, 2, 54)));
        return cudnnConvolutionForward(
                cudnn.handle(),
                cudnn.scalars().one,
                d.tensor(1, 2, 6, 6),
                x,
                d.filter(SPEC),
                w,
                d.convolution(SPEC, CUDNN_FMA_MATH),
                algorithm,
                new Raw(Gpu.address(space)),
                space.length(),
                cudnn.scalars().zero,
                y,
                new Raw(Gpu.address(to)));
    }

    @Test
    void cudnnNoticesDescriptorsThatDoNotFitAndWorkspacesThatAreTooSmall() {
        Buffer none = gpu.empty(DType.UINT8, 0);
        Buffer space = gpu.empty(DType.UINT8, 1024);
        Buffer to = Floats.rubbish(backend, 112);
        try (Descriptors d = new Descriptors()) {
            var y = d.tensor(1, 3, 6, 6);
            assertEquals(0, conv(d, y, 0, none, to.slice(0, 108)));
            assertEquals(2000, conv(d, d.tensor(1, 3, 6, 5), 0, none, to));
            assertEquals(2000, conv(d, y, 1, none, to), "no workspace");
            assertTrue(cudnnGetErrorString(2000).contains("workspace"), cudnnGetErrorString(2000));
            assertEquals(2000, conv(d, y, 6, space.slice(0, 8), to), "a small workspace");
            assertEquals(0, conv(d, y, 6, space, to));
            assertEquals(3000, conv(d, y, 3, space, to), "not implemented");
            assertEquals(2003, conv(d, y, 0, none, to.slice(1, 108)), "alignment");
            backend.synchronize();
            var e = assertThrows(CudaException.class, () -> d.tensor(0, 3, 6, 6));
            assertEquals(2000, e.status());
        }
    }

    /** So that the tests of what is taken would fail if it were taken unseen. */
    @Test
    void cudnnsFirstAdviceIsNotToBeTaken() {
        Cudnn cudnn = backend.choices().cudnn();
        cudnnConvolutionFwdAlgoPerf[] advice = new cudnnConvolutionFwdAlgoPerf[3];
        for (int i = 0; i < advice.length; i++) {
            advice[i] = new cudnnConvolutionFwdAlgoPerf();
        }
        int[] found = new int[1];
        try (Descriptors d = new Descriptors()) {
            int status =
                    cudnnGetConvolutionForwardAlgorithm_v7(
                            cudnn.handle(),
                            d.tensor(1, 2, 6, 6),
                            d.filter(SPEC),
                            d.convolution(SPEC, 0),
                            d.tensor(1, 3, 6, 6),
                            3,
                            found,
                            advice);
            assertEquals(0, status);
        }
        assertEquals(3, found[0]);
        assertEquals(4, advice[0].algo);
        assertEquals(1L << 32, advice[0].memory);
        // Half precision it is, which the binding does not tell.
        assertEquals(0, advice[0].mathType);
    }
}
