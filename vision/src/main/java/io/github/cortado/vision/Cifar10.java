package io.github.cortado.vision;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * CIFAR-10: 60,000 pictures of 32x32 in ten classes, from the files of its official binary version.
 *
 * <p>Each of {@code data_batch_1.bin} to {@code data_batch_5.bin} (training) and {@code
 * test_batch.bin} is 10,000 records of a label byte, 0 to 9, and 3,072 bytes of pixels, [3, 32,
 * 32]. Source: A. Krizhevsky, "Learning multiple layers of features from tiny images", 2009.
 */
public final class Cifar10 implements Dataset {
    /**
     * Where the official archive is, unless the system property {@code cortado.cifar10.url} is set.
     */
    public static final URI URL =
            URI.create("https://www.cs.toronto.edu/~kriz/cifar-10-binary.tar.gz");

    /** MD5 of the official archive. */
    public static final String MD5 = "c32a1d4ab5d03f1284b67883e8d87530";

    /** Class names as short as they go, in the order of the labels. */
    public static final List<String> CLASSES =
            List.of("plane", "car", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck");

    /** The directory that the official archive holds. */
    public static final String DIRECTORY = "cifar-10-batches-bin";

    /** The official class names, in the order of the labels. */
    public static final List<String> OFFICIAL_CLASSES =
            List.of(
                    "airplane",
                    "automobile",
                    "bird",
                    "cat",
                    "deer",
                    "dog",
                    "frog",
                    "horse",
                    "ship",
                    "truck");

    static final List<String> TRAIN =
            List.of(
                    "data_batch_1.bin",
                    "data_batch_2.bin",
                    "data_batch_3.bin",
                    "data_batch_4.bin",
                    "data_batch_5.bin");
    static final List<String> TEST = List.of("test_batch.bin");
    private static final String META = "batches.meta.txt";
    private static final CifarRecords FORMAT = new CifarRecords("CIFAR-10", 10);
    private static final int RECORD = FORMAT.length();
    private static final int RECORDS_PER_FILE = 10_000;

    /** Several times what the archive has, 170,052,171 bytes. */
    private static final long MAX_ARCHIVE = 1L << 30;

    // The files' records, one after the other, as they are.
    private final byte[] records;

    private Cifar10(byte[] records) {
        this.records = records;
    }

    /**
     * Reads the 50,000 training pictures from a directory, or from its subdirectory {@code
     * cifar-10-batches-bin}.
     *
     * @throws IOException naming file, offset and expectation where a file is absent, truncated,
     *     oversized or mislabelled
     */
    public static Cifar10 train(Path directory) throws IOException {
        return read(directory, TRAIN, RECORDS_PER_FILE);
    }

    /**
     * Reads the 10,000 test pictures, which the reference program validates with.
     *
     * @throws IOException as {@link #train}
     */
    public static Cifar10 test(Path directory) throws IOException {
        return read(directory, TEST, RECORDS_PER_FILE);
    }

    /** Returns the directory that holds all the files: this one or its subdirectory, if either. */
    public static Optional<Path> locate(Path directory) {
        return List.of(directory, directory.resolve(DIRECTORY)).stream()
                .filter(Cifar10::isComplete)
                .findFirst();
    }

    private static boolean isComplete(Path directory) {
        return TRAIN.stream().allMatch(name -> Files.isRegularFile(directory.resolve(name)))
                && TEST.stream().allMatch(name -> Files.isRegularFile(directory.resolve(name)));
    }

    /**
     * Makes sure that the directory holds CIFAR-10, downloading and unpacking it where it does not;
     * {@link Download.Outcome#ALREADY_THERE} says that the files were there and have the right
     * sizes.
     *
     * @param progress told of every piece that arrives
     * @throws IOException where the download fails, its checksum is wrong, its contents are not as
     *     expected, or files that are there are damaged
     */
    public static Download.Outcome download(Path directory, Download.Progress progress)
            throws IOException {
        String url = System.getProperty("cortado.cifar10.url", "");
        return download(
                directory,
                new Download(url.isEmpty() ? URL : uri(url), MD5, MAX_ARCHIVE),
                RECORDS_PER_FILE,
                progress,
                Patience.LONG);
    }

    private static URI uri(String url) throws IOException {
        try {
            return URI.create(url);
        } catch (IllegalArgumentException e) {
            throw new IOException("cortado.cifar10.url is no URL: " + url, e);
        }
    }

    static Download.Outcome download(
            Path directory,
            Download archive,
            int recordsPerFile,
            Download.Progress progress,
            Patience patience)
            throws IOException {
        Path unpacked = directory.resolve(DIRECTORY + ".part");
        if (isThere(directory, recordsPerFile) && !isLeftOver(unpacked)) {
            return Download.Outcome.ALREADY_THERE;
        }
        Files.createDirectories(directory);
        Path file = directory.resolve("cifar-10-binary.tar.gz");
        return Download.locked(
                file,
                () -> {
                    try {
                        if (isThere(directory, recordsPerFile)) {
                            return Download.Outcome.ALREADY_THERE;
                        }
                        archive.toLocked(file, progress, patience);
                        unpack(file, unpacked, directory.resolve(DIRECTORY), recordsPerFile);
                        return Download.Outcome.DOWNLOADED;
                    } finally {
                        TarGz.delete(unpacked);
                    }
                });
    }

    /** Whoever ended between the last file's final name and tidying up left a directory. */
    private static boolean isLeftOver(Path unpacked) {
        return Files.exists(unpacked) && Files.isWritable(unpacked.toAbsolutePath().getParent());
    }

    private static boolean isThere(Path directory, int recordsPerFile) throws IOException {
        Optional<Path> there = locate(directory);
        if (there.isPresent()) {
            checkSizes(there.get(), recordsPerFile);
        }
        return there.isPresent();
    }

    private static void unpack(Path archive, Path unpacked, Path target, int recordsPerFile)
            throws IOException {
        try {
            TarGz.unpack(archive, unpacked);
        } catch (FileSystemException e) {
            throw e;
        } catch (IOException e) {
            // A disk that is full says so, and not which file had no room.
            boolean isNamed = String.valueOf(e.getMessage()).startsWith(archive + ":");
            throw isNamed
                    ? e
                    : new IOException(archive + ": cannot be unpacked: " + e.getMessage(), e);
        }
        Path files = unpacked.resolve(DIRECTORY);
        if (!isComplete(files)) {
            throw new IOException(
                    archive + ": expected " + DIRECTORY + " with " + TRAIN + " and " + TEST);
        }
        checkSizes(files, recordsPerFile);
        if (Files.exists(target)) {
            // Some of the files were there, and not the others.
            for (String name : concat(concat(TRAIN, TEST), List.of(META))) {
                if (holds(files, name)) {
                    Download.moveInPlace(files.resolve(name), target.resolve(name));
                }
            }
        } else {
            Download.moveInPlace(files, target);
        }
    }

    private static List<String> concat(List<String> a, List<String> b) {
        return Stream.concat(a.stream(), b.stream()).toList();
    }

    private static void checkSizes(Path directory, int recordsPerFile) throws IOException {
        for (String name : concat(TRAIN, TEST)) {
            Path file = directory.resolve(name);
            FORMAT.checkSize(file, Files.size(file), recordsPerFile);
        }
    }

    static Cifar10 read(Path directory, List<String> names, int recordsPerFile) throws IOException {
        Path place = holds(directory, names.get(0)) ? directory : directory.resolve(DIRECTORY);
        CifarRecords.checkNames(place.resolve(META), OFFICIAL_CLASSES);
        return new Cifar10(FORMAT.read(place, names, recordsPerFile));
    }

    private static boolean holds(Path directory, String name) {
        return Files.exists(directory.resolve(name));
    }

    @Override
    public int size() {
        return records.length / RECORD;
    }

    @Override
    public List<String> classNames() {
        return CLASSES;
    }

    @Override
    public int label(int index) {
        return records[Objects.checkIndex(index, size()) * RECORD];
    }

    @Override
    public void read(int index, Image into) {
        into.set(
                records,
                Objects.checkIndex(index, size()) * RECORD + 1,
                CifarRecords.SIDE,
                CifarRecords.SIDE);
    }
}
