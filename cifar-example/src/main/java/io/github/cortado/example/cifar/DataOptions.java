package io.github.cortado.example.cifar;

import io.github.cortado.data.Dataset;
import io.github.cortado.vision.Cifar10;
import io.github.cortado.vision.SyntheticShapes;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which pictures, and where they come from. */
final class DataOptions {
    /** Names a directory with the data, as {@code --data-dir} does. */
    static final String ENVIRONMENT_VARIABLE = "CORTADO_DATA";

    private static final String AUTO = "auto";
    private static final String CIFAR10 = "cifar10";
    private static final String SYNTHETIC = "synthetic";
    private static final Path DEFAULT_DIRECTORY = Path.of("data");
    private static final double MEGABYTE = 1e6;

    /** As many synthetic pictures as CIFAR-10 has, and the same ones whatever the run's seed. */
    private static final int TRAINING = 50_000;

    private static final int VALIDATION = 10_000;
    private static final long SYNTHETIC_SEED = 0;

    @Option(
            names = "--dataset",
            defaultValue = AUTO,
            paramLabel = "auto|cifar10|synthetic",
            description = {
                "cifar10, found or downloaded; synthetic, drawn, built in;",
                "auto: the first if it can be had, else the second, unless --data-dir says where",
                "it is (default: ${DEFAULT-VALUE})."
            })
    private String choice = AUTO;

    @Option(
            names = "--data-dir",
            paramLabel = "DIR",
            description = {
                "Directory with CIFAR-10's binary version, or to download it to",
                "(default: $CORTADO_DATA, then data)."
            })
    private @Nullable Path directory;

    @Option(
            names = "--data-name",
            paramLabel = "NAME",
            description = "What titles and report call the pictures (default: CIFAR-10).")
    private @Nullable String name;

    @Option(
            names = "--limit-valid",
            defaultValue = "0",
            paramLabel = "N",
            description = "Validate with the first N pictures only (default: all).")
    private int validationLimit;

    /**
     * Looks at the options alone.
     *
     * @throws UserErrorException where one cannot be right
     */
    void check(int trainingLimit) {
        if (!List.of(AUTO, CIFAR10, SYNTHETIC).contains(choice)) {
            throw UserErrorException.usage(
                    "--dataset: expected auto, cifar10 or synthetic, got '%s'", choice);
        }
        checkLimit("--limit-train", trainingLimit, TRAINING);
        checkLimit("--limit-valid", validationLimit, VALIDATION);
        if (name != null && name.isBlank()) {
            throw UserErrorException.usage("--data-name: expected a name, got a blank");
        }
        if (directory != null && Files.exists(directory) && !Files.isDirectory(directory)) {
            throw UserErrorException.usage("--data-dir: %s is not a directory", directory);
        }
    }

    private static void checkLimit(String option, int limit, int there) {
        if (limit < 0 || limit > there) {
            throw UserErrorException.usage(
                    "%s: expected 1 to %d pictures, or 0 for all, got %d", option, there, limit);
        }
    }

    /**
     * Finds, downloads or draws the pictures, saying so.
     *
     * @param trainingLimit how many to train with, 0 for all
     * @throws IOException where files that are there are damaged
     * @throws UserErrorException where CIFAR-10 is asked for, or a directory named that is to have
     *     it, and it cannot be had
     */
    Pictures open(
            int trainingLimit, PrintWriter out, ProgressBar bar, Map<String, String> environment)
            throws IOException {
        if (choice.equals(SYNTHETIC)) {
            return synthetic(trainingLimit);
        }
        Set<Path> places = places(environment);
        for (Path place : places) {
            Optional<Path> found = Cifar10.locate(place);
            if (found.isPresent()) {
                return cifar10(trainingLimit, found.get(), out);
            }
        }
        Path target = places.iterator().next();
        try {
            download(target, out, bar);
        } catch (IOException e) {
            String why =
                    String.join(" or ", places.stream().map(Path::toString).toList())
                            + " and cannot be downloaded: "
                            + Reason.of(e);
            if (choice.equals(CIFAR10) || directory != null) {
                throw UserErrorException.failed(
                        "CIFAR-10 is not in %s. Three ways to provide it: unpack"
                                + " cifar-10-binary.tar.gz anywhere and name that directory with"
                                + " --data-dir; or with the environment variable %s; or unpack it"
                                + " in the directory %s",
                        why, ENVIRONMENT_VARIABLE, DEFAULT_DIRECTORY.toAbsolutePath());
            }
            out.println("CIFAR-10 is not in " + why + "; using " + Pictures.NOT_CIFAR + ".");
            return synthetic(trainingLimit);
        } finally {
            bar.erase();
        }
        return cifar10(trainingLimit, target, out);
    }

    /** In the order in which they are looked at. */
    private Set<Path> places(Map<String, String> environment) {
        Set<Path> places = new LinkedHashSet<>();
        if (directory != null) {
            places.add(directory);
        }
        String variable = environment.getOrDefault(ENVIRONMENT_VARIABLE, "");
        if (!variable.isBlank()) {
            try {
                places.add(Path.of(variable));
            } catch (InvalidPathException e) {
                throw UserErrorException.usage("%s: %s", ENVIRONMENT_VARIABLE, e.getMessage());
            }
        }
        places.add(DEFAULT_DIRECTORY);
        return places;
    }

    private static void download(Path target, PrintWriter out, ProgressBar bar) throws IOException {
        boolean[] begun = {false};
        Cifar10.download(
                target,
                (bytes, total) -> {
                    if (!begun[0]) {
                        begun[0] = true;
                        out.println("Downloading CIFAR-10 to " + target);
                        bar.begin(bytes);
                    }
                    bar.show("downloading", bytes, total, "MB", MEGABYTE);
                });
    }

    private Pictures cifar10(int trainingLimit, Path place, PrintWriter out) throws IOException {
        Cifar10 training = Cifar10.train(place);
        Cifar10 validation = Cifar10.test(place);
        out.println("Files already downloaded and verified");
        return new Pictures(
                first(training, trainingLimit),
                first(validation, validationLimit),
                name == null ? "CIFAR-10" : name,
                true);
    }

    private static Dataset first(Dataset all, int limit) {
        return limit == 0 ? all : all.first(limit);
    }

    private Pictures synthetic(int trainingLimit) {
        return new Pictures(
                SyntheticShapes.train(orAll(trainingLimit, TRAINING), SYNTHETIC_SEED),
                SyntheticShapes.test(orAll(validationLimit, VALIDATION), SYNTHETIC_SEED),
                name == null ? Pictures.NOT_CIFAR : name + ": " + Pictures.NOT_CIFAR,
                false);
    }

    private static int orAll(int limit, int all) {
        return limit == 0 ? all : limit;
    }
}
