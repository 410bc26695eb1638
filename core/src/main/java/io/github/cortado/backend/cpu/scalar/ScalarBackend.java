package io.github.cortado.backend.cpu.scalar;

import io.github.cortado.DType;
import io.github.cortado.backend.cpu.HostMemory;

/**
 * The CPU backend that is written to be read, and that every other backend is compared with: plain
 * loops, double arithmetic, one rounding per result. It is the only one that computes in float64.
 */
public final class ScalarBackend
        implements HostMemory,
                ScalarLayout,
                ScalarIndexing,
                ScalarPointwise,
                ScalarReductions,
                ScalarProducts,
                ScalarAttention,
                ScalarPooling,
                ScalarResampling,
                ScalarNormalisation,
                ScalarRecurrence,
                ScalarLosses {
    @Override
    public String name() {
        return "cpu-scalar";
    }

    @Override
    public String description() {
        return "CPU, scalar Java code";
    }

    @Override
    public boolean supports(DType dtype) {
        return true;
    }
}
