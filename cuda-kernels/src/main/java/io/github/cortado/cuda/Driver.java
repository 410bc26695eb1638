package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuGetErrorName;
import static jcuda.driver.JCudaDriver.cuGetErrorString;

import jcuda.driver.CUdevice;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Turns the CUDA driver's status codes into exceptions that say what was asked. */
final class Driver {
    private static final int OUT_OF_MEMORY = CUresult.CUDA_ERROR_OUT_OF_MEMORY;

    private Driver() {}

    /**
     * Passes if {@code status} is success.
     *
     * @throws CudaException with the name and the meaning of the status, and {@code what} was asked
     */
    static void check(int status, String what) {
        if (status != CUresult.CUDA_SUCCESS) {
            throw failure(status, what);
        }
    }

    /** As {@link #check}, but false where memory ran out. */
    static boolean fits(int status, String what) {
        if (status == OUT_OF_MEMORY) {
            return false;
        }
        check(status, what);
        return true;
    }

    static CudaException failure(int status, String what) {
        String[] name = {"CUDA status " + status};
        String[] meaning = {""};
        cuGetErrorName(status, name);
        cuGetErrorString(status, meaning);
        return new CudaException(
                what + ": " + name[0] + (meaning[0].isBlank() ? "" : ", " + meaning[0]), status);
    }

    /** A number that the driver knows of a device; see CUdevice_attribute. */
    static int attribute(CUdevice device, int attribute) {
        int[] value = new int[1];
        check(
                JCudaDriver.cuDeviceGetAttribute(value, attribute, device),
                "asking for device attribute " + attribute);
        return value[0];
    }
}
