package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;
import static jcuda.driver.JCudaDriver.cuModuleLoadData;

import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;

/** Knobs of the emulated driver: kernels of its own that take a number; see {@code driver.cpp}. */
final class EmulatorKnob {
    private EmulatorKnob() {}

    static void turn(Gpu gpu, String knob, long value) {
        try (Gpu.Turn t = gpu.turn();
                HostMemory memory = new HostMemory(2 * Long.BYTES)) {
            CUmodule module = new CUmodule();
            Driver.check(cuModuleLoadData(module, Kernels.ptx("step")), "loading a module");
            CUfunction function = new CUfunction();
            Driver.check(cuModuleGetFunction(function, module, "emulator_" + knob), knob);
            memory.bytes().putLong(0, memory.address() + Long.BYTES).putLong(Long.BYTES, value);
            Raw arguments = new Raw(memory.address());
            Driver.check(
                    cuLaunchKernel(function, 1, 1, 1, 1, 1, 1, 0, null, arguments, null), knob);
        }
    }
}
