package io.github.cortado.cuda;

import io.github.cortado.backend.Placing;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A program that runs the checks of the backend on the emulated driver that is on its library path,
 * with nothing around its buffers; started by {@link SanitizerTest} under sanitizers.
 */
final class SanitizedRun {
    private SanitizedRun() {}

    /**
     * Arguments: a number and how many of them there are, for the checks that are its share; or a
     * library with a changed kernel, which kernel it is, and the method whose rows are run.
     */
    public static void main(String[] arguments) throws Exception {
        new NativeLibraries().loadDriver();
        ExactBackends backends = ExactBackends.open();
        List<Check> checks;
        if (arguments.length == 2) {
            int part = Integer.parseInt(arguments[0]);
            int parts = Integer.parseInt(arguments[1]);
            List<Check> all = Check.all();
            checks =
                    IntStream.range(0, all.size())
                            .filter(i -> i % parts == part)
                            .mapToObj(all::get)
                            .toList();
        } else {
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
