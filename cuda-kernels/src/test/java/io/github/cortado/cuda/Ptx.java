package io.github.cortado.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes the committed PTX with nvcc: {@link #main} writes every file anew. The header of each says
 * which compiler made it, and holds a hash of all that it was made from.
 */
final class Ptx {
    static final String COMMAND = "mvn -pl cuda-kernels test-compile exec:exec@ptx";

    private final Path nvcc;

    private Ptx(Path nvcc) {
        this.nvcc = nvcc;
    }

    /** The nvcc of this machine, if there is one. */
    static Optional<Ptx> compiler() {
        return Command.find("nvcc", "/usr/local/cuda/bin/nvcc").map(Ptx::new);
    }

    /** Writes the PTX of every source to the directory that is the first argument. */
    public static void main(String[] arguments) throws IOException {
        Ptx ptx =
                compiler().orElseThrow(() -> new IllegalStateException("there is no nvcc on PATH"));
        Path directory = Files.createDirectories(Path.of(arguments[0]));
        for (Path file : KernelSources.files()) {
            Path to = directory.resolve(KernelSources.name(file) + ".ptx");
            Files.writeString(to, ptx.compile(file));
            System.out.println(to);
        }
    }

    /** The compute capability that a source is compiled for: 8.0 where tensor cores are used. */
    static int capability(Path file) {
        return KernelSources.name(file).endsWith("_tf32") ? 80 : 75;
    }

    private static List<String> flags(Path file) {
        return List.of("-std=c++17", "-arch=compute_" + capability(file), "-ptx");
    }

    /** Of the source, the headers, the flags and the version. */
    static String hash(Path file) {
        List<String> all = new ArrayList<>(flags(file));
        all.add(Kernels.VERSION);
        KernelSources.headers().forEach(h -> all.add(KernelSources.text(h)));
        all.add(KernelSources.text(file));
        return KernelSources.hash(all);
    }

    String version() {
        return Command.run(List.of(nvcc.toString(), "--version"))
                .lines()
                .filter(line -> line.contains("release"))
                .map(line -> "nvcc " + line.replaceFirst("^.*, V", ""))
                .findFirst()
                .orElse("nvcc");
    }

    /** A source's PTX with our header instead of nvcc's, and the version that we promise. */
    String compile(Path file) {
        try {
            Path made = Files.createTempFile("cortado", ".ptx");
            try {
                List<String> command = new ArrayList<>(List.of(nvcc.toString()));
                command.addAll(flags(file));
                command.addAll(List.of(file.toString(), "-o", made.toString()));
                Command.run(command);
                return header(file) + code(Files.readString(made));
            } finally {
                Files.delete(made);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String header(Path file) {
        return String.format(
                "// %s, compiled by %s %s%n// sources %s%n",
                file.getFileName(), version(), String.join(" ", flags(file)), hash(file));
    }

    /**
     * Without comments and the hints that only PTX 8.3 has: where it meets them under an older
     * version, the assembler of CUDA 13, and so a newer driver, refuses the whole file.
     */
    private static String code(String ptx) {
        return ptx.lines()
                .filter(line -> !line.startsWith("//"))
                .filter(line -> !line.contains(".pragma \"used_bytes_mask"))
                .collect(Collectors.joining("\n", "", "\n"))
                .replaceFirst("\\.version \\S+", ".version " + Kernels.VERSION)
                .replaceAll("\n{3,}", "\n\n");
    }
}
