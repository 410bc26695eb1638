package io.github.cortado.gpucheck;

import io.github.cortado.io.Json;
import io.github.cortado.vision.Cifar10;
import java.awt.image.BufferedImage;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * Finds CIFAR-10 where somebody has carried it to, and turns it into the files of its binary
 * version: {@code CifarArchive SOURCE TARGET}. The source is a directory with those files, or the
 * official archive of them, or an archive of all pictures as JPEG files under {@code
 * cifar-10-images/train|test/CLASS/}, or a directory with one of the two.
 */
public final class CifarArchive {
    /** What pictures are called that have been JPEG files: not quite the original ones. */
    static final String RECOMPRESSED = "CIFAR-10 (JPEG-recompressed)";

    private static final String ORIGINAL = "CIFAR-10";
    private static final List<String> ARCHIVES =
            List.of("cifar-10-binary.tar.gz", "cifar-10-jpeg.tar.gz");
    private static final int BLOCK = 512;
    private static final int SIDE = 32;
    private static final int PIXELS = SIDE * SIDE;
    private static final int BATCHES = 5;

    /** The order of pictures in the files, which an archive sorted by class does not have. */
    private static final long SHUFFLED_BY = 10;

    private final Path target;
    private final List<Picture> training = new ArrayList<>();
    private final List<Picture> test = new ArrayList<>();

    /** A picture of a class as a JPEG file. */
    private static final class Picture {
        private final int label;
        private final byte[] jpeg;

        Picture(int label, byte[] jpeg) {
            this.label = label;
            this.jpeg = jpeg;
        }
    }

    private CifarArchive(Path target) {
        this.target = target.resolve(Cifar10.DIRECTORY);
    }

    /** Runs the program; prints one line of JSON that says where the files are. */
    public static void main(String[] line) {
        int code = 1;
        try {
            System.out.println(Json.write(find(Path.of(line[0]), Path.of(line[1]))));
            code = 0;
        } catch (IOException | UncheckedIOException e) {
            System.err.println("CifarArchive: " + e.getMessage());
        }
        System.exit(code);
    }

    /**
     * Finds and unpacks.
     *
     * @throws IOException where the source is none of those that are understood
     */
    static Map<String, Object> find(Path source, Path target) throws IOException {
        if (Files.isDirectory(source)) {
            Optional<Path> there = Cifar10.locate(source);
            if (there.isPresent()) {
                return answer(there.get(), ORIGINAL);
            }
            for (String name : ARCHIVES) {
                if (Files.isRegularFile(source.resolve(name))) {
                    return find(source.resolve(name), target);
                }
            }
            throw new IOException(source + " has neither CIFAR-10's files nor any of " + ARCHIVES);
        }
        return new CifarArchive(target).unpack(source);
    }

    private static Map<String, Object> answer(Path directory, String name) {
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("directory", directory.toString());
        answer.put("name", name);
        return answer;
    }

    private Map<String, Object> unpack(Path archive) throws IOException {
        Files.createDirectories(target);
        try (InputStream in =
                new GZIPInputStream(
                        new BufferedInputStream(Files.newInputStream(archive)), 1 << 16)) {
            byte[] header = new byte[BLOCK];
            while (in.readNBytes(header, 0, BLOCK) == BLOCK && header[0] != 0) {
                entry(header, in);
            }
        } catch (EOFException e) {
            throw new IOException(archive + " ends early", e);
        }
        if (!training.isEmpty()) {
            write();
        }
        Path found =
                Cifar10.locate(target)
                        .orElseThrow(() -> new IOException(archive + " is no archive of CIFAR-10"));
        return answer(found, training.isEmpty() ? ORIGINAL : RECOMPRESSED);
    }

    /** A file of the archive: one of CIFAR-10's own, or a picture; whatever else is skipped. */
    private void entry(byte[] header, InputStream in) throws IOException {
        String name = text(header, 0, 100);
        int size = Integer.parseInt(text(header, 124, 12), 8);
        byte[] bytes = in.readNBytes(size);
        in.skipNBytes((BLOCK - size % BLOCK) % BLOCK);
        String[] parts = name.split("/");
        String file = parts[parts.length - 1];
        if (name.startsWith(Cifar10.DIRECTORY + "/") && file.endsWith(".bin")) {
            Files.write(target.resolve(file), bytes);
        } else if (file.endsWith(".jpg") && parts.length >= 3) {
            int label = Cifar10.OFFICIAL_CLASSES.indexOf(parts[parts.length - 2]);
            if (label < 0) {
                throw new IOException(name + " is in no class of CIFAR-10");
            }
            boolean train = parts[parts.length - 3].equals("train");
            (train ? training : test).add(new Picture(label, bytes));
        }
    }

    private static String text(byte[] header, int from, int length) {
        return new String(header, from, length, StandardCharsets.US_ASCII)
                .replace('\0', ' ')
                .strip();
    }

    private void write() throws IOException {
        ImageIO.setUseCache(false);
        // Shuffled before they are decoded, in the order in which the reference results were made.
        Collections.shuffle(training, new Random(SHUFFLED_BY));
        Collections.shuffle(test, new Random(SHUFFLED_BY));
        int each = training.size() / BATCHES;
        for (int b = 0; b < BATCHES; b++) {
            write("data_batch_" + (b + 1) + ".bin", training.subList(b * each, (b + 1) * each));
        }
        write("test_batch.bin", test);
    }

    private void write(String name, List<Picture> pictures) throws IOException {
        List<byte[]> records = pictures.parallelStream().map(CifarArchive::record).toList();
        try (OutputStream out =
                new BufferedOutputStream(Files.newOutputStream(target.resolve(name)), 1 << 20)) {
            for (byte[] record : records) {
                out.write(record);
            }
        }
    }

    /** The label, then all reds, all greens and all blues. */
    private static byte[] record(Picture picture) {
        try {
            BufferedImage image = ImageIO.read(new ByteArrayInputStream(picture.jpeg));
            int[] rgb = image.getRGB(0, 0, SIDE, SIDE, null, 0, SIDE);
            byte[] record = new byte[1 + 3 * PIXELS];
            record[0] = (byte) picture.label;
            for (int i = 0; i < PIXELS; i++) {
                record[1 + i] = (byte) (rgb[i] >> 16);
                record[1 + PIXELS + i] = (byte) (rgb[i] >> 8);
                record[1 + 2 * PIXELS + i] = (byte) rgb[i];
            }
            return record;
        } catch (IOException e) {
            throw new UncheckedIOException("a picture cannot be decoded", e);
        }
    }
}
