package io.github.cortado.cuda;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The knobs of the emulated driver, which are kernels with names of its own; see {@code knobs.cpp}.
 */
final class Emulator {
    private static final int BYTES = 64 * 1024;
    private static final int TEXT = 2 * Long.BYTES;

    /** The order of threads, of warps and of blocks. */
    enum Order {
        ASCENDING(0),
        DESCENDING(1),
        SHUFFLED(2);

        /** As in {@code blocks.h}. */
        private final int number;

        Order(int number) {
            this.number = number;
        }
    }

    private final ExactBackends backends;
    private final Gpu gpu;
    private final HostMemory memory;

    Emulator(ExactBackends backends) {
        this.backends = backends;
        gpu = backends.plain().gpu();
        try (Gpu.Turn t = gpu.turn()) {
            memory = new HostMemory(TEXT + BYTES);
        }
    }

    void order(Order order) {
        turn("order", order.number);
    }

    /** Whether tensor cores cut off what they add, as on a GPU, instead of rounding it. */
    void truncate(boolean truncating) {
        turn("truncating", truncating ? 1 : 0);
    }

    /** Puts kernels of the number-th source of a library in the place of the driver's. */
    void replace(Path library, int number, Collection<Kernel> kernels) {
        String names = kernels.stream().map(Kernel::function).collect(Collectors.joining(" "));
        turn("replaced", library + "\n" + number + " " + names);
    }

    /** Puts every kernel back, and what a faulty one may have left behind. */
    void restore() {
        turn("replaced", "");
        clear(backends.plain());
        clear(backends.tf32());
    }

    private static void clear(CudaBackend backend) {
        for (int i = 0; i < 2; i++) {
            try {
                // Counters are zero between kernels, unless somebody forgot.
                backend.gpu().zero(backend.gpu().arrived());
                backend.gpu().zero(backend.meeting());
                backend.gpu().synchronize();
            } catch (RuntimeException e) {
                // What the faulty kernel did is told to the first who waits.
            }
        }
    }

    /** The kernels that were launched since this was last asked, with their threads. */
    Map<Kernel, Long> launches() {
        Map<Kernel, Long> launches = new EnumMap<>(Kernel.class);
        for (String line : ask("launches").split("\n")) {
            String[] words = line.split(" ");
            if (words.length == 2) {
                launches.merge(
                        Kernel.valueOf(words[0].toUpperCase(Locale.ROOT)),
                        Long.parseLong(words[1]),
                        Long::sum);
            }
        }
        return launches;
    }

    /** How long the driver takes to compile a module from now on. */
    void compileTime(long milliseconds) {
        turn("compile_time", milliseconds);
    }

    /** Lets the compilation of modules fail in which that text stands; of none, if it is empty. */
    void breakModule(String text) {
        turn("broken_module", text);
    }

    /**
     * Modules that were loaded.
     *
     * @param together how many were being compiled at the same time, at most
     */
    record Loads(int together, List<String> files) {}

    /** The modules that were loaded since this was last asked. */
    Loads loads() {
        List<String> lines = List.of(ask("loads").split("\n"));
        return new Loads(
                Integer.parseInt(lines.get(0)),
                lines.stream()
                        .skip(1)
                        .map(line -> line.replaceFirst("^// ", "").replaceFirst("[.]cu$", ""))
                        // Knobs are turned by way of this one.
                        .filter(file -> !file.equals("knobs"))
                        .toList());
    }

    private String ask(String knob) {
        turn(knob, memory.address() + TEXT);
        ByteBuffer bytes = memory.bytes().clear().position(TEXT);
        int n = 0;
        while (bytes.get(TEXT + n) != 0) {
            n++;
        }
        byte[] text = new byte[n];
        bytes.get(text);
        return new String(text, StandardCharsets.US_ASCII);
    }

    private void turn(String knob, String text) {
        ByteBuffer bytes = memory.bytes().clear().position(TEXT);
        bytes.put(text.getBytes(StandardCharsets.UTF_8)).put((byte) 0);
        turn(knob, memory.address() + TEXT);
    }

    private void turn(String knob, long value) {
        EmulatorKnob.turn(gpu, knob, value);
    }
}
