package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.vision.Cifar10;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A network from a file, in evaluation mode.
 *
 * @param classNames of the pictures that it was trained with; CIFAR-10's where the file does not
 *     say, as files from PyTorch do not
 * @param data what the pictures that it was trained with are called
 */
record SavedModel(Classifier model, List<String> classNames, String data) {
    /** Of the metadata: which network it is; a file without it is of LeNet. */
    static final String NETWORK = "network";

    /**
     * Loads a model.
     *
     * @throws UserErrorException where the file is absent, damaged or of another network
     */
    static SavedModel load(Path file, Device device) {
        if (!Files.isRegularFile(file)) {
            throw UserErrorException.usage(
                    "--model: there is no file %s; `train` writes one as %s to its --out",
                    file, RunFiles.MODEL);
        }
        try {
            Map<String, String> metadata = SafeTensors.metadata(file);
            Classifier model = network(metadata.getOrDefault(NETWORK, Recipe.LENET.option()));
            model.loadStateDict(SafeTensors.load(file));
            model.to(device);
            model.eval();
            firstThatIsNoNumber(model)
                    .ifPresent(
                            name -> {
                                throw new IllegalArgumentException(
                                        name + " holds values that are no numbers");
                            });
            return new SavedModel(
                    model,
                    classNames(metadata.getOrDefault("classes", "")),
                    metadata.getOrDefault("data", "unknown pictures"));
        } catch (IOException | IllegalArgumentException e) {
            String reason = Reason.of(e);
            throw UserErrorException.failed(
                    "--model: %s", reason.startsWith(file + ":") ? reason : file + ": " + reason);
        }
    }

    private static Classifier network(String name) {
        for (Recipe recipe : Recipe.values()) {
            if (recipe.option().equals(name)) {
                return recipe.network();
            }
        }
        throw new IllegalArgumentException("its network is '" + name + "', which is not known");
    }

    private static List<String> classNames(String text) {
        if (text.isEmpty()) {
            return Cifar10.CLASSES;
        }
        List<String> names = List.of(text.split(",", -1));
        boolean distinct =
                names.stream().filter(name -> !name.isBlank()).distinct().count() == names.size();
        if (names.size() != Classifier.CLASSES || !distinct) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "its classes are '%s', expected %d different names, one for each output",
                            text,
                            Classifier.CLASSES));
        }
        return names;
    }

    /** The name of a parameter or buffer that has an infinity or NaN among its values. */
    static Optional<String> firstThatIsNoNumber(Classifier model) {
        for (Map.Entry<String, Tensor> entry : model.stateDict().entrySet()) {
            for (double value : entry.getValue().toDoubles()) {
                if (!Double.isFinite(value)) {
                    return Optional.of(entry.getKey());
                }
            }
        }
        return Optional.empty();
    }
}
