package io.github.cortado.backend;

/** The Vector API, an incubator module that Java hides unless it is started with a flag. */
public final class VectorApi {
    /** The name of its module. */
    public static final String MODULE = "jdk.incubator.vector";

    private VectorApi() {}

    /**
     * True where Java was started with the module, so that classes which use it can be loaded. To
     * be asked before any of them is touched.
     */
    public static boolean isPresent() {
        return ModuleLayer.boot().findModule(MODULE).isPresent();
    }
}
