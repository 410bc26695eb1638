package io.github.cortado.backend.cpu.vector;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.BackendProvider;
import io.github.cortado.backend.BackendUnavailableException;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.VectorApi;

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
        Parallel.checkThreads();
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
     * Whether Math.fma is an instruction here. HotSpot knows, by its flag UseFMA, but to ask it
     * takes 18 ms of every start; it is asked where the clock has doubts.
     */
    private static boolean hasFusedMultiplyAdd() {
        if (fmaIsFast()) {
            return true;
        }
        try {
            var bean =
                    java.lang.management.ManagementFactory.getPlatformMXBean(
                            com.sun.management.HotSpotDiagnosticMXBean.class);
            return bean != null && Boolean.parseBoolean(bean.getVMOption("UseFMA").getValue());
        } catch (IllegalArgumentException | LinkageError e) {
            // No such flag or no such bean: what the clock said holds.
            return false;
        }
    }

    /**
     * In software Math.fma goes by way of BigDecimal and takes 2,000 ns or more, by the instruction
     * about 10, in the interpreter too. The fastest of some rounds counts, so that a busy machine
     * changes nothing.
     */
    private static boolean fmaIsFast() {
        double v = 0;
        long fastest = Long.MAX_VALUE;
        for (int round = 0; round < 20; round++) {
            long start = System.nanoTime();
            for (int i = 0; i < 50; i++) {
                v = Math.fma(v, 0.5, i);
            }
            fastest = Math.min(fastest, System.nanoTime() - start);
        }
        return v != 0.25 && fastest < 50 * 400L;
    }
}
