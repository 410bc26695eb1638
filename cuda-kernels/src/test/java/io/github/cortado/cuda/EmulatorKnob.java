package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import java.nio.charset.StandardCharsets;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/**
 * A knob of the emulated driver: a kernel of its own that takes a number; see {@code knobs.cpp}.
 * One that was made before an error that stays can be turned after it.
 */
final class EmulatorKnob implements AutoCloseable {
    /** A module of no kernels, for knobs belong to the driver. */
    private static final byte[] IMAGE = "// knobs.cu\0".getBytes(StandardCharsets.US_ASCII);

    private final Gpu gpu;
    private final String name;
    private final CUfunction function = new CUfunction();
    private final HostMemory memory;

    EmulatorKnob(Gpu gpu, String name) {
        this.gpu = gpu;
        this.name = name;
        try (Gpu.Turn t = gpu.turn()) {
            CUmodule module = new CUmodule();
            Driver.check(cuModuleLoadData(module, IMAGE), "loading a module");
            Driver.check(cuModuleGetFunction(function, module, "emulator_" + name), name);
            memory = new HostMemory(2 * Long.BYTES);
        }
    }

    static void turn(Gpu gpu, String name, long value) {
        try (EmulatorKnob knob = new EmulatorKnob(gpu, name)) {
            knob.turn(value);
        }
    }

    void turn(long value) {
        try (Gpu.Turn t = gpu.turn()) {
            memory.bytes().putLong(0, memory.address() + Long.BYTES).putLong(Long.BYTES, value);
            Raw arguments = new Raw(memory.address());
            Driver.check(
                    cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, null, arguments, null), name);
        }
    }

    @Override
    public void close() {
        try (Gpu.Turn t = gpu.turn()) {
            memory.close();
        }
    }
}
