package io.github.cortado.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Builds a {@code libcuda.so.1} that runs our kernels on the CPU: {@code src/test/emulator} and
 * every {@code .cu} file, compiled by g++. A build is kept under its sources' hash.
 */
final class EmulatedDriver {
    private static final Pattern DYNAMIC =
            Pattern.compile("extern __shared__ ((?:unsigned )?\\w+) (\\w+)\\[\\];");
    private static final Pattern SHARED =
            Pattern.compile(
                    "__shared__\\s+(?:__align__\\(\\d+\\)\\s+)?((?:unsigned\\s+)?\\w+)\\s+(\\w+)"
                            + "((?:\\[[^\\]]*\\])*);");
    private static final List<String> FLAGS =
            List.of(
                    "-std=c++17",
                    "-fPIC",
                    "-ffp-contract=off",
                    "-fno-strict-aliasing",
                    "-Wall",
                    "-Wno-unknown-pragmas",
                    "-Wno-unused-variable",
                    "-Wno-unused-function",
                    "-Wno-maybe-uninitialized");

    /** Wide accesses at odd addresses, which a GPU refuses and x86 forgives; see signals.cpp. */
    private static final String ALIGNED = "-fsanitize=alignment";

    private static final List<String> SANITIZED =
            List.of("-fsanitize=address,undefined", "-fno-sanitize-recover=all", "-g");

    private static final Pattern INCLUDE = Pattern.compile("#include \"(\\w+\\.cuh)\"");

    /** Changed kernels run for milliseconds: what counts is how fast they are compiled. */
    private static final String CHANGED = "-O0";

    private static final String LIBRARY = "libcuda.so.1";

    private final Path compiler;
    private final boolean sanitized;
    private final Path base = Path.of("target/emulator").toAbsolutePath();

    private EmulatedDriver(Path compiler, boolean sanitized) {
        this.compiler = compiler;
        this.sanitized = sanitized;
    }

    /**
     * Builds it, and emulations of cuBLAS 13 and cuDNN; prints their directories as the property
     * {@code cortado.cuda.libraries} takes them, for programs that are to run on them.
     */
    public static void main(String[] arguments) {
        Path driver =
                find().orElseThrow(() -> new IllegalStateException("there is no g++ on PATH"))
                        .build();
        Path libraries = EmulatedLibraries.build(driver);
        System.out.println(
                driver + ":" + libraries.resolve("cublas13") + ":" + libraries.resolve("cudnn"));
    }

    /** With g++, if it is on the path; on Linux on x86-64, which the driver is written for. */
    static Optional<EmulatedDriver> find() {
        if (!System.getProperty("os.name").startsWith("Linux")
                || !System.getProperty("os.arch").equals("amd64")) {
            return Optional.empty();
        }
        return Command.find("g++").map(compiler -> new EmulatedDriver(compiler, false));
    }

    /** The same under the address and the undefined behaviour sanitizer. */
    EmulatedDriver sanitized() {
        return new EmulatedDriver(compiler, true);
    }

    /** The sanitizers' own library, which a process has to load first. */
    Optional<Path> sanitizer() {
        String file = "libasan.so";
        Path library =
                Path.of(
                        Command.run(List.of(compiler.toString(), "-print-file-name=" + file))
                                .strip());
        return library.isAbsolute() && Files.exists(library)
                ? Optional.of(library)
                : Optional.empty();
    }

    static Path sources() {
        return Path.of(System.getProperty("cortado.cuda.emulator", "src/test/emulator"))
                .toAbsolutePath();
    }

    private static List<Path> driverSources(String ending) {
        try (Stream<Path> files = Files.list(sources())) {
            return files.filter(f -> f.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> flags(String optimisation, boolean ofKernels) {
        List<String> flags = new ArrayList<>(FLAGS);
        flags.add(optimisation);
        if (sanitized) {
            flags.addAll(SANITIZED);
        } else {
            flags.add("-DEMU_CHECK_ALIGNMENT=1");
            if (ofKernels) {
                flags.add(ALIGNED);
            }
        }
        return flags;
    }

    /** The directory with the library, built now if need be. */
    Path build() {
        String optimisation = sanitized ? "-O1" : "-O2";
        List<String> all = new ArrayList<>(flags(optimisation, true));
        KernelSources.headers().forEach(f -> all.add(rewrite(KernelSources.text(f))));
        KernelSources.files()
                .forEach(f -> all.add(translate(KernelSources.name(f), KernelSources.text(f))));
        driverSources(".h").forEach(f -> all.add(KernelSources.text(f)));
        driverSources(".cpp").forEach(f -> all.add(KernelSources.text(f)));
        Path directory = base.resolve(KernelSources.hash(all).substring(0, 16));
        return made(directory, LIBRARY, library -> compile(directory, optimisation, library))
                .getParent();
    }

    /**
     * A kernel source and the headers that it includes, something of which somebody has changed,
     * and the kernels that are wanted of it.
     */
    record Changed(String name, String source, Map<String, String> headers, List<Kernel> kernels) {}

    static Map<String, String> originalHeaders() {
        Map<String, String> headers = new LinkedHashMap<>();
        KernelSources.headers()
                .forEach(h -> headers.put(h.getFileName().toString(), KernelSources.text(h)));
        return headers;
    }

    /**
     * A library with the kernels of changed sources, a namespace for each: one compilation for all
     * of them, since most of it is the same.
     *
     * @param driver the directory that {@link #build} returned
     */
    Path build(Path driver, String title, List<Changed> changed) {
        StringBuilder text = new StringBuilder("#include \"cuda_cpu.h\"\n");
        for (int i = 0; i < changed.size(); i++) {
            Changed c = changed.get(i);
            text.append("namespace changed").append(i).append(" {\n");
            text.append(inlined(c.name + ".cu", c.source, c.headers, new HashSet<>()));
            text.append("\n#line 1 \"registration of ").append(c.name).append("\"\n");
            for (Kernel kernel : c.kernels) {
                text.append(
                        String.format(
                                Locale.ROOT,
                                "EMU_REGISTER_CHANGED(%d, %s)\n",
                                i,
                                kernel.function()));
            }
            text.append("}\n");
        }
        List<String> flags = flags(CHANGED, true);
        List<String> all = new ArrayList<>(flags);
        all.add(text.toString());
        Path directory = driver.resolve("changed").resolve(KernelSources.hash(all));
        return made(
                directory,
                title + ".so",
                library -> {
                    List<Path> objects = List.of(object(directory, title, text.toString(), flags));
                    link(objects, library, title, driver.resolve(LIBRARY).toString());
                });
    }

    /** A source with the text of its headers, and with kernels that are not seen from outside. */
    private static String inlined(
            String name, String source, Map<String, String> headers, Set<String> seen) {
        StringBuilder text = new StringBuilder("#line 1 \"" + name + "\"\n");
        int number = 1;
        for (String line : rewrite(source).split("\n")) {
            Matcher include = INCLUDE.matcher(line);
            if (include.matches() && seen.add(include.group(1))) {
                String header = include.group(1);
                text.append(inlined(header, headers.get(header), headers, seen));
                text.append("\n#line ").append(number + 1);
                text.append(" \"").append(name).append("\"\n");
            } else if (include.matches() || line.equals("#pragma once")) {
                text.append('\n');
            } else {
                text.append(line.replace("extern \"C\" __global__", "static __global__"));
                text.append('\n');
            }
            number++;
        }
        return text.toString();
    }

    /** What writes a library to a file. */
    @FunctionalInterface
    private interface Maker {
        void make(Path library) throws IOException;
    }

    /** The library of that name, which is there as a whole or not at all. */
    private static Path made(Path directory, String name, Maker maker) {
        Path library = directory.resolve(name);
        if (!Files.exists(library)) {
            try {
                Files.createDirectories(directory);
                Path making = directory.resolve("making.so");
                maker.make(making);
                Files.move(making, library, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return library;
    }

    private static void writeHeaders(Path directory, Map<String, String> headers)
            throws IOException {
        for (Map.Entry<String, String> header : headers.entrySet()) {
            Files.writeString(directory.resolve(header.getKey()), rewrite(header.getValue()));
        }
    }

    private void compile(Path directory, String optimisation, Path library) throws IOException {
        writeHeaders(directory, originalHeaders());
        List<Callable<Path>> objects = new ArrayList<>();
        for (Path file : driverSources(".cpp")) {
            String source = "#include \"" + file + "\"\n";
            String name = file.getFileName().toString();
            objects.add(() -> object(directory, name, source, flags(optimisation, false)));
        }
        for (Path file : KernelSources.files()) {
            String name = KernelSources.name(file);
            String source = translate(name, KernelSources.text(file));
            objects.add(() -> object(directory, name, source, flags(optimisation, true)));
        }
        link(inParallel(objects), library, LIBRARY, "-ldl");
    }

    /** Calls all of them on as many threads as there are processors. */
    static <T> List<T> inParallel(List<Callable<T>> calls) {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> result : threads.invokeAll(calls)) {
                results.add(result.get());
            }
            return results;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Path object(Path directory, String name, String source, List<String> flags)
            throws IOException {
        Path file = directory.resolve(name + ".cpp");
        Path object = directory.resolve(name + ".o");
        Files.writeString(file, source);
        List<String> command = new ArrayList<>(List.of(compiler.toString()));
        command.addAll(flags);
        command.addAll(List.of("-I" + directory, "-I" + sources()));
        command.addAll(List.of("-c", file.toString(), "-o", object.toString()));
        Command.run(command);
        return object;
    }

    private void link(List<Path> objects, Path library, String soname, String with) {
        List<String> command = new ArrayList<>(List.of(compiler.toString()));
        if (sanitized) {
            command.addAll(SANITIZED);
        }
        command.add("-shared");
        command.add("-Wl,-soname," + soname);
        objects.forEach(o -> command.add(o.toString()));
        command.addAll(List.of(with, "-o", library.toString()));
        Command.run(command);
    }

    /** A kernel source as C++, with the registration of its kernels. */
    private static String translate(String name, String source) {
        StringBuilder text = new StringBuilder();
        text.append("#include \"cuda_cpu.h\"\n");
        // Hidden: the C library has functions called advance and step, and would be asked first.
        text.append("#pragma GCC visibility push(hidden)\n");
        text.append("#line 1 \"").append(name).append(".cu\"\n");
        text.append(rewrite(source));
        text.append("\n#line 1 \"registration of ").append(name).append("\"\n");
        for (String kernel : KernelSources.kernels(source)) {
            text.append("EMU_REGISTER(").append(kernel).append(")\n");
        }
        return text.toString();
    }

    private static String rewrite(String source) {
        String text = DYNAMIC.matcher(source).replaceAll("EMU_DYNAMIC_SHARED($1, $2);");
        return SHARED.matcher(text).replaceAll("EMU_SHARED($1, $2, $3);");
    }
}
