package io.github.cortado.vision;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileSystemLoopException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Pictures in a directory for each class: {@code root/cat/1.png}, {@code root/dog/a/b.jpeg}.
 *
 * <p>Classes are the directories' names, sorted; within a class the files, subdirectories included,
 * are sorted by path. Symbolic links are followed. Files ending in .jpg, .jpeg, .png, .bmp, .tif,
 * .tiff or .webp count, as for torchvision; of others a line tells, and {@link #skipped} which they
 * are (torchvision has .ppm and .pgm as well, which are not read here). Hidden ones, whose names
 * begin with a dot, are neither. Pictures are read when they are asked for.
 */
public final class ImageFolder implements Dataset {
    private static final System.Logger LOG = System.getLogger("io.github.cortado");

    private static final List<String> SUFFIXES =
            List.of(".jpg", ".jpeg", ".png", ".bmp", ".tif", ".tiff", ".webp");

    private final List<String> classNames;
    private final List<Path> files = new ArrayList<>();
    private final List<Integer> labels = new ArrayList<>();
    private final List<Path> skipped = new ArrayList<>();

    /**
     * Lists the pictures.
     *
     * @throws IOException naming the directory where it is absent, has no subdirectories, or one of
     *     those holds no picture; or naming a symbolic link that leads to nothing or in a circle
     */
    public ImageFolder(Path root) throws IOException {
        if (!Files.isDirectory(root)) {
            throw new IOException(
                    root + ": not a directory; expected one with a directory per class");
        }
        List<String> names = new ArrayList<>();
        for (Path entry : entries(root)) {
            if (!Files.isDirectory(entry)) {
                skipped.add(entry);
                continue;
            }
            int before = files.size();
            for (Path file : below(entry)) {
                if (isPicture(file)) {
                    files.add(file);
                    labels.add(names.size());
                } else {
                    skipped.add(file);
                }
            }
            if (files.size() == before) {
                throw new IOException(
                        "%s: expected pictures of this class (%s), found none"
                                .formatted(entry, String.join(" ", SUFFIXES)));
            }
            names.add(entry.getFileName().toString());
        }
        if (names.isEmpty()) {
            throw new IOException(root + ": expected a directory for each class, found none");
        }
        classNames = List.copyOf(names);
        if (!skipped.isEmpty()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "ImageFolder: {0} files are not taken for pictures, the first of them {1}",
                    Integer.toString(skipped.size()),
                    skipped.get(0));
        }
    }

    /** The files and directories there, sorted, without hidden ones. */
    private static List<Path> entries(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> entries = Files.list(directory)) {
            all = entries.filter(path -> !isHidden(path)).sorted().toList();
        }
        for (Path path : all) {
            checkLink(path);
        }
        return all;
    }

    private static void checkLink(Path path) throws IOException {
        if (Files.isSymbolicLink(path) && !Files.exists(path)) {
            throw new IOException(path + ": a link to nothing");
        }
    }

    /** The files of a directory and of those in it, sorted, without hidden ones. */
    private static List<Path> below(Path directory) throws IOException {
        List<Path> all;
        try (Stream<Path> entries = Files.walk(directory, FileVisitOption.FOLLOW_LINKS)) {
            all =
                    entries.filter(path -> !isHidden(path) && !Files.isDirectory(path))
                            .sorted()
                            .toList();
        } catch (UncheckedIOException e) {
            if (e.getCause() instanceof FileSystemLoopException loop) {
                throw new IOException(
                        loop.getFile() + ": a link to a directory that it is in", loop);
            }
            throw e.getCause();
        }
        for (Path path : all) {
            checkLink(path);
        }
        return all;
    }

    private static boolean isPicture(Path path) {
        String name = path.getFileName().toString().toLowerCase(Locale.ROOT);
        return Files.isRegularFile(path) && SUFFIXES.stream().anyMatch(name::endsWith);
    }

    private static boolean isHidden(Path path) {
        return path.getFileName().toString().startsWith(".");
    }

    /** Returns the files, in the directory and below, that are not taken for pictures. */
    public List<Path> skipped() {
        return List.copyOf(skipped);
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
