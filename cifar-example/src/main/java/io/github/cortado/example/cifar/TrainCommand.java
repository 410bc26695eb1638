package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains LeNet as the reference program does. */
@Command(
        name = "train",
        description = "Trains LeNet and writes curves, tables, pictures and a report.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {
    /** Name of the parameter that says which random transforms there were. */
    static final String TRANSFORMS = "random transforms";

    private static final int MAX_WORKERS = 64;

    @Spec private CommandSpec spec;

    @Option(
            names = "--epochs",
            defaultValue = "30",
            paramLabel = "N",
            description = "How often to go through the pictures (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch-size",
            defaultValue = "100",
            paramLabel = "N",
            description = "Pictures in a batch (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--lr",
            defaultValue = "1e-3",
            paramLabel = "RATE",
            description = "Learning rate of Adam (default: ${DEFAULT-VALUE}).")
    private double lr;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of all that is random (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin private DeviceOptions deviceOptions;
    @Mixin private DataOptions dataOptions;

    @Option(
            names = "--limit-train",
            defaultValue = "0",
            paramLabel = "N",
            description = "Train with the first N pictures only (default: all).")
    private int trainingLimit;

    @Option(
            names = "--workers",
            paramLabel = "N",
            description = {
                "Threads that make batches ahead; with 0 the threads that compute make them",
                "(default: 0 where these take all processors, else 1)."
            })
    private @Nullable Integer workers;

    @Option(
            names = "--no-augmentation",
            description = "Train on the pictures as they are, without the random transforms.")
    private boolean plain;

    @Option(
            names = "--reference-validation",
            description = {
                "Print and draw validation as the reference program computes it,",
                "with dropout left on; history.json always has both."
            })
    private boolean reference;

    @Option(
            names = "--resume",
            description = {
                "Go on after the last completed epoch of the run in --out, with the same",
                "numbers as if it had never stopped; or write the report, if that is missing."
            })
    private boolean resume;

    @Option(
            names = "--out",
            defaultValue = "out",
            paramLabel = "DIR",
            description = "Directory for all that is written (default: ${DEFAULT-VALUE}).")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        check();
        PrintWriter out = spec.commandLine().getOut();
        ProgressBar bar = new ProgressBar(out, ProgressBar.isTerminal(System.getenv()));
        Device device = deviceOptions.open();
        try (RunFiles files = RunFiles.open(directory, out)) {
            out.println(Lines.device(device.name()));
            Pictures pictures = dataOptions.open(trainingLimit, out, bar, System.getenv());
            RunInfo info = new RunInfo(parameters(pictures, device), RunInfo.ranOn(device));
            // From here on Ctrl-C is a request; before, there is nothing to write.
            try (Interruption interruption = new Interruption()) {
                TrainRun run =
                        new TrainRun(
                                settings(device),
                                device,
                                pictures,
                                files,
                                info,
                                new TrainRun.Terminal(out, bar, interruption::requested));
                return run.run() ? 0 : Interruption.EXIT_CODE;
            }
        }
    }

    private TrainRun.Settings settings(Device device) {
        return new TrainRun.Settings(
                epochs, batchSize, lr, seed, workers(device), plain, reference, resume);
    }

    private int workers(Device device) {
        return workers == null ? DeviceOptions.workers(device) : workers;
    }

    private void check() {
        if (epochs < 1) {
            throw UserErrorException.usage("--epochs: expected 1 or more, got %d", epochs);
        }
        if (batchSize < 1) {
            throw UserErrorException.usage("--batch-size: expected 1 or more, got %d", batchSize);
        }
        if (!(lr > 0 && lr < Double.POSITIVE_INFINITY)) {
            throw UserErrorException.usage("--lr: expected a number above 0, got %s", lr);
        }
        if (workers != null && (workers < 0 || workers > MAX_WORKERS)) {
            throw UserErrorException.usage(
                    "--workers: expected 0 to %d, got %d", MAX_WORKERS, workers);
        }
        dataOptions.check(trainingLimit);
    }

    private Map<String, String> parameters(Pictures pictures, Device device) {
        Map<String, String> parameters = new LinkedHashMap<>();
        parameters.put("pictures", pictures.name());
        parameters.put("for training", Integer.toString(pictures.training().size()));
        parameters.put("for validation", Integer.toString(pictures.validation().size()));
        parameters.put("epochs", Integer.toString(epochs));
        parameters.put("batch size", Integer.toString(batchSize));
        parameters.put("optimizer", "Adam, learning rate " + lr);
        parameters.put("seed", Long.toString(seed));
        parameters.put("device", device.name());
        parameters.put(TRANSFORMS, plain ? "none" : "as the reference program's");
        parameters.put("loader workers", Integer.toString(workers(device)));
        parameters.put(
                "validation shown",
                reference ? "as the reference computes it, dropout on" : "evaluation mode");
        return parameters;
    }
}
