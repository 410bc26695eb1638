package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Linear;
import io.github.cortado.optim.SGD;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A graph writes to the addresses that it was recorded with, wherever parameters are by then. */
@Tag("gpu")
class MovedParametersTest {
    private Device cuda;
    private Linear layer;
    private Tensor x;

    @BeforeEach
    void open() {
        cuda = CudaDevice.open();
        layer = new Linear(1, 1, false);
        layer.weight().fill(10);
        layer.to(cuda);
        x = Tensor.ones(1, 1).to(cuda).keep();
    }

    private Tensor step(SGD optimizer) {
        optimizer.zeroGrad();
        Tensor loss = layer.forward(x).sum();
        loss.backward();
        optimizer.step();
        return loss;
    }

    private static void runFiveTimes(CompiledStep<Tensor> step) {
        for (int i = 0; i < 5; i++) {
            step.run();
        }
    }

    @Test
    void aRecordedStepWhoseParametersAnotherOptimizerMovedSaysSo() {
        SGD first = new SGD(layer.parameters(), 1);
        try (CompiledStep<Tensor> step = cuda.compile(() -> step(first))) {
            runFiveTimes(step);
            assertEquals(5, layer.weight().item());
            step(new SGD(layer.parameters(), 1));
            assertEquals(4, layer.weight().item());
            String said = assertThrows(IllegalStateException.class, step::run).getMessage();
            assertTrue(said.contains("has moved since"), said);
            assertTrue(said.contains("compile the step anew"), said);
            assertEquals(4, layer.weight().item());
        }
        try (CompiledStep<Tensor> step = cuda.compile(() -> step(first))) {
            runFiveTimes(step);
            assertEquals(-1, layer.weight().item());
        }
    }

    @Test
    void aRecordedStepWhoseParametersLeftTheGpuSaysSo() {
        SGD optimizer = new SGD(layer.parameters(), 1);
        try (CompiledStep<Tensor> step = cuda.compile(() -> step(optimizer))) {
            runFiveTimes(step);
            layer.to(Device.cpu());
            assertThrows(IllegalStateException.class, step::run);
            assertEquals(5, layer.weight().item());
        }
    }
}
