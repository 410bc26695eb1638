package io.github.cortado.cuda;

import io.github.cortado.Device;
import io.github.cortado.optim.CompiledTraining;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Optimizers, schedulers and averages in CUDA graphs. */
class RecordedTrainingTest {
    @BeforeAll
    static void open() {
        Emulation.backend();
    }

    @Test
    void recordedStepsHaveTheSameBits() {
        CompiledTraining.check(Device.cuda());
    }
}
