package io.github.cortado.cuda;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * Computes on one NVIDIA GPU, with kernels of our own for every operation; all that they need is
 * the driver. Where NVIDIA's libraries are, {@link Choices} says which operations they compute.
 * Each part of the backend is an interface named after the kernels' files.
 */
final class CudaBackend
        implements CudaPointwise,
                CudaIndexing,
                CudaReductions,
                CudaMatmul,
                CudaAttention,
                CudaConvolution,
                CudaPooling,
                CudaResampling,
                CudaNormalisation,
                CudaRecurrence,
                CudaLosses,
                CudaPictures {
    /** The compute capability from which on tensor cores have TF32. */
    private static final int AMPERE = 80;

    private static final int MEETING_BYTES = 16 + 16 * MAX_MEETING;

    private final String name;
    private final Gpu gpu;
    private final CudaBuffer meeting;
    private final Choices choices;
    private final Interpreter interpreter;
    private boolean tf32;

    CudaBackend(String name, Gpu gpu, Choices choices) {
        this.name = name;
        this.gpu = gpu;
        this.choices = choices;
        this.interpreter = new Interpreter(gpu);
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
                Locale.ROOT,
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
        List<String> lines =
                new ArrayList<>(
                        List.of(
                                String.format(
                                        Locale.ROOT,
                                        "driver API: CUDA %d.%d",
                                        p.driver() / 1000,
                                        p.driver() % 1000 / 10),
                                String.format(
                                        Locale.ROOT,
                                        "memory: %,d MiB free of %,d",
                                        gpu.freeMemory() >> 20,
                                        p.memory() >> 20),
                                String.format(
                                        Locale.ROOT,
                                        "own kernels: %d, as PTX %s for compute capability 7.5 and up",
                                        Kernel.values().length,
                                        Kernels.VERSION)));
        lines.addAll(choices.describe());
        return lines;
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
    public Choices choices() {
        return choices;
    }

    @Override
    public Interpreter interpreter() {
        return interpreter;
    }

    @Override
    public boolean isTf32() {
        return tf32;
    }

    @Override
    public boolean allowTf32(boolean allowed) {
        tf32 = allowed && gpu.properties().capability() >= AMPERE;
        return tf32;
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
