package io.github.cortado.benchmarks;

import io.github.cortado.io.Json;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The time of an epoch of the CIFAR-10 example, run by the command that its users type. */
final class ExampleEpoch {
    /** The first epoch includes compilation. */
    private static final int EPOCHS = 2;

    private ExampleEpoch() {}

    /** Seconds of training and validation in the last of some epochs. */
    static double seconds(Arguments options) {
        Path out = Path.of(options.text("out"), "epoch").toAbsolutePath();
        String args =
                "train --epochs "
                        + EPOCHS
                        + " --device "
                        + options.text("device")
                        + " --threads "
                        + options.text("threads")
                        + " --out "
                        + out;
        Program program =
                new Program(
                        List.of(
                                "mvn",
                                "-q",
                                "-o",
                                "-pl",
                                "cifar-example",
                                "exec:java",
                                "-Dexec.args=" + args));
        program.text();
        Path history = out.resolve("history.json");
        try {
            List<?> epochs = (List<?>) Json.load(history);
            Map<?, ?> last = (Map<?, ?>) epochs.get(epochs.size() - 1);
            return Measurements.number(program, last, "seconds")
                    + Measurements.number(program, last, "valid_seconds");
        } catch (IOException e) {
            throw new Program.FailedException(
                    program.shown() + " wrote no readable " + history + ": " + e.getMessage());
        }
    }
}
