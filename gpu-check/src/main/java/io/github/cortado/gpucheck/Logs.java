package io.github.cortado.gpucheck;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * The logs of a run, and what else is for people to look at: files of a directory that is gone
 * afterwards, and an archive of it, which is replaced as a whole. Whoever fetches a report may be
 * allowed a few files, each of a limited size.
 *
 * @param directory where the files are written
 */
record Logs(Path directory) {
    /** Name of the archive. */
    static final String ARCHIVE = "logs.zip";

    /** Of a longer file, only the beginning and the end are kept. */
    static final int LONGEST = 4 << 20;

    /** Puts all that is there by now into the archive. */
    void pack(Path report) {
        Path made = report.resolve(ARCHIVE + ".new");
        try {
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(made))) {
                for (Path file : files()) {
                    zip.putNextEntry(new ZipEntry(directory.relativize(file).toString()));
                    write(file, zip);
                    zip.closeEntry();
                }
            }
            Files.move(
                    made,
                    report.resolve(ARCHIVE),
                    StandardCopyOption.ATOMIC_MOVE,
                    StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new UncheckedIOException("the logs cannot be packed", e);
        }
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    /** A program may be writing to it: what it has written by now is taken. */
    private static void write(Path from, ZipOutputStream to) throws IOException {
        try (RandomAccessFile file = new RandomAccessFile(from.toFile(), "r")) {
            long length = file.length();
            byte[] bytes = new byte[(int) Math.min(length, LONGEST)];
            int beginning = length > LONGEST ? LONGEST / 2 : bytes.length;
            file.readFully(bytes, 0, beginning);
            to.write(bytes, 0, beginning);
            if (length > LONGEST) {
                String gap = "\n... " + (length - LONGEST) + " bytes are left out here ...\n";
                to.write(gap.getBytes(StandardCharsets.UTF_8));
                file.seek(length - (LONGEST - beginning));
                file.readFully(bytes, beginning, LONGEST - beginning);
                to.write(bytes, beginning, LONGEST - beginning);
            }
        }
    }
}
