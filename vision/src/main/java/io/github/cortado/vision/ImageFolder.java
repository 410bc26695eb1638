package io.github.cortado.vision;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Pictures in a directory for each class: {@code root/cat/1.png}, {@code root/dog/a/b.jpeg}.
 *
 * <p>Classes are the directories' names, sorted; within a class the files, subdirectories included,
 * are sorted by path. Only files ending in .png, .jpg or .jpeg count, hidden ones do not. Pictures
 * are read when they are asked for.
 */
public final class ImageFolder implements Dataset {
    private final List<String> classNames;
    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();

    /**
     * Lists the pictures.
     *
     * @throws IOException naming the directory where it is absent, has no subdirectories, or one of
     *     those holds no picture
     */
    public ImageFolder(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    root + ": not a directory; expected one with a directory per class");
        }
        List<Path> classes = list(root, Files::isDirectory);
        if (classes.isEmpty()) {
            throw new IOException(root + ": expected a directory for each class, found none");
        }
        List<String> names = new ArrayList<>();
        for (Path directory : classes) {
            List<Path> pictures = pictures(directory);
            if (pictures.isEmpty()) {
                throw new IOException(
                        directory
                                + ": expected .png, .jpg or .jpeg files of this class, found none");
            }
            for (Path picture : pictures) {
                files.add(picture);
                labels.add(names.size());
            }
            names.add(directory.getFileName().toString());
        }
        classNames = List.copyOf(names);
    }

    private static List<Path> list(Path directory, Predicate<Path> wanted) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.filter(path -> !isHidden(path)).filter(wanted).sorted().toList();
        }
    }

    private static List<Path> pictures(Path directory) throws IOException {
        try (Stream<Path> entries = Files.walk(directory)) {
            return entries.filter(ImageFolder::isPicture).sorted().toList();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static boolean isPicture(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return !isHidden(path)
                && (name.endsWith(".png") || name.endsWith(".jpg") || name.endsWith(".jpeg"))
                && Files.isRegularFile(path);
    }

    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    /** Returns the file of a picture. */
    public Path file(int index) {
        return files.get(index);
    }

    @Override
    public int size() {
        return files.size();
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels.get(index);
    }

    /**
     * Reads a picture.
     *
     * @throws UncheckedIOException naming the file where it cannot be read
     */
    @Override
    public void read(int index, Image into) {
        try {
            into.set(ImageFiles.read(files.get(index)));
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }
}
