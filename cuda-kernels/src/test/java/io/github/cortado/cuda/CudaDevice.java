package io.github.cortado.cuda;

import io.github.cortado.Device;

/** The GPU of this test run, for tests in other packages. */
public final class CudaDevice {
    private CudaDevice() {}

    /** Opens it; skips the test, or fails it where CI=true, if there is none. */
    public static Device open() {
        Emulation.backend();
        return Device.cuda();
    }

    /** Whether kernels run on the CPU. */
    public static boolean isEmulated() {
        return !Emulation.isOnGpu();
    }
}
