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

    /**
     * Whether max-pooling is cuDNN's in this run, which may send gradients to any of equal numbers.
     */
    public static boolean isPoolingCudnns() {
        return Preferences.of(System.getProperties()).families().get(Family.POOL) == Library.CUDNN;
    }

    /** Whether kernels run on the CPU. */
    public static boolean isEmulated() {
        return !Emulation.isOnGpu();
    }
}
