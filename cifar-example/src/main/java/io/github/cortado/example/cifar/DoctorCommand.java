package io.github.cortado.example.cifar;

import io.github.cortado.Threads;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Backends;
import io.github.cortado.vision.Cifar10;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Says what was found on this machine, and what is missing. */
@Command(
        name = "doctor",
        description = "Says what was found on this machine and what is missing.",
        mixinStandardHelpOptions = true)
final class DoctorCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        RunInfo.thisMachine().forEach((name, value) -> out.println(name + ": " + value));
        out.println("CPU threads: " + Threads.count());
        Backends found = Backends.found();
        for (String name : found.names()) {
            Optional<Backend> backend = found.get(name);
            out.println(
                    "device "
                            + name
                            + ": "
                            + (backend.isPresent()
                                    ? backend.get().description()
                                    : "not usable: " + found.whyNot(name).getMessage()));
            backend.map(Backend::report)
                    .ifPresent(lines -> lines.forEach(line -> out.println("    " + line)));
        }
        if (!found.names().contains("cuda:0")) {
            out.println("device cuda:0: not usable: " + found.whyNot("cuda:0").getMessage());
        }
        String variable = System.getenv(DataOptions.ENVIRONMENT_VARIABLE);
        data(out, "$" + DataOptions.ENVIRONMENT_VARIABLE, variable == null ? "" : variable);
        data(out, "the default directory", "data");
        out.println("fonts: " + Canvas.whyNoText().orElse("found, pictures can be drawn"));
        return 0;
    }

    private static void data(PrintWriter out, String where, String directory) {
        String state;
        if (directory.isBlank()) {
            state = "not set";
        } else {
            state =
                    Path.of(directory).toAbsolutePath()
                            + (Cifar10.locate(Path.of(directory)).isPresent()
                                    ? ", CIFAR-10 is there"
                                    : ", CIFAR-10 is not there");
        }
        out.println("data in " + where + ": " + state);
    }
}
