package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendContract;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;

/** The contract with cuBLAS and cuDNN for everything that they can do. */
@Tag("libraries")
class LibrariesContractTest extends BackendContract {
    @Override
    protected Backend backend() {
        return Emulation.backend();
    }

    /** Where 16 bytes begin, as cuDNN wants it. */
    @Override
    protected int offset() {
        return 4;
    }

    @AfterAll
    static void theLibrariesDidIt() {
        if (Emulation.isOnGpu() || Emulation.driver().isEmpty()) {
            return;
        }
        Map<String, Long> calls = EmulatedLibraries.calls();
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
            assertTrue(calls.containsKey(function), () -> function + " was not called: " + calls);
        }
        for (String wrong : List.of("nondeterministic", "half precision", "tf32")) {
            assertEquals(null, calls.get(wrong), () -> wrong + ": " + calls);
        }
    }
}
