package io.github.cortado.cuda;

import io.github.cortado.Device;
import io.github.cortado.nn.CompiledSequences;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Transformers, recurrent networks and U-Nets as CUDA graphs. */
class RecordedSequencesTest {
    @BeforeAll
    static void open() {
        Emulation.backend();
    }

    @Test
    void recordedStepsHaveTheSameBits() {
        CompiledSequences.check(Device.cuda());
    }
}
