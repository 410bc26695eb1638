package io.github.cortado.cuda;

import io.github.cortado.backend.Placing;
import java.nio.file.Path;
import java.util.List;

/**
 * A program that runs the checks of the backend on the emulated driver that is on its library path,
 * with nothing around its buffers; started by {@link SanitizerTest} under sanitizers.
 */
final class SanitizedRun {
    private SanitizedRun() {}

    /**
     * Arguments: nothing for all checks; or a library with a changed kernel, which kernel it is,
     * and the method whose rows are run.
     */
    public static void main(String[] arguments) throws Exception {
        new NativeLibraries().loadDriver();
        ExactBackends backends = ExactBackends.open();
        List<Check> checks = Check.all();
        if (arguments.length > 0) {
            List<Kernel> kernels = List.of(Kernel.valueOf(arguments[1]));
            new Emulator(backends).replace(Path.of(arguments[0]), 0, kernels);
            checks = Check.of(arguments[2]);
        }
        for (Check check : checks) {
            check.run(backends, Placing.TIGHT);
        }
        System.out.println(checks.size() + " checks passed");
    }
}
