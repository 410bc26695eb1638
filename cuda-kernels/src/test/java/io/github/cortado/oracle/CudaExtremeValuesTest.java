package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.cortado.cuda.CudaDevice;
import java.io.IOException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** PyTorch's values over a grid of extreme inputs, as in core's ExtremeValuesTest, on the GPU. */
@Tag("gpu")
class CudaExtremeValuesTest {
    @Test
    void extremeInputsGiveValuesAndGradientsAsGoodAsPyTorchs() throws IOException {
        ExtremeValues.Outcome outcome = ExtremeValues.compare(CudaDevice.open());
        assertEquals("", String.join("\n", outcome.faults()));
    }
}
