package io.github.cortado.cuda;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What each kernel needs of a multiprocessor, by ptxas, which does what the driver does when it
 * loads the PTX: registers, shared memory, stack, spills. {@link #main} writes the table of the
 * module.
 */
final class KernelResources {
    static final String TABLE = "src/main/cuda/RESOURCES.md";
    static final String COMMAND = "mvn -pl cuda-kernels test-compile exec:exec@resources";

    /** Compute capability 9.0: H100, H200. */
    private static final String TARGET = "sm_90";

    private static final int MOST_THREADS = 2048;
    private static final int MOST_BLOCKS = 32;
    private static final int REGISTERS = 65_536;
    private static final int REGISTERS_AT_A_TIME = 256;
    private static final int SHARED = 228 << 10;
    private static final int SHARED_OF_A_BLOCK = 1 << 10;

    private static final Pattern ENTRY = Pattern.compile("Compiling entry function '(\\w+)'");
    private static final Pattern LOCAL =
            Pattern.compile(
                    "(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads");
    private static final Pattern USED = Pattern.compile("Used (\\d+) registers(.*)");
    private static final Pattern SHARED_BYTES = Pattern.compile("(\\d+) bytes smem");
    private static final Pattern BOUNDS =
            Pattern.compile("\\.entry (\\w+)\\(.*?\\)\\s*(?:\\.maxntid (\\d+))?", Pattern.DOTALL);

    private final Path ptxas;

    /**
     * One kernel's needs.
     *
     * @param threads of a block
     * @param shared bytes of shared memory of a block
     * @param stack bytes of local memory of a thread, spills among them
     * @param spills bytes of registers that are written there and read again
     */
    record Needs(
            String file,
            String kernel,
            int threads,
            int registers,
            int shared,
            int stack,
            int spills) {
        /** Blocks that a multiprocessor has room for. */
        int blocks() {
            int warps = threads / 32;
            int ofWarp = roundUp(registers * 32, REGISTERS_AT_A_TIME);
            int byRegisters = REGISTERS / (ofWarp * warps);
            int byShared = SHARED / (shared + SHARED_OF_A_BLOCK);
            return Math.min(
                    Math.min(MOST_THREADS / threads, MOST_BLOCKS), Math.min(byRegisters, byShared));
        }

        double occupancy() {
            return (double) blocks() * threads / MOST_THREADS;
        }

        private static int roundUp(int n, int step) {
            return (n + step - 1) / step * step;
        }
    }

    private KernelResources(Path ptxas) {
        this.ptxas = ptxas;
    }

    /** The ptxas of this machine, if there is one. */
    static Optional<KernelResources> assembler() {
        return Command.find("ptxas", "/usr/local/cuda/bin/ptxas").map(KernelResources::new);
    }

    /** Writes the table. */
    public static void main(String[] arguments) throws IOException {
        KernelResources here =
                assembler().orElseThrow(() -> new IllegalStateException("no ptxas on PATH"));
        Files.writeString(Path.of(TABLE), here.table());
        System.out.println(TABLE);
    }

    String version() {
        return Command.run(List.of(ptxas.toString(), "--version"))
                .lines()
                .filter(line -> line.contains("release"))
                .map(line -> "ptxas " + line.replaceFirst("^.*, V", ""))
                .findFirst()
                .orElse("ptxas");
    }

    /** All kernels' needs, file by file. */
    List<Needs> measure() {
        List<Needs> all = new ArrayList<>();
        for (Path file : KernelSources.files()) {
            all.addAll(measure(KernelSources.name(file)));
        }
        return all;
    }

    /** The needs of the kernels of one file. */
    List<Needs> measure(String file) {
        byte[] ptx = Kernels.ptx(file);
        String text = new String(ptx, 0, ptx.length - 1, US_ASCII);
        String log;
        try {
            Path source = Files.createTempFile("cortado", ".ptx");
            try {
                Files.writeString(source, text);
                log =
                        Command.run(
                                List.of(
                                        ptxas.toString(),
                                        "-v",
                                        "-arch=" + TARGET,
                                        source.toString(),
                                        "-o",
                                        "/dev/null"));
            } finally {
                Files.delete(source);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return parse(file, text, log);
    }

    private static List<Needs> parse(String file, String ptx, String log) {
        List<Needs> all = new ArrayList<>();
        Matcher entry = ENTRY.matcher(log);
        while (entry.find()) {
            String kernel = entry.group(1);
            Matcher local = LOCAL.matcher(log);
            Matcher used = USED.matcher(log);
            if (!local.find(entry.end()) || !used.find(entry.end())) {
                throw new AssertionError("ptxas says nothing of " + kernel + ":\n" + log);
            }
            Matcher shared = SHARED_BYTES.matcher(used.group(2));
            all.add(
                    new Needs(
                            file,
                            kernel,
                            threads(kernel, ptx),
                            Integer.parseInt(used.group(1)),
                            shared.find() ? Integer.parseInt(shared.group(1)) : 0,
                            Integer.parseInt(local.group(1)),
                            Integer.parseInt(local.group(2)) + Integer.parseInt(local.group(3))));
        }
        all.sort(Comparator.comparing(Needs::kernel));
        return all;
    }

    /** As the source bounds it, else as {@link Launch} launches it. */
    private static int threads(String kernel, String ptx) {
        Matcher m = BOUNDS.matcher(ptx);
        while (m.find()) {
            if (m.group(1).equals(kernel) && m.group(2) != null) {
                return Integer.parseInt(m.group(2));
            }
        }
        return Launch.BLOCK;
    }

    /** The table of the module. */
    String table() {
        StringBuilder s = new StringBuilder();
        s.append("# What the kernels need\n\n")
                .append(
                        "Registers of a thread, shared memory of a block, stack and spills of a thread, by ")
                .append(version())
                .append(" for ")
                .append(TARGET)
                .append(" (H100, H200), and the\nblocks and share of the threads that a")
                .append(" multiprocessor of that kind then has room for. Made by `")
                .append(COMMAND)
                .append("`;\na test compares it where there is that ptxas.\n\n")
                .append("| file | kernel | threads | registers | shared bytes | stack bytes |")
                .append(" spilled bytes | blocks | occupancy |\n")
                .append("|---|---|--:|--:|--:|--:|--:|--:|--:|\n");
        for (Needs n : measure()) {
            s.append(
                    String.format(
                            Locale.ROOT,
                            "| %s | `%s` | %d | %d | %d | %d | %d | %d | %.0f %% |\n",
                            n.file,
                            n.kernel,
                            n.threads,
                            n.registers,
                            n.shared,
                            n.stack,
                            n.spills,
                            n.blocks(),
                            100 * n.occupancy()));
        }
        return s.toString();
    }
}
