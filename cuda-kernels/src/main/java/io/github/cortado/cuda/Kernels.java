package io.github.cortado.cuda;

import static jcuda.driver.JCudaDriver.cuModuleGetFunction;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Map;
import jcuda.driver.CUfunction;

/**
 * Kernels as the driver has compiled them, for one GPU; the driver remembers the result on disk.
 */
final class Kernels {
    /** The version that PTX is written in, which drivers from 520 (CUDA 11.8) on understand. */
    static final String VERSION = "7.8";

    private final Gpu gpu;
    private final Modules modules;
    private final Map<Kernel, CUfunction> functions = new EnumMap<>(Kernel.class);

    Kernels(Gpu gpu, Modules modules) {
        this.gpu = gpu;
        this.modules = modules;
    }

    /** The kernel, compiled now if need be. */
    CUfunction get(Kernel kernel) {
        CUfunction function = functions.get(kernel);
        if (function == null) {
            // Even in a module that is there, a driver may load a kernel only when it is asked for.
            function = gpu.apart(() -> load(kernel));
            functions.put(kernel, function);
        }
        return function;
    }

    private CUfunction load(Kernel kernel) {
        CUfunction function = new CUfunction();
        Driver.check(
                cuModuleGetFunction(function, modules.get(kernel.file()), kernel.function()),
                "looking for kernel " + kernel.function() + " in " + kernel.file() + ".ptx");
        return function;
    }

    /** Waits until nothing is being compiled, as a capture must before it begins. */
    void await() {
        modules.await();
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
