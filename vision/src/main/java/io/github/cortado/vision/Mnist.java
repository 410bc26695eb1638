package io.github.cortado.vision;

import io.github.cortado.data.Dataset;
import io.github.cortado.data.Image;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * MNIST, 70,000 handwritten digits of 28x28 pixels, and all that comes in files of its kind, such
 * as Fashion-MNIST: pictures and labels in two {@link Idx} files, as they are or packed by gzip.
 *
 * <p>The grey of a picture is in all three channels: of a batch x {@code [n, 3, 28, 28]}, {@code
 * x.narrow(1, 0, 1)} has it once.
 *
 * <p>Source: Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to
 * document recognition", 1998.
 */
public final class Mnist implements Dataset {
    /** The digits, in the order of the labels. */
    public static final List<String> CLASSES =
            List.of("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");

    /** Fashion-MNIST's classes, in the order of the labels. */
    public static final List<String> FASHION_CLASSES =
            List.of(
                    "T-shirt/top",
                    "Trouser",
                    "Pullover",
                    "Dress",
                    "Coat",
                    "Sandal",
                    "Shirt",
                    "Sneaker",
                    "Bag",
                    "Ankle boot");

    private final byte[] pixels;
    private final byte[] labels;
    private final int height;
    private final int width;
    private final List<String> classNames;

    private Mnist(Idx.Contents pictures, byte[] labels, List<String> classNames) {
        this.pixels = pictures.data();
        this.labels = labels;
        this.height = pictures.dimensions()[1];
        this.width = pictures.dimensions()[2];
        this.classNames = classNames;
    }

    /**
     * Reads {@code train-images-idx3-ubyte} and {@code train-labels-idx1-ubyte} from a directory,
     * or from {@code MNIST/raw} or {@code raw} in it, where torchvision puts them; either file may
     * end in {@code .gz}.
     *
     * @throws IOException naming file, offset and expectation where one is absent, damaged, or not
     *     what belongs there
     */
    public static Mnist train(Path directory) throws IOException {
        return read(directory, "train");
    }

    /**
     * Reads {@code t10k-images-idx3-ubyte} and {@code t10k-labels-idx1-ubyte}.
     *
     * @throws IOException as {@link #train}
     */
    public static Mnist test(Path directory) throws IOException {
        return read(directory, "t10k");
    }

    private static Mnist read(Path directory, String part) throws IOException {
        return read(
                find(directory, part + "-images-idx3-ubyte"),
                find(directory, part + "-labels-idx1-ubyte"),
                CLASSES);
    }

    private static Path find(Path directory, String name) throws IOException {
        for (String place : List.of("", "MNIST/raw", "raw")) {
            for (String suffix : List.of("", ".gz")) {
                Path file = directory.resolve(place).resolve(name + suffix);
                if (Files.exists(file)) {
                    return file;
                }
            }
        }
        throw new IOException(
                directory.resolve(name)
                        + ": there is no such file, nor with .gz, nor in MNIST/raw or raw");
    }

    /**
     * Reads two files by their names.
     *
     * @param pictures unsigned bytes [n, height, width]
     * @param labels unsigned bytes [n]
     * @param classNames of which there are more than the largest label
     * @throws IOException as {@link #train}
     */
    public static Mnist read(Path pictures, Path labels, List<String> classNames)
            throws IOException {
        Idx.Contents p = Idx.bytes(pictures, 3, "pictures");
        Idx.Contents l = Idx.bytes(labels, 1, "labels");
        if (p.dimensions()[0] != l.count()) {
            throw new IOException(
                    String.format(
                            Locale.ROOT,
                            "%s: has %d labels for the %d pictures of %s",
                            labels,
                            l.count(),
                            p.dimensions()[0],
                            pictures));
        }
        for (int i = 0; i < l.count(); i++) {
            int label = l.data()[i] & 0xff;
            if (label >= classNames.size()) {
                throw new IOException(
                        String.format(
                                Locale.ROOT,
                                "%s: offset %d is the label of picture %d, expected 0 to %d, got"
                                        + " %d",
                                labels,
                                Idx.Contents.header(1) + i,
                                i,
                                classNames.size() - 1,
                                label));
            }
        }
        return new Mnist(p, l.data(), List.copyOf(classNames));
    }

    @Override
    public int size() {
        return labels.length;
    }

    @Override
    public List<String> classNames() {
        return classNames;
    }

    @Override
    public int label(int index) {
        return labels[Objects.checkIndex(index, size())] & 0xff;
    }

    @Override
    public void read(int index, Image into) {
        into.reshape(height, width);
        int plane = height * width;
        int from = Objects.checkIndex(index, size()) * plane;
        for (int c = 0; c < Image.CHANNELS; c++) {
            System.arraycopy(pixels, from, into.pixels(), c * plane, plane);
        }
    }
}
