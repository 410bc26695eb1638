package io.github.cortado.cuda;

import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;
import static jcuda.driver.JCudaDriver.cuModuleGetFunction;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import jcuda.Pointer;
import jcuda.driver.CUfunction;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;

/**
 * Kernels as the driver has compiled them. A file's PTX is compiled when the first of its kernels
 * is asked for; the driver remembers the result on disk.
 */
final class Kernels {
    /** The version that PTX is written in, which drivers from 520 (CUDA 11.8) on understand. */
    static final String VERSION = "7.8";

    private static final int LOG_BYTES = 8192;

    private final int capability;
    private final Map<String, CUmodule> modules = new HashMap<>();
    private final Map<Kernel, CUfunction> functions = new EnumMap<>(Kernel.class);

    Kernels(int capability) {
        this.capability = capability;
    }

    /** The kernel, compiled now if need be. */
    CUfunction get(Kernel kernel) {
        CUfunction function = functions.get(kernel);
        if (function == null) {
            function = load(kernel);
            functions.put(kernel, function);
        }
        return function;
    }

    private CUfunction load(Kernel kernel) {
        CUmodule module = modules.computeIfAbsent(kernel.file(), this::compile);
        CUfunction function = new CUfunction();
        Driver.check(
                cuModuleGetFunction(function, module, kernel.function()),
                "looking for kernel " + kernel.function() + " in " + kernel.file() + ".ptx");
        return function;
    }

    private CUmodule compile(String file) {
        CUmodule module = new CUmodule();
        JITOptions options = new JITOptions();
        options.putBytes(CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        int status = JCudaDriver.cuModuleLoadDataJIT(module, Pointer.to(ptx(file)), options);
        if (status != CUresult.CUDA_SUCCESS) {
            throw Driver.failure(
                    status,
                    "compiling "
                            + file
                            + ".ptx for compute capability "
                            + capability / 10
                            + "."
                            + capability % 10
                            + " "
                            + options.getString(CU_JIT_ERROR_LOG_BUFFER));
        }
        return module;
    }

    /** The PTX of a file, which C wants to end in a zero. */
    static byte[] ptx(String file) {
        String resource = "ptx/" + file + ".ptx";
        try (InputStream in = Kernels.class.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException("resource " + resource + " is missing");
            }
            byte[] text = in.readAllBytes();
            return Arrays.copyOf(text, text.length + 1);
        } catch (IOException e) {
            throw new IllegalStateException("resource " + resource + " cannot be read", e);
        }
    }

    /** The lines of a file's PTX that say what it was made from. */
    static String header(String file) {
        String text = new String(ptx(file), StandardCharsets.US_ASCII);
        StringBuilder header = new StringBuilder();
        text.lines()
                .takeWhile(line -> line.startsWith("//"))
                .forEach(line -> header.append(line).append('\n'));
        return header.toString();
    }
}
