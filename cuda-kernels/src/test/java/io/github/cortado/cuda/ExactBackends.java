package io.github.cortado.cuda;

import java.util.Properties;

/**
 * Two backends on the emulated driver, with our own kernels for everything: one that computes in
 * float32, and one that may use TF32. Their buffers end where allocations end, and hold NaN
 * whenever they are made.
 */
record ExactBackends(CudaBackend plain, CudaBackend tf32) {
    private static final int TURING = 75;
    private static final int AMPERE = 80;

    /** Opens them; the driver has been loaded. */
    static ExactBackends open() {
        String before = System.getProperty(Pool.MODE, "");
        System.setProperty(Pool.MODE, "exact");
        try {
            CudaBackend plain = backend();
            EmulatorKnob.turn(plain.gpu(), "capability", AMPERE);
            CudaBackend tf32 = backend();
            EmulatorKnob.turn(plain.gpu(), "capability", TURING);
            if (!tf32.allowTf32(true)) {
                throw new AssertionError("the emulated driver has no TF32");
            }
            return new ExactBackends(plain, tf32);
        } finally {
            System.setProperty(Pool.MODE, before);
        }
    }

    /** The same with as many multiprocessors as a real GPU may have, by which work is split. */
    ExactBackends withMultiprocessors(int n) {
        int before = plain.gpu().properties().multiprocessors();
        EmulatorKnob.turn(plain.gpu(), "multiprocessors", n);
        try {
            return open();
        } finally {
            EmulatorKnob.turn(plain.gpu(), "multiprocessors", before);
        }
    }

    private static CudaBackend backend() {
        Properties properties = new Properties();
        properties.setProperty(Preferences.USE, Library.OWN.key());
        Gpu gpu = new Gpu(0);
        NativeLibraries natives = new NativeLibraries();
        Preferences preferences = Preferences.of(properties);
        Choices choices = new Choices(gpu, natives, preferences, ChoiceTable.committed());
        return new CudaBackend("cuda:0", gpu, choices);
    }
}
