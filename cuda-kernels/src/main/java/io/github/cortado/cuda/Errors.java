package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuMemcpyDtoHAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoDAsync;

import io.github.cortado.DType;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * What kernels found wrong in numbers that they were given: a target of cross-entropy that is no
 * class, an index that is none of its axis. The first one is kept on the GPU and comes over with
 * the next values that are read, so that no step waits for it. Layout as in {@code errors.cuh}.
 */
final class Errors {
    private static final int NONE = -1;
    private static final int NO_CLASS = 0;
    private static final int BYTES = 24;

    /** Who was given what, by the kernels' {@code Wrong}. */
    private static final List<String> NUMBERS =
            List.of(
                    "crossEntropy: target ",
                    "indexSelect: index ",
                    "gather: index ",
                    "scatterAdd: index ",
                    "scatter: index ");

    private final Gpu gpu;
    private final CudaBuffer onDevice;
    private final HostMemory here = new HostMemory(BYTES);
    private final HostMemory nothing = new HostMemory(BYTES);

    Errors(Gpu gpu) {
        this.gpu = gpu;
        onDevice = gpu.empty(DType.UINT8, BYTES);
        onDevice.keep();
        nothing.bytes().putInt(0, NONE);
        clear();
    }

    /** Where kernels write. */
    CudaBuffer onDevice() {
        return onDevice;
    }

    private void clear() {
        Driver.check(
                cuMemcpyHtoDAsync(
                        Raw.device(onDevice.address()), nothing.pointer(), BYTES, gpu.stream()),
                "clearing the error record");
    }

    /** Asks for the record; it is here once the stream has been waited for. */
    void fetch() {
        Driver.check(
                cuMemcpyDtoHAsync(
                        here.pointer(), Raw.device(onDevice.address()), BYTES, gpu.stream()),
                "fetching the error record");
    }

    /**
     * Looks at the record that was fetched.
     *
     * @throws IllegalArgumentException if a kernel found something wrong, once
     */
    void check() {
        ByteBuffer record = here.bytes();
        int position = record.getInt(0);
        if (position != NONE) {
            record.putInt(0, NONE);
            clear();
            throw new IllegalArgumentException(
                    message(
                            record.getInt(16),
                            record.getLong(8),
                            Integer.toUnsignedString(position),
                            record.getInt(4) - 1));
        }
    }

    private static String message(int what, long number, String position, int last) {
        return NUMBERS.get(what)
                + number
                + " at position "
                + position
                + (what == NO_CLASS ? " is not a class from 0 to " : " is not from 0 to ")
                + last;
    }
}
