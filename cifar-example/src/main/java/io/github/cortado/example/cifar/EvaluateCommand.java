package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.data.DataLoader;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Validates a saved model once more. */
@Command(
        name = "evaluate",
        description = "Validates a saved model once more.",
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class EvaluateCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Option(
            names = "--model",
            defaultValue = "out/model.safetensors",
            paramLabel = "FILE",
            description = "The model (default: ${DEFAULT-VALUE}).")
    private Path file;

    @Option(
            names = "--batch-size",
            defaultValue = "100",
            paramLabel = "N",
            description = "Pictures in a batch (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--seed",
            defaultValue = "0",
            paramLabel = "N",
            description = "Seed of dropout, where it is left on (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Mixin private DeviceOptions deviceOptions;
    @Mixin private DataOptions dataOptions;

    @Option(
            names = "--reference-validation",
            description = "Leave dropout on, as the reference program does.")
    private boolean reference;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory for what is written (default: evaluation, beside the model).")
    private @Nullable Path directory;

    @Override
    public Integer call() throws IOException {
        if (batchSize < 1) {
            throw UserErrorException.usage("--batch-size: expected 1 or more, got %d", batchSize);
        }
        dataOptions.check(1);
        PrintWriter out = spec.commandLine().getOut();
        ProgressBar bar = new ProgressBar(out, ProgressBar.isTerminal(System.getenv()));
        Device device = deviceOptions.open();
        Seed.manualSeed(seed);
        SavedModel saved = SavedModel.load(file, device);
        if (reference && saved.model().recipe() != Recipe.LENET) {
            throw UserErrorException.usage(
                    "--reference-validation: %s is of %s, which the reference program has not",
                    file, saved.model().recipe().option());
        }
        Path to = directory != null ? directory : file.resolveSibling("evaluation");
        try (RunFiles files = RunFiles.open(to, out)) {
            evaluate(saved, device, files, bar);
        }
        return 0;
    }

    private void evaluate(SavedModel saved, Device device, RunFiles files, ProgressBar bar)
            throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        out.println(Lines.device(device.name()));
        Pictures pictures = dataOptions.open(1, out, bar, System.getenv());
        if (!saved.classNames().equals(pictures.classNames())) {
            throw UserErrorException.failed(
                    "%s tells apart %s, the pictures are of %s",
                    file, saved.classNames(), pictures.classNames());
        }
        int total = pictures.validation().size();
        out.println("Using " + total + " images for validation." + pictures.lineNote());
        DataLoader loader =
                new DataLoader(
                                pictures.validation(),
                                saved.model().recipe().transforms().validation())
                        .batchSize(batchSize)
                        .workers(DeviceOptions.workers(device));
        bar.begin(0);
        Validation.Head head =
                Validation.run(
                                saved.model(),
                                device,
                                Validation.batches(loader, device).get(),
                                pictures.classNames(),
                                done -> bar.show("validation", done, total, "pictures", 1),
                                () -> false)
                        .orElseThrow()
                        .shown(reference);
        bar.erase();
        Confusion confusion = head.confusion();
        out.println(
                Lines.valid(head.loss(), confusion.all().accuracy()).strip() + pictures.lineNote());
        confusion.lines().forEach(out::println);
        out.println("Validation accuracy: " + Lines.withInterval(confusion.all()));
        files.perClass(pictures, confusion, reference);
        files.confusion(pictures, confusion);
        files.predictions(pictures, head);
        out.println("Written to " + files.directory() + ": " + String.join(", ", files.written()));
    }
}
