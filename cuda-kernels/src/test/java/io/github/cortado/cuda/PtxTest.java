package io.github.cortado.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The committed PTX is what the sources make. {@code -Dcortado.cuda.makePtx=true} makes it anew, by
 * nvcc; that and the hash in each header are compared here.
 */
class PtxTest {
    private static final Path RESOURCES = Path.of("src/main/resources/io/github/cortado/cuda/ptx");

    /** PTX of this version is understood by drivers from 520 (CUDA 11.8) on. */
    private static final String VERSION = "7.8";

    private static final List<String> FLAGS = List.of("-std=c++17", "-arch=compute_75", "-ptx");

    @Test
    void everyPtxIsMadeFromTheSourcesThatAreThere() throws IOException {
        if (Boolean.getBoolean("cortado.cuda.makePtx")) {
            make();
        }
        for (Path file : KernelSources.files()) {
            String name = KernelSources.name(file);
            assertTrue(
                    Kernels.header(name).contains("sources " + hash(file)),
                    name + ".ptx was made from other sources; see cuda-kernels/README.md");
        }
    }

    private static String hash(Path file) {
        List<String> all = new ArrayList<>(FLAGS);
        all.add(VERSION);
        KernelSources.headers().forEach(h -> all.add(KernelSources.text(h)));
        all.add(KernelSources.text(file));
        return KernelSources.hash(all);
    }

    private static void make() throws IOException {
        Path nvcc = nvcc().orElseThrow(() -> new AssertionError("there is no nvcc"));
        Files.createDirectories(RESOURCES);
        for (Path file : KernelSources.files()) {
            Files.writeString(
                    RESOURCES.resolve(KernelSources.name(file) + ".ptx"), compiled(nvcc, file));
        }
    }

    private static Optional<Path> nvcc() {
        return Command.find("nvcc", "/usr/local/cuda/bin/nvcc");
    }

    /** A source's PTX with our header instead of nvcc's, and the version that we promise. */
    private static String compiled(Path nvcc, Path file) throws IOException {
        Path made = Files.createTempFile("cortado", ".ptx");
        try {
            List<String> command = new ArrayList<>(List.of(nvcc.toString()));
            command.addAll(FLAGS);
            command.addAll(List.of(file.toString(), "-o", made.toString()));
            Command.run(command);
            String code =
                    Files.readString(made)
                            .lines()
                            .filter(line -> !line.startsWith("//"))
                            .collect(Collectors.joining("\n", "", "\n"))
                            .replaceFirst("\\.version \\S+", ".version " + VERSION);
            return "// "
                    + file.getFileName()
                    + ", compiled by "
                    + version(nvcc)
                    + " "
                    + String.join(" ", FLAGS)
                    + "\n// sources "
                    + hash(file)
                    + "\n"
                    + code.replaceAll("\n{3,}", "\n\n");
        } finally {
            Files.delete(made);
        }
    }

    private static String version(Path nvcc) {
        return Command.run(List.of(nvcc.toString(), "--version"))
                .lines()
                .filter(line -> line.contains("release"))
                .map(line -> "nvcc " + line.replaceFirst("^.*, V", ""))
                .findFirst()
                .orElse("nvcc");
    }

    @Test
    void theTableOfKernelsNamesEveryKernelAndNoOther() {
        Set<String> inTable =
                Arrays.stream(Kernel.values())
                        .map(k -> k.file() + " " + k.function())
                        .collect(Collectors.toCollection(TreeSet::new));
        Set<String> inSources = new TreeSet<>();
        for (Path file : KernelSources.files()) {
            for (String kernel : KernelSources.kernels(KernelSources.text(file))) {
                inSources.add(KernelSources.name(file) + " " + kernel);
            }
        }
        assertEquals(inSources, inTable);
    }
}
