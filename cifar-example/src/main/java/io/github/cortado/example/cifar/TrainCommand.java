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

/** Trains LeNet as the reference program does, or another network its own way. */
@Command(
        name = "train",
        description = "Trains a network and writes curves, tables, pictures and a report.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class TrainCommand implements Callable<Integer> {
    /** Name of the parameter that says which random transforms there were. */
    static final String TRANSFORMS = "random transforms";

    private static final int MAX_WORKERS = 64;

    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            defaultValue = "lenet",
            paramLabel = "lenet|vgg8",
            description = {
                "The network: lenet is the reference program's, vgg8 a stronger one that takes an",
                "hour or two of two processors, trained in its own way",
                "(default: ${DEFAULT-VALUE})."
            })
    private String network = "lenet";

    @Option(
            names = "--epochs",
            paramLabel = "N",
            description = "How often to go through the pictures (default: 30; vgg8: 10).")
    private @Nullable Integer epochs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Pictures in a batch (default: 100; vgg8: 500).")
    private @Nullable Integer batchSize;

    @Option(
            names = "--lr",
            paramLabel = "RATE",
            description = {
                "Learning rate of Adam (default: 1e-3); with vgg8 of SGD, the greatest of its",
                "cycle (default: 0.75)."
            })
    private @Nullable Double lr;

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
        Recipe recipe = Recipe.of(network);
        check(recipe);
        PrintWriter out = spec.commandLine().getOut();
        ProgressBar bar = new ProgressBar(out, ProgressBar.isTerminal(System.getenv()));
        Device device = deviceOptions.open();
        try (RunFiles files = RunFiles.open(directory, out)) {
            out.println(Lines.device(device.name()));
            Pictures pictures = dataOptions.open(trainingLimit, out, bar, System.getenv());
            RunInfo info = new RunInfo(parameters(recipe, pictures, device), RunInfo.ranOn(device));
            // From here on Ctrl-C is a request; before, there is nothing to write.
            try (Interruption interruption = new Interruption()) {
                TrainRun run =
                        new TrainRun(
                                settings(recipe, device),
                                device,
                                pictures,
                                files,
                                info,
                                new TrainRun.Terminal(out, bar, interruption::requested));
                return run.run() ? 0 : Interruption.EXIT_CODE;
            }
        }
    }

    private TrainRun.Settings settings(Recipe recipe, Device device) {
        return new TrainRun.Settings(
                recipe,
                epochs(recipe),
                batchSize(recipe),
                lr(recipe),
                seed,
                workers(device),
                plain,
                reference,
                resume);
    }

    private int epochs(Recipe recipe) {
        return epochs == null ? recipe.defaults().epochs() : epochs;
    }

    private int batchSize(Recipe recipe) {
        return batchSize == null ? recipe.defaults().batchSize() : batchSize;
    }

    private double lr(Recipe recipe) {
        return lr == null ? recipe.defaults().lr() : lr;
    }

    private int workers(Device device) {
        return workers == null ? DeviceOptions.workers(device) : workers;
    }

    private void check(Recipe recipe) {
        int epochs = epochs(recipe);
        int batchSize = batchSize(recipe);
        double lr = lr(recipe);
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
        if (reference && recipe != Recipe.LENET) {
            throw UserErrorException.usage(
                    "--reference-validation: the reference program has no %s", recipe.option());
        }
        dataOptions.check(trainingLimit);
    }

    private Map<String, String> parameters(Recipe recipe, Pictures pictures, Device device) {
        Map<String, String> parameters = new LinkedHashMap<>();
        if (recipe != Recipe.LENET) {
            parameters.put("network", recipe.option());
        }
        parameters.put("pictures", pictures.name());
        parameters.put("for training", Integer.toString(pictures.training().size()));
        parameters.put("for validation", Integer.toString(pictures.validation().size()));
        parameters.put("epochs", Integer.toString(epochs(recipe)));
        parameters.put("batch size", Integer.toString(batchSize(recipe)));
        parameters.put("optimizer", recipe.optimizer(lr(recipe)));
        parameters.put("seed", Long.toString(seed));
        parameters.put("device", device.name());
        parameters.put(TRANSFORMS, plain ? "none" : recipe.randomTransforms());
        parameters.put("loader workers", Integer.toString(workers(device)));
        parameters.put(
                "validation shown",
                reference ? "as the reference computes it, dropout on" : "evaluation mode");
        return parameters;
    }
}
