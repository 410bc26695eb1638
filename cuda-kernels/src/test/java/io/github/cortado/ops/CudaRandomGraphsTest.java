package io.github.cortado.ops;

import io.github.cortado.cuda.CudaDevice;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random programs show the same on the emulated driver whether results wait or not, as in core's
 * RandomGraphsTest: to the bit where the same kernels run. cuDNN's pooling may send a gradient to
 * any of equal numbers, so that this is about our own kernels.
 */
class CudaRandomGraphsTest {
    @Test
    void programsShowTheSameAsUnfused() throws Exception {
        new RandomGraphsTest().check(CudaDevice.open(), 24);
    }

    @Test
    @Tag("thorough")
    void manyProgramsShowTheSameAsUnfused() throws Exception {
        new RandomGraphsTest().check(CudaDevice.open(), 300);
    }
}
