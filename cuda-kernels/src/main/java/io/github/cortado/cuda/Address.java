package io.github.cortado.cuda;

import jcuda.driver.CUdeviceptr;

/** A device pointer that the driver fills in, as a number. */
final class Address extends CUdeviceptr {
    long get() {
        return getNativePointer();
    }
}
