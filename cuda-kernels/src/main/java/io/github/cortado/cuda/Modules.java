package io.github.cortado.cuda;

import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER;
import static jcuda.driver.CUjit_option.CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUmodule;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;
import jcuda.driver.JITOptions;
import org.jspecify.annotations.Nullable;

/**
 * The PTX files as the driver has compiled them, each of them once. From the first that is asked
 * for on, all are compiled on as many threads as there are processors, for the driver takes one
 * file at a time on one; only those for TF32 wait until somebody wants them. Whoever asks for a
 * file waits for it alone. What fails on one of these threads is tried again by whoever asks, so
 * that an error is told where it matters, and always in the same words.
 */
final class Modules {
    private static final String LATER = "_tf32";
    private static final int LOG_BYTES = 8192;

    private final CUcontext context;
    private final int capability;
    private final Map<String, Compiled> all = new HashMap<>();
    private final List<Compiled> soon = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicInteger next = new AtomicInteger();
    private boolean begun;

    Modules(CUcontext context, int capability) {
        this.context = context;
        this.capability = capability;
        for (Kernel kernel : Kernel.values()) {
            String file = kernel.file();
            if (!all.containsKey(file)) {
                Compiled compiled = new Compiled(file);
                all.put(file, compiled);
                if (!file.endsWith(LATER)) {
                    soon.add(compiled);
                }
            }
        }
    }

    /** One file: whoever comes first compiles it, the others wait. */
    private final class Compiled {
        private final String file;
        private @Nullable CUmodule module;

        Compiled(String file) {
            this.file = file;
        }

        synchronized CUmodule get() {
            if (module == null) {
                module = compile(file);
            }
            return module;
        }
    }

    /**
     * A file, compiled now if it is not yet. One thread at a time may ask, with the context
     * current.
     *
     * @throws CudaException with the compiler's own words
     */
    CUmodule get(String file) {
        begin();
        // Not null: all has every kernel's file.
        return Objects.requireNonNull(all.get(file)).get();
    }

    private void begin() {
        if (begun) {
            return;
        }
        begun = true;
        int n = Math.min(Runtime.getRuntime().availableProcessors(), soon.size());
        for (int i = 0; i < n; i++) {
            Thread thread = new Thread(this::compileSoon, "cortado-modules-" + i);
            thread.setDaemon(true);
            threads.add(thread);
        }
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(this::end));
        } catch (IllegalStateException e) {
            // The process ends: what is still wanted is compiled by whoever wants it.
            next.set(soon.size());
        }
        threads.forEach(Thread::start);
    }

    private void compileSoon() {
        if (JCudaDriver.cuCtxSetCurrent(context) != CUresult.CUDA_SUCCESS) {
            return;
        }
        for (int i = next.getAndIncrement(); i < soon.size(); i = next.getAndIncrement()) {
            try {
                soon.get(i).get();
            } catch (RuntimeException e) {
                // Whoever asks for this file gets the same answer; perhaps nobody does.
            }
        }
    }

    /** Waits until nothing is being compiled any more. */
    void await() {
        boolean interrupted = false;
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                try {
                    thread.join();
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** At the end of the process: a thread that is in the driver then would take it down. */
    private void end() {
        next.set(soon.size());
        await();
    }

    private CUmodule compile(String file) {
        CUmodule module = new CUmodule();
        JITOptions options = new JITOptions();
        options.putBytes(CU_JIT_ERROR_LOG_BUFFER, new byte[LOG_BYTES]);
        options.putInt(CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES, LOG_BYTES);
        Pointer text = Pointer.to(Kernels.ptx(file));
        int status = JCudaDriver.cuModuleLoadDataJIT(module, text, options);
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
}
