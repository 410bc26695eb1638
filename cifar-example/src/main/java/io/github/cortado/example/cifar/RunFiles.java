package io.github.cortado.example.cifar;

import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What a run leaves behind, in one directory; every file is replaced in one step. */
final class RunFiles {
    static final String MODEL = "model.safetensors";
    static final String HISTORY = "history.json";
    static final String CHECKPOINT = "checkpoint.safetensors";
    private static final List<String> ALL =
            List.of(
                    HISTORY,
                    CHECKPOINT,
                    "samples.png",
                    "loss.png",
                    "accuracy.png",
                    "per_class.json",
                    "confusion.png",
                    "predictions.png",
                    "report.html");
    private static final int SHOWN = 20;

    private final Path directory;
    private final boolean drawing;
    private final Set<String> written = new LinkedHashSet<>();

    private RunFiles(Path directory, boolean drawing) {
        this.directory = directory;
        this.drawing = drawing;
    }

    /**
     * Opens a directory, making it where there is none; where this machine cannot draw text, says
     * so, and leaves the pictures out.
     *
     * @throws UserErrorException where it cannot be written to
     */
    static RunFiles open(Path directory, PrintWriter out) {
        try {
            Files.createDirectories(directory);
            Files.delete(Files.createTempFile(directory, ".try", ""));
        } catch (IOException e) {
            throw UserErrorException.usage(
                    "--out: cannot write to %s: %s", directory, Reason.of(e));
        }
        Optional<String> why = Canvas.whyNoText();
        why.ifPresent(out::println);
        return new RunFiles(directory, why.isEmpty());
    }

    Path directory() {
        return directory;
    }

    /** Whether pictures can be drawn on this machine. */
    boolean drawing() {
        return drawing;
    }

    /** Names of the files written so far. */
    Set<String> written() {
        return Collections.unmodifiableSet(written);
    }

    /**
     * Removes what an earlier run left, but for its model, so that nobody takes it for this one's.
     */
    void clear() throws IOException {
        for (String name : ALL) {
            Files.deleteIfExists(directory.resolve(name));
        }
    }

    void history(List<Epoch> epochs) throws IOException {
        Json.save(file(HISTORY), epochs.stream().map(Epoch::toJson).toList());
    }

    /** Weights under PyTorch's names; the metadata say what classes the model tells apart. */
    void model(LeNet model, Pictures pictures, int epochs) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "pt");
        metadata.put("classes", String.join(",", pictures.classNames()));
        metadata.put("data", pictures.name());
        metadata.put("epochs", Integer.toString(epochs));
        SafeTensors.save(file(MODEL), model.stateDict(), metadata);
    }

    void perClass(Pictures pictures, Confusion confusion, boolean reference) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("data", pictures.name());
        json.put("validation", reference ? "dropout on" : "evaluation mode");
        json.putAll(confusion.toJson());
        Json.save(file("per_class.json"), json);
    }

    void samples(Pictures pictures, TrainRun.Samples samples) throws IOException {
        picture(
                "samples.png",
                () ->
                        PictureGrid.draw(
                                "Training samples, " + pictures.name(),
                                sampleTiles(pictures, samples)));
    }

    static List<PictureGrid.Tile> sampleTiles(Pictures pictures, TrainRun.Samples samples) {
        List<PictureGrid.Tile> tiles = new ArrayList<>();
        for (int i = 0; i < samples.images().size(); i++) {
            tiles.add(
                    PictureGrid.Tile.of(
                            samples.images().get(i),
                            pictures.classNames().get(samples.labels().get(i))));
        }
        return tiles;
    }

    void curves(Pictures pictures, List<Epoch> epochs, boolean reference) throws IOException {
        if (epochs.isEmpty()) {
            return;
        }
        picture(
                "loss.png",
                () -> Curves.loss("Loss, " + pictures.name(), epochs, reference, 900, 520, 1));
        picture(
                "accuracy.png",
                () ->
                        Curves.accuracy(
                                "Accuracy, " + pictures.name(), epochs, reference, 900, 520, 1));
    }

    void confusion(Pictures pictures, Confusion confusion) throws IOException {
        picture(
                "confusion.png",
                () -> ConfusionPicture.draw("Confusion matrix, " + pictures.name(), confusion));
    }

    void predictions(Pictures pictures, Validation.Head head) throws IOException {
        List<PictureGrid.Tile> tiles = predictionTiles(pictures, head);
        picture(
                "predictions.png",
                () ->
                        PictureGrid.draw(
                                "Predicted (actual), validation pictures, " + pictures.name(),
                                tiles));
    }

    static List<PictureGrid.Tile> predictionTiles(Pictures pictures, Validation.Head head) {
        List<PictureGrid.Tile> tiles = new ArrayList<>();
        for (int i = 0; i < Math.min(SHOWN, head.predicted().size()); i++) {
            tiles.add(
                    PictureGrid.Tile.of(
                            pictures.validation().image(i),
                            pictures.classNames().get(head.predicted().get(i)),
                            pictures.classNames().get(pictures.validation().label(i))));
        }
        return tiles;
    }

    void report(String html) throws IOException {
        Canvas.write(file("report.html"), html.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }

    /** What draws a picture. */
    interface Drawing {
        BufferedImage draw();
    }

    /** Writes a picture, where pictures can be drawn. */
    void picture(String name, Drawing drawn) throws IOException {
        if (drawing) {
            Canvas.write(file(name), Canvas.png(drawn.draw()));
        }
    }

    /** The place of a file that is about to be written. */
    Path file(String name) {
        written.add(name);
        return directory.resolve(name);
    }
}
