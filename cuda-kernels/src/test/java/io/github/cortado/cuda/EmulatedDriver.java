package io.github.cortado.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Pattern;

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
                    "-O2",
                    "-std=c++17",
                    "-fPIC",
                    "-ffp-contract=off",
                    "-fno-strict-aliasing",
                    "-Wall",
                    "-Wno-unknown-pragmas",
                    "-Wno-unused-variable",
                    "-Wno-unused-function",
                    "-Wno-maybe-uninitialized");
    private static final List<String> DRIVER = List.of("driver.cpp", "fibers.cpp");

    private final Path compiler;
    private final List<String> flags;
    private final Path base;

    private EmulatedDriver(Path compiler, List<String> flags, Path base) {
        this.compiler = compiler;
        this.flags = flags;
        this.base = base;
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

    /** With g++, if it is on the path. */
    static Optional<EmulatedDriver> find(String... moreFlags) {
        return Command.find("g++")
                .map(
                        compiler -> {
                            List<String> flags = new ArrayList<>(FLAGS);
                            flags.addAll(List.of(moreFlags));
                            return new EmulatedDriver(
                                    compiler, flags, Path.of("target/emulator").toAbsolutePath());
                        });
    }

    private static Path sources() {
        return Path.of(System.getProperty("cortado.cuda.emulator", "src/test/emulator"));
    }

    /** The directory with the library, built now if need be. */
    Path build() {
        List<String> all = new ArrayList<>(flags);
        KernelSources.headers().forEach(f -> all.add(rewrite(KernelSources.text(f))));
        KernelSources.files()
                .forEach(f -> all.add(translate(KernelSources.name(f), KernelSources.text(f))));
        for (String file :
                List.of("cuda_cpu.h", "tensor_cpu.h", "fibers.h", "fibers.cpp", "driver.cpp")) {
            all.add(KernelSources.text(sources().resolve(file)));
        }
        Path directory = base.resolve(KernelSources.hash(all).substring(0, 16));
        Path library = directory.resolve("libcuda.so.1");
        if (!Files.exists(library)) {
            try {
                Files.createDirectories(directory);
                prepareHeaders(directory);
                List<Path> objects = compile(directory);
                Path made = directory.resolve("making.so");
                link(objects, made, "libcuda.so.1", List.of("-ldl"));
                Files.move(made, library, StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return directory;
    }

    /**
     * A library with the kernels of one changed source, which replace those of the driver.
     *
     * @param driver the directory that {@link #build} returned
     */
    Path buildChanged(Path driver, String name, String source, String title) throws IOException {
        Path directory = Files.createDirectories(base.resolve("changed"));
        prepareHeaders(directory);
        Path object = object(directory, title, translate(name, source));
        Path library = directory.resolve(title + ".so");
        link(List.of(object), library, title, List.of(driver.resolve("libcuda.so.1").toString()));
        return library;
    }

    private static void prepareHeaders(Path directory) throws IOException {
        for (Path header : KernelSources.headers()) {
            Files.writeString(
                    directory.resolve(header.getFileName()), rewrite(KernelSources.text(header)));
        }
    }

    private List<Path> compile(Path directory) throws IOException {
        ExecutorService threads =
                Executors.newFixedThreadPool(Runtime.getRuntime().availableProcessors());
        try {
            List<Future<Path>> objects = new ArrayList<>();
            for (String file : DRIVER) {
                objects.add(
                        threads.submit(
                                () ->
                                        object(
                                                directory,
                                                file,
                                                "#include \""
                                                        + sources().resolve(file).toAbsolutePath()
                                                        + "\"\n")));
            }
            for (Path file : KernelSources.files()) {
                String name = KernelSources.name(file);
                String source = translate(name, KernelSources.text(file));
                objects.add(threads.submit(() -> object(directory, name, source)));
            }
            List<Path> done = new ArrayList<>();
            for (Future<Path> object : objects) {
                done.add(object.get());
            }
            return done;
        } catch (ExecutionException e) {
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        } finally {
            threads.shutdownNow();
        }
    }

    private Path object(Path directory, String name, String source) throws IOException {
        Path file = directory.resolve(name + ".cpp");
        Path object = directory.resolve(name + ".o");
        Files.writeString(file, source);
        List<String> command = new ArrayList<>(List.of(compiler.toString()));
        command.addAll(flags);
        command.addAll(
                List.of(
                        "-I" + directory,
                        "-I" + sources().toAbsolutePath(),
                        "-c",
                        file.toString(),
                        "-o",
                        object.toString()));
        Command.run(command);
        return object;
    }

    private void link(List<Path> objects, Path library, String soname, List<String> more) {
        List<String> command = new ArrayList<>(List.of(compiler.toString()));
        command.addAll(flags);
        command.add("-shared");
        command.add("-Wl,-soname," + soname);
        objects.forEach(o -> command.add(o.toString()));
        command.addAll(more);
        command.addAll(List.of("-o", library.toString()));
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
