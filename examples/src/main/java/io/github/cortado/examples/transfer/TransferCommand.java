package io.github.cortado.examples.transfer;

import static java.util.Locale.ROOT;

import io.github.cortado.Device;
import io.github.cortado.examples.Checks;
import io.github.cortado.examples.DeviceOption;
import io.github.cortado.examples.UserErrorException;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.models.ResNet;
import io.github.cortado.nn.Linear;
import io.github.cortado.random.Seed;
import io.github.cortado.vision.ImageFolder;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Puts a new head on a network that PyTorch trained, and trains it on a folder of pictures. */
@Command(
        name = "transfer",
        description = "A ResNet with PyTorch's weights learns a folder of pictures.",
        footer = {
            "",
            "The network gets a new head, for the classes of the folder; its early layers stay as",
            "they are. Beside it the same network learns from random weights, with the same",
            "pictures in the same order. Written to --out: model.safetensors, history.json."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TransferCommand implements Callable<Integer> {
    private static final String HEAD = "fc";

    @Spec private CommandSpec spec;

    @Option(
            names = "--weights",
            required = true,
            paramLabel = "FILE",
            description = {
                "safetensors of a ResNet with torchvision's names, such as",
                "benchmarks/peer/pretrain_torch.py writes."
            })
    private Path weights;

    @Option(
            names = "--pictures",
            required = true,
            paramLabel = "DIR",
            description = {
                "A folder with train and valid in it, and in each a directory of pictures for",
                "each class; the command folder makes one."
            })
    private Path pictures;

    @Option(
            names = "--freeze",
            defaultValue = "conv1,bn1,layer1,layer2,layer3",
            split = ",",
            paramLabel = "PART",
            description = "Parts that stay as they are (default: ${DEFAULT-VALUE}).")
    private List<String> frozen = List.of();

    @Option(
            names = "--epochs",
            defaultValue = "20",
            paramLabel = "N",
            description = "How often to go through the pictures (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch-size",
            defaultValue = "20",
            paramLabel = "N",
            description = "Pictures in a batch (default: ${DEFAULT-VALUE}).")
    private int batch;

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

    @Mixin private DeviceOption deviceOption;

    @Option(
            names = "--out",
            defaultValue = "out-transfer",
            paramLabel = "DIR",
            description = "Directory for all that is written (default: ${DEFAULT-VALUE}).")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        Checks.atLeast(1, "--epochs", epochs);
        Checks.atLeast(1, "--batch-size", batch);
        Checks.rate("--lr", lr);
        Device device = deviceOption.open();
        Pretrained pretrained = Pretrained.read(weights);
        ImageFolder training = new ImageFolder(pictures.resolve("train"));
        ImageFolder validation = new ImageFolder(pictures.resolve("valid"));
        if (!training.classNames().equals(validation.classNames())) {
            throw UserErrorException.failed(
                    "--pictures: train has classes %s, valid %s",
                    training.classNames(), validation.classNames());
        }
        Checks.directory("--out", directory);
        Transfer transfer =
                new Transfer(
                        new Transfer.Settings(epochs, batch, lr, seed),
                        training,
                        validation,
                        device);

        Seed.manualSeed(seed);
        int classes = training.classNames().size();
        ResNet net = withNewHead(pretrained, classes);
        checkParts(net);
        Transfer.Result transferred = transfer.train(net, frozen);
        Seed.manualSeed(seed);
        Transfer.Result fromScratch = transfer.train(pretrained.untrained(classes), List.of());

        print(training, validation, transferred, fromScratch);
        SafeTensors.save(
                directory.resolve("model.safetensors"),
                net.stateDict(),
                Map.of("format", "pt", "classes", String.join(",", training.classNames())));
        Map<String, Object> history = new LinkedHashMap<>();
        history.put("pretrained", json(transferred));
        history.put("from_scratch", json(fromScratch));
        Json.save(directory.resolve("history.json"), history);
        return 0;
    }

    private ResNet withNewHead(Pretrained pretrained, int classes) {
        try {
            ResNet net = pretrained.trained();
            net.replace(HEAD, new Linear(pretrained.features(), classes));
            return net;
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("--weights: %s: %s", weights, e.getMessage());
        }
    }

    private void checkParts(ResNet net) {
        Set<String> parts = new TreeSet<>(net.children().keySet());
        parts.remove(HEAD);
        for (String name : frozen) {
            if (!parts.contains(name)) {
                throw UserErrorException.usage(
                        "--freeze: there is no %s, only %s", name, String.join(", ", parts));
            }
        }
    }

    private void print(
            ImageFolder training,
            ImageFolder validation,
            Transfer.Result transferred,
            Transfer.Result fromScratch) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                ROOT,
                "%d pictures to train with, %d to validate with, of %s.%n%n",
                training.size(),
                validation.size(),
                String.join(", ", training.classNames()));
        out.println("| first weights | trained | after 1 epoch | after " + epochs + " | seconds |");
        out.println("|---|--:|--:|--:|--:|");
        row(out, "PyTorch's, frozen: " + String.join(" ", frozen), transferred);
        row(out, "random", fromScratch);
    }

    private static void row(PrintWriter out, String name, Transfer.Result result) {
        out.printf(
                ROOT,
                "| %s | %,d | %.1f %% | %.1f %% | %.1f |%n",
                name,
                result.trained(),
                100 * result.accuracies().get(0),
                100 * result.lastAccuracy(),
                result.seconds());
    }

    private static Map<String, Object> json(Transfer.Result result) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("train_loss", result.losses());
        json.put("valid_accuracy", result.accuracies());
        json.put("trained", result.trained());
        json.put("seconds", result.seconds());
        return json;
    }
}
