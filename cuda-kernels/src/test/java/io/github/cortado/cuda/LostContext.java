package io.github.cortado.cuda;

import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import jcuda.driver.CUresult;
import org.jspecify.annotations.Nullable;

/**
 * Errors that a process does not survive: after them every call to the driver gives the same, until
 * a new process makes a new context.
 */
final class LostContext {
    /** {@code CUresult}s of which cuda.h says that the process must be ended and started again. */
    private static final Set<Integer> STAYING =
            Set.of(
                    CUresult.CUDA_ERROR_ECC_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_NVLINK_UNCORRECTABLE,
                    CUresult.CUDA_ERROR_ILLEGAL_ADDRESS,
                    CUresult.CUDA_ERROR_LAUNCH_TIMEOUT,
                    CUresult.CUDA_ERROR_CONTEXT_IS_DESTROYED,
                    CUresult.CUDA_ERROR_ASSERT,
                    CUresult.CUDA_ERROR_HARDWARE_STACK_ERROR,
                    CUresult.CUDA_ERROR_ILLEGAL_INSTRUCTION,
                    CUresult.CUDA_ERROR_MISALIGNED_ADDRESS,
                    CUresult.CUDA_ERROR_INVALID_ADDRESS_SPACE,
                    CUresult.CUDA_ERROR_INVALID_PC,
                    CUresult.CUDA_ERROR_LAUNCH_FAILED,
                    CUresult.CUDA_ERROR_UNKNOWN);

    private LostContext() {}

    /**
     * Why there is no going on after a test failed so, if that is so: since its failure says it, or
     * since the driver does, for a test may have caught what the driver said.
     */
    static Optional<String> after(Throwable failure) {
        Optional<String> said =
                Stream.<@Nullable Throwable>iterate(failure, LostContext::cause)
                        .takeWhile(e -> e != null)
                        .flatMap(e -> staying(e).stream())
                        .findFirst();
        return said.isPresent() ? said : driver();
    }

    private static @Nullable Throwable cause(@Nullable Throwable e) {
        return e == null ? null : e.getCause();
    }

    private static Optional<String> staying(@Nullable Throwable e) {
        return e instanceof CudaException cuda && STAYING.contains(cuda.status())
                ? Optional.ofNullable(e.getMessage())
                : Optional.empty();
    }

    private static Optional<String> driver() {
        try {
            Emulation.opened().ifPresent(backend -> ((CudaBackend) backend).gpu().synchronize());
            return Optional.empty();
        } catch (RuntimeException e) {
            return staying(e);
        }
    }
}
