package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendContract;
import io.github.cortado.backend.Leeway;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** The contract with cuBLAS and cuDNN for everything that they can do. */
@Tag("libraries")
class LibrariesContractTest extends BackendContract {
    private static final Set<Arithmetic> ARITHMETICS = EnumSet.noneOf(Arithmetic.class);

    @Override
    protected Backend backend() {
        return Emulation.backend();
    }

    /** By the algorithms that cuDNN chose, its favourites where it was asked for. */
    @Override
    protected Leeway leeway() {
        Set<Choices.Taken> taken = ((CudaBackend) backend()).choices().taken();
        ARITHMETICS.add(Arithmetic.of(taken));
        return Arithmetic.leeway(taken);
    }

    /** What no library has a part in is {@link CudaBackendContractTest}'s. */
    @Override
    protected boolean covers(String method) {
        return method.matches("(matmul|linear|conv2d|avgPool2d|maxPool2d|relu|dropout).*");
    }

    @BeforeAll
    static void forgetWhatOtherTestsCalled() {
        EmulatedLibraries.forgetCalls();
    }

    @AfterAll
    static void theLibrariesDidIt() {
        if (Emulation.isOnGpu() || Emulation.driver().isEmpty()) {
            return;
        }
        Set<String> calls = EmulatedLibraries.allCalls();
        for (String function :
                List.of(
                        "cublasGemmEx",
                        "cudnnConvolutionForward",
                        "cudnnConvolutionBiasActivationForward",
                        "cudnnConvolutionBackwardData",
                        "cudnnConvolutionBackwardFilter",
                        "cudnnConvolutionBackwardBias",
                        "cudnnPoolingForward",
                        "cudnnPoolingBackward",
                        "cudnnActivationForward",
                        "cudnnActivationBackward")) {
            assertTrue(calls.contains(function), () -> function + " was not called: " + calls);
        }
        assertTrue(
                ARITHMETICS.contains(Arithmetic.WINOGRAD),
                () -> "no transform, but " + ARITHMETICS);
        for (String wrong : List.of("nondeterministic", "half precision", "tf32")) {
            assertFalse(calls.contains(wrong), () -> wrong + ": " + calls);
        }
    }
}
