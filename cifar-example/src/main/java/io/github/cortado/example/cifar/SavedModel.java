package io.github.cortado.example.cifar;

import io.github.cortado.Device;
import io.github.cortado.io.SafeTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * A LeNet from a file, in evaluation mode.
 *
 * @param classNames of the pictures that it was trained with; CIFAR-10's where the file does not
 *     say, as files from PyTorch do not
 * @param data what the pictures that it was trained with are called
 */
record SavedModel(LeNet model, List<String> classNames, String data) {
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
        LeNet model = new LeNet();
        try {
            Map<String, String> metadata = SafeTensors.metadata(file);
            model.loadStateDict(SafeTensors.load(file));
            model.to(device);
            model.eval();
            String classes = metadata.getOrDefault("classes", "");
            List<String> names =
                    classes.isEmpty()
                            ? io.github.cortado.vision.Cifar10.CLASSES
                            : List.of(classes.split(",", -1));
            return new SavedModel(model, names, metadata.getOrDefault("data", "unknown pictures"));
        } catch (IOException | IllegalArgumentException e) {
            throw UserErrorException.failed("--model: %s: %s", file, Reason.of(e));
        }
    }
}
