package io.github.cortado.backend.cpu.vector;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;
import io.github.cortado.backend.BackendUnavailableException;
import io.github.cortado.backend.VectorApi;
import io.github.cortado.backend.cpu.scalar.ScalarBackendProvider;

/**
 * Offers the backend on the Vector API, if the module is there and the processor multiplies and
 * adds in one instruction. It is loaded by name, after these questions, for it cannot be linked
 * without the module.
 */
public final class VectorBackendProvider implements BackendProvider {
    @Override
    public String name() {
        return "cpu-vector";
    }

    @Override
    public Backend create() throws BackendUnavailableException {
        ScalarBackendProvider.checkThreads();
        if (!VectorApi.isPresent()) {
            throw new BackendUnavailableException(
                    "the Vector API is not enabled; start Java with --add-modules="
                            + VectorApi.MODULE
                            + " to make the CPU many times faster");
        }
        if (!hasFusedMultiplyAdd()) {
            throw new BackendUnavailableException(
                    "this processor, or this Java machine (-XX:-UseFMA), has no fused"
                            + " multiply-add, which the Vector backend is built on");
        }
        try {
            return Class.forName("io.github.cortado.backend.cpu.vector.VectorBackend")
                    .asSubclass(Backend.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new BackendUnavailableException("the Vector backend failed to start: " + e, e);
        }
    }

    /**
     * Asks HotSpot by its flag UseFMA, which is off where the processor lacks it. Elsewhere the
     * question is put to the clock: Math.fma in software is some hundred times slower than a
     * multiplication.
     */
    private static boolean hasFusedMultiplyAdd() {
        try {
            var bean =
                    java.lang.management.ManagementFactory.getPlatformMXBean(
                            com.sun.management.HotSpotDiagnosticMXBean.class);
            if (bean != null) {
                return Boolean.parseBoolean(bean.getVMOption("UseFMA").getValue());
            }
        } catch (IllegalArgumentException | LinkageError e) {
            // No such flag or no such bean: fall through to the clock.
        }
        return fmaIsFast();
    }

    private static boolean fmaIsFast() {
        double v = 0;
        long slow = 0;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 20_000; i++) {
                v = Math.fma(v, 0.5, i);
            }
            slow = System.nanoTime() - start;
        }
        return v != 0.25 && slow < 20_000 * 20L;
    }
}
