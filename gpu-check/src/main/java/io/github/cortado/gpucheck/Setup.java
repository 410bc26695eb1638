package io.github.cortado.gpucheck;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Whose code computes.
 *
 * @param title for people
 * @param properties of the Java system, for the CUDA backend
 * @param environment variables
 */
record Setup(String title, Map<String, String> properties, Map<String, String> environment) {
    /** Directories to look for NVIDIA's libraries in. */
    static final String LIBRARIES = "cortado.cuda.libraries";

    /** The title of what needs the driver only. */
    static final String OWN = "own kernels";

    /** The title of libraries wherever they can compute, whatever the committed table says. */
    private static final String FORCED = "libraries, forced";

    private static final String USE = "cortado.cuda.use";
    private static final String LIBRARY_PATH = "LD_LIBRARY_PATH";

    /** Our own kernels, on the driver alone. */
    static Setup own(String directories) {
        Map<String, String> properties = new LinkedHashMap<>();
        if (!directories.isEmpty()) {
            properties.put(LIBRARIES, directories);
        }
        properties.put(USE, "own");
        return new Setup(OWN, properties, Map.of());
    }

    /**
     * NVIDIA's libraries, which have to be there.
     *
     * @param use cublas, cudnn or both, with a comma
     */
    static Setup libraries(String directories, String use) {
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put(LIBRARIES, directories);
        properties.put(USE, use);
        // The libraries look for each other by name.
        String before = System.getenv(LIBRARY_PATH);
        String path = before == null || before.isEmpty() ? directories : directories + ":" + before;
        return new Setup("libraries", properties, Map.of(LIBRARY_PATH, path));
    }

    /** The same with another property set. */
    Setup with(String property, String value) {
        Map<String, String> more = new LinkedHashMap<>(properties);
        more.put(property, value);
        return new Setup(title, more, environment);
    }

    /** The same, with every choice made by measurement and kept with the report. */
    Setup tuned(Run run) {
        Setup measured =
                with("cortado.cuda.autotune", "true")
                        .with("cortado.cuda.plan", run.plan().toString());
        return new Setup("tuned", measured.properties, environment);
    }

    /** The same with libraries for all that they can do, but dropout: its masks are its own. */
    Setup forced() {
        String use = properties.getOrDefault(USE, "");
        Setup s = this;
        if (use.contains("cublas")) {
            s = s.with("cortado.cuda.matmul", "cublas");
        }
        if (use.contains("cudnn")) {
            for (String family : List.of("conv", "pool", "relu")) {
                s = s.with("cortado.cuda." + family, "cudnn");
            }
        }
        return new Setup(FORCED, s.properties, environment);
    }
}
