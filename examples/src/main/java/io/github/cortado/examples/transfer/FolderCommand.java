package io.github.cortado.examples.transfer;

import static java.util.Locale.ROOT;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import io.github.cortado.examples.Checks;
import io.github.cortado.examples.UserErrorException;
import io.github.cortado.vision.Cifar10;
import io.github.cortado.vision.SyntheticShapes;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import javax.imageio.ImageIO;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Makes a folder of pictures, such as people have, of a few of CIFAR-10's classes. */
@Command(
        name = "folder",
        description = "Writes CIFAR-10's pictures of some classes as files, for transfer.",
        footer = {
            "",
            "The files are OUT/train/CLASS/NUMBER.png and OUT/valid/CLASS/NUMBER.png; those of",
            "valid are of the data set's test pictures."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class FolderCommand implements Callable<Integer> {
    private static final int SYNTHETIC_TRAINING = 5000;
    private static final int SYNTHETIC_VALIDATION = 1000;

    @Spec private CommandSpec spec;

    @Option(
            names = "--dataset",
            defaultValue = "cifar10",
            paramLabel = "cifar10|synthetic",
            description = "Real pictures, or drawn ones (default: ${DEFAULT-VALUE}).")
    private String dataset = "cifar10";

    @Option(
            names = "--data-dir",
            defaultValue = "data",
            paramLabel = "DIR",
            description = "Directory with CIFAR-10's binary version (default: ${DEFAULT-VALUE}).")
    private Path dataDirectory;

    @Option(
            names = "--classes",
            defaultValue = "cat,dog",
            split = ",",
            paramLabel = "NAME",
            description = "The classes (default: ${DEFAULT-VALUE}).")
    private List<String> classes;

    @Option(
            names = "--train",
            defaultValue = "100",
            paramLabel = "N",
            description = "Pictures of each class to train with (default: ${DEFAULT-VALUE}).")
    private int training;

    @Option(
            names = "--valid",
            defaultValue = "1000",
            paramLabel = "N",
            description = "Pictures of each class to validate with (default: ${DEFAULT-VALUE}).")
    private int validation;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The folder.")
    private Path directory;

    @Override
    public Integer call() throws IOException {
        Checks.atLeast(1, "--train", training);
        Checks.atLeast(1, "--valid", validation);
        write(dataset(true), training, "train");
        write(dataset(false), validation, "valid");
        spec.commandLine()
                .getOut()
                .printf(
                        ROOT,
                        "Written to %s: %d pictures to train with and %d to validate with, of %s.%n",
                        directory,
                        training * classes.size(),
                        validation * classes.size(),
                        String.join(", ", classes));
        return 0;
    }

    private Dataset dataset(boolean isTraining) throws IOException {
        switch (dataset) {
            case "synthetic":
                return isTraining
                        ? SyntheticShapes.train(SYNTHETIC_TRAINING, 0)
                        : SyntheticShapes.test(SYNTHETIC_VALIDATION, 0);
            case "cifar10":
                Path place =
                        Cifar10.locate(dataDirectory)
                                .orElseThrow(
                                        () ->
                                                UserErrorException.usage(
                                                        "--data-dir: CIFAR-10 is not in %s; unpack"
                                                                + " cifar-10-binary.tar.gz there",
                                                        dataDirectory));
                return isTraining ? Cifar10.train(place) : Cifar10.test(place);
            default:
                throw UserErrorException.usage(
                        "--dataset: expected cifar10 or synthetic, got '%s'", dataset);
        }
    }

    private void write(Dataset pictures, int count, String part) throws IOException {
        for (String name : classes) {
            int label = pictures.classNames().indexOf(name);
            if (label < 0) {
                throw UserErrorException.usage(
                        "--classes: there is no %s, only %s",
                        name, String.join(", ", pictures.classNames()));
            }
            Path place = Checks.directory("--out", directory.resolve(part).resolve(name));
            int written = 0;
            for (int i = 0; i < pictures.size() && written < count; i++) {
                if (pictures.label(i) == label) {
                    written++;
                    png(pictures.image(i), place.resolve(String.format(ROOT, "%05d.png", written)));
                }
            }
            if (written < count) {
                throw UserErrorException.usage(
                        "--%s: there are only %d pictures of %s", part, written, name);
            }
        }
    }

    private static void png(Image image, Path file) throws IOException {
        BufferedImage drawn =
                new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                drawn.setRGB(
                        x,
                        y,
                        image.get(0, y, x) << 16 | image.get(1, y, x) << 8 | image.get(2, y, x));
            }
        }
        Files.deleteIfExists(file);
        ImageIO.write(drawn, "png", file.toFile());
    }
}
