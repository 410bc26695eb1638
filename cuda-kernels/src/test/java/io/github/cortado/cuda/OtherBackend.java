package io.github.cortado.cuda;

import java.util.Properties;

/** A second backend on the same GPU, with preferences of its own. */
final class OtherBackend implements AutoCloseable {
    final CudaBackend backend;

    /** With the system's properties, changed by pairs of names and values. */
    OtherBackend(String... changes) {
        this(ChoiceTable.committed(), changes);
    }

    OtherBackend(ChoiceTable table, String... changes) {
        Emulation.backend();
        Properties properties = new Properties();
        properties.putAll(System.getProperties());
        for (int i = 0; i < changes.length; i += 2) {
            properties.setProperty(changes[i], changes[i + 1]);
        }
        Gpu gpu = new Gpu(0);
        NativeLibraries natives = new NativeLibraries();
        Choices choices = new Choices(gpu, natives, Preferences.of(properties), table);
        backend = new CudaBackend("cuda:0", gpu, choices);
    }

    @Override
    public void close() {
        backend.choices().close();
    }
}
