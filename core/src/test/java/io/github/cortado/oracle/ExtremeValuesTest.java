package io.github.cortado.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ExtremeValuesTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    @ParameterizedTest
    @MethodSource("devices")
    void extremeInputsGiveValuesAndGradientsAsGoodAsPyTorchs(Device device) throws IOException {
        ExtremeValues.Outcome outcome = ExtremeValues.compare(device);
        System.out.println(
                device
                        + ": "
                        + outcome.inputs()
                        + " extreme inputs, "
                        + outcome.numbers()
                        + " values and gradients compared with PyTorch's");
        assertEquals("", String.join("\n", outcome.faults()));
        assertTrue(outcome.inputs() > 10_000);
    }
}
