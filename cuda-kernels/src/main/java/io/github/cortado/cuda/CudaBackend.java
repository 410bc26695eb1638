package io.github.cortado.cuda;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import java.util.List;
import java.util.function.Supplier;

/**
 * Computes on one NVIDIA GPU, with kernels of our own for every operation; all that they need is
 * the driver. Each part of the backend is an interface named after the kernels' files.
 */
final class CudaBackend
        implements CudaElementWise,
                CudaReductions,
                CudaMatmul,
                CudaConvolution,
                CudaPooling,
                CudaNormalisation,
                CudaTraining,
                CudaPictures {
    private static final int MEETING_BYTES = 16 + 16 * MAX_MEETING;

    private final String name;
    private final Gpu gpu;
    private final CudaBuffer meeting;

    CudaBackend(String name, Gpu gpu) {
        this.name = name;
        this.gpu = gpu;
        this.meeting = gpu.zeros(DType.UINT8, MEETING_BYTES);
        meeting.keep();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        Gpu.Properties p = gpu.properties();
        return String.format(
                "%s, compute capability %d.%d, %d multiprocessors, %d MiB",
                p.name(),
                p.capability() / 10,
                p.capability() % 10,
                p.multiprocessors(),
                p.memory() >> 20);
    }

    @Override
    public List<String> report() {
        Gpu.Properties p = gpu.properties();
        return List.of(
                "driver API: CUDA %d.%d".formatted(p.driver() / 1000, p.driver() % 1000 / 10),
                "memory: %,d MiB free of %,d".formatted(gpu.freeMemory() >> 20, p.memory() >> 20),
                "own kernels: %d, as PTX %s for compute capability 7.5 and up"
                        .formatted(Kernel.values().length, Kernels.VERSION));
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype != DType.FLOAT64;
    }

    @Override
    public Gpu gpu() {
        return gpu;
    }

    @Override
    public CudaBuffer meeting() {
        return meeting;
    }

    @Override
    public <T> CompiledStep<T> compile(Supplier<T> step) {
        return new RecordedStep<>(gpu, step);
    }
}
