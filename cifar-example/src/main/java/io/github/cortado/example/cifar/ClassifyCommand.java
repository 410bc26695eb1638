package io.github.cortado.example.cifar;

import static java.util.Locale.ROOT;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.data.Image;
import io.github.cortado.vision.Compose;
import io.github.cortado.vision.Draws;
import io.github.cortado.vision.Resize;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is on a picture from outside. */
@Command(
        name = "classify",
        description = "Says what a saved model sees on a picture.",
        footer = {
            "",
            "The picture may have any size and aspect; it is resized to 32x32. Transparency is",
            "dropped, and a camera's EXIF orientation is not looked at."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
final class ClassifyCommand implements Callable<Integer> {
    @Spec private CommandSpec spec;

    @Parameters(paramLabel = "FILE|URL", description = "The picture: a file, or an http(s) URL.")
    private String place;

    @Option(
            names = "--model",
            defaultValue = "out/model.safetensors",
            paramLabel = "FILE",
            description = "The model (default: ${DEFAULT-VALUE}).")
    private Path file;

    @Mixin private DeviceOptions deviceOptions;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "Directory for classification.png (default: that of the model).")
    private @Nullable Path directory;

    @Override
    public Integer call() throws IOException {
        PrintWriter out = spec.commandLine().getOut();
        Device device = deviceOptions.open();
        SavedModel saved = SavedModel.load(file, device);
        Image original = PictureFile.read(place);
        RunFiles files =
                RunFiles.openBesideRuns(
                        directory != null ? directory : file.toAbsolutePath().resolveSibling(""),
                        out);
        out.println(Lines.device(device.name()));
        Image small = Compose.of(new Resize(32, 32)).picture(original, new Draws(0));
        double[] probabilities = probabilities(saved.model(), small, device);
        List<Integer> ranked =
                IntStream.range(0, probabilities.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble((Integer c) -> -probabilities[c]))
                        .toList();
        String found = saved.classNames().get(ranked.get(0));
        out.println(
                place
                        + " ("
                        + original.width()
                        + " x "
                        + original.height()
                        + ") is classified as: "
                        + found);
        for (int c : ranked) {
            out.println(
                    String.format(
                            ROOT,
                            "  %-5s %5.1f %%",
                            saved.classNames().get(c),
                            100 * probabilities[c]));
        }
        files.picture(
                "classification.png",
                () ->
                        ClassificationPicture.draw(
                                saved.model().recipe().title() + ", trained on " + saved.data(),
                                found,
                                original,
                                small));
        if (!files.written().isEmpty()) {
            out.println(
                    "Written to " + files.directory() + ": " + String.join(", ", files.written()));
        }
        return 0;
    }

    private static double[] probabilities(Classifier model, Image small, Device device) {
        float[] values = new float[small.length()];
        model.recipe().transforms().validation().toFloats(small, values, 0);
        Tensor x = Tensor.of(values, 1, Image.CHANNELS, small.height(), small.width()).to(device);
        try (var pause = Autograd.noGrad()) {
            return model.predict(x).softmax(1).toDoubles();
        }
    }
}
