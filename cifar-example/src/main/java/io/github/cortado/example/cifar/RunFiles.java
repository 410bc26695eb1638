package io.github.cortado.example.cifar;

import io.github.cortado.io.AtomicFile;
import io.github.cortado.io.Json;
import io.github.cortado.io.LockFile;
import io.github.cortado.io.SafeTensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
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
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a run leaves behind, in one directory; every file is replaced in one step, and no other run
 * writes there until this one is closed or its process ends.
 */
final class RunFiles implements AutoCloseable {
    static final String MODEL = "model.safetensors";
    static final String HISTORY = "history.json";
    static final String CHECKPOINT = "checkpoint.safetensors";
    private static final String REPORT = "report.html";
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
                    REPORT);
    private static final String LOCK = ".lock";

    /** What AtomicFile calls a file until it is whole. */
    private static final Pattern TEMPORARY =
            Pattern.compile("\\.(.+)\\.[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}");

    private static final int SHOWN = 20;

    private final Path directory;
    private final boolean drawing;
    private final Optional<LockFile> lock;
    private final Set<String> written = new LinkedHashSet<>();

    private RunFiles(Path directory, boolean drawing, Optional<LockFile> lock) {
        this.directory = directory;
        this.drawing = drawing;
        this.lock = lock;
    }

    /**
     * Opens a directory for one run alone, making it where there is none, and removes what killed
     * runs have left half written; where this machine cannot draw text, says so, and leaves the
     * pictures out.
     *
     * @throws UserErrorException where it cannot be written to, or another run writes there
     */
    static RunFiles open(Path directory, PrintWriter out) {
        make(directory);
        Optional<LockFile> lock = Optional.empty();
        try {
            lock = LockFile.tryLock(directory.resolve(LOCK));
            if (lock.isEmpty()) {
                throw UserErrorException.usage(
                        "--out: another run is writing to %s; wait for its end, or name another"
                                + " directory",
                        directory);
            }
            removeTemporaryFiles(directory);
        } catch (AccessDeniedException e) {
            throw cannotWrite(directory, e);
        } catch (IOException e) {
            // Some network file systems have no locks; a run must be possible there, too.
            out.println(
                    directory
                            + " cannot be locked ("
                            + Reason.of(e)
                            + "); see that no other run writes to it.");
        }
        return new RunFiles(directory, drawing(out), lock);
    }

    /** As {@link #open}, for one more file in a directory that runs may be writing to. */
    static RunFiles openBesideRuns(Path directory, PrintWriter out) {
        make(directory);
        if (!Files.isWritable(directory)) {
            throw cannotWrite(directory, new AccessDeniedException(directory.toString()));
        }
        return new RunFiles(directory, drawing(out), Optional.empty());
    }

    private static void make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw cannotWrite(directory, e);
        }
    }

    private static UserErrorException cannotWrite(Path directory, IOException e) {
        return UserErrorException.usage("--out: cannot write to %s: %s", directory, Reason.of(e));
    }

    private static boolean drawing(PrintWriter out) {
        Optional<String> why = Canvas.whyNoText();
        why.ifPresent(out::println);
        return why.isEmpty();
    }

    /** With the lock held, nobody else is writing these files. */
    private static void removeTemporaryFiles(Path directory) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory, ".*")) {
            for (Path file : files) {
                Matcher name = TEMPORARY.matcher(file.getFileName().toString());
                if (name.matches()
                        && (ALL.contains(name.group(1)) || name.group(1).equals(MODEL))) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    /** Lets other runs write here. */
    @Override
    public void close() throws IOException {
        if (lock.isPresent()) {
            lock.get().close();
        }
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

    /** Whether a run has written all that it had to; its report is the last. */
    boolean isReported() {
        return Files.exists(directory.resolve(REPORT));
    }

    /** Removes the report, since there will be more to tell. */
    void removeReport() throws IOException {
        Files.deleteIfExists(directory.resolve(REPORT));
    }

    void history(List<Epoch> epochs, Recipe recipe) throws IOException {
        Json.save(file(HISTORY), epochs.stream().map(e -> e.toJson(recipe)).toList());
    }

    /** Weights under PyTorch's names; the metadata say what classes the model tells apart. */
    void model(Classifier model, Pictures pictures, int epochs) throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("format", "pt");
        if (model.recipe() != Recipe.LENET) {
            metadata.put(SavedModel.NETWORK, model.recipe().option());
        }
        metadata.put("classes", String.join(",", pictures.classNames()));
        metadata.put("data", pictures.name());
        metadata.put("epochs", Integer.toString(epochs));
        SafeTensors.save(file(MODEL), model.stateDict(), metadata);
    }

    void perClass(Pictures pictures, Confusion confusion, boolean reference) throws IOException {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("data", pictures.name());
        json.put("validation", reference ? Recipe.LENET.other().heading() : "evaluation mode");
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
        AtomicFile.write(file(REPORT), html.getBytes(StandardCharsets.UTF_8));
    }

    /** What draws a picture. */
    interface Drawing {
        BufferedImage draw();
    }

    /** Writes a picture, where pictures can be drawn. */
    void picture(String name, Drawing drawn) throws IOException {
        if (drawing) {
            AtomicFile.write(file(name), Canvas.png(drawn.draw()));
        }
    }

    /** The place of a file that is about to be written. */
    Path file(String name) {
        written.add(name);
        return directory.resolve(name);
    }
}
