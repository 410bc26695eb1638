package io.github.cortado.oracle;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.Json;
import io.github.cortado.io.SafeTensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A directory of reference results: JSON manifests, and tensors beside them. */
record OracleDirectory(Path path) {
    /** Where a build finds its directory by itself, seen from its root. */
    static final Path BESIDE = Path.of("..", "shared", "oracle");

    /**
     * The directory to test against: the one that the property names (relative to the root of the
     * build), else shared/oracle beside the checkout, else the small one among the resources.
     *
     * @throws AssertionError if a named directory is not there, or on CI if shared/ is there but
     *     has no reference results
     */
    static OracleDirectory find(Path root, @Nullable String named, boolean onCi, Path small) {
        if (named != null && !named.isEmpty()) {
            Path path = root.resolve(named).normalize();
            if (!Files.isDirectory(path)) {
                throw new AssertionError("cortado.oracle: " + path + " is not a directory");
            }
            return new OracleDirectory(path);
        }
        Path beside = root.resolve(BESIDE).normalize();
        if (Files.isDirectory(beside)) {
            return new OracleDirectory(beside);
        }
        if (onCi && Files.isDirectory(beside.getParent())) {
            throw new AssertionError(
                    "CI=true and "
                            + beside.getParent()
                            + " is there, but "
                            + beside
                            + " is not: the small copy would hide that");
        }
        return new OracleDirectory(small);
    }

    /** Those in a directory that have operations, by name. */
    static List<OracleDirectory> within(Path parent) {
        try (Stream<Path> all = Files.list(parent)) {
            return all.map(OracleDirectory::new)
                    .filter(d -> d.has("ops.json"))
                    .sorted(Comparator.comparing(OracleDirectory::path))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The root of the multi-module build: as Maven says, else above the working directory. */
    static Path buildRoot() {
        String said = System.getProperty("cortado.root");
        if (said != null && !said.isEmpty()) {
            return Path.of(said);
        }
        Path p = Path.of("").toAbsolutePath();
        while (p.getParent() != null && !Files.isDirectory(p.resolve(".mvn"))) {
            p = p.getParent();
        }
        return p;
    }

    boolean has(String file) {
        return Files.exists(path.resolve(file));
    }

    Map<String, Tensor> tensors(String file) throws IOException {
        return SafeTensors.load(path.resolve(file));
    }

    /** The cases of a manifest, in order. */
    @SuppressWarnings("unchecked")
    List<Map<String, Object>> cases(String file) throws IOException {
        List<Map<String, Object>> cases = (List<Map<String, Object>>) Json.load(path.resolve(file));
        Set<String> names = new LinkedHashSet<>();
        for (Map<String, Object> c : cases) {
            if (!names.add((String) c.get("case"))) {
                throw new AssertionError(file + ": two cases are called " + c.get("case"));
            }
        }
        return cases;
    }

    /**
     * Runs every case of a manifest once and says how many that were.
     *
     * @return what went wrong, a line each
     */
    List<String> runAll(String stem, Device device, CaseRunner runner) throws IOException {
        Map<String, Tensor> tensors = tensors(stem + ".safetensors");
        List<String> faults = new ArrayList<>();
        Set<String> ran = new LinkedHashSet<>();
        Map<String, Double> worst = new LinkedHashMap<>();
        List<Map<String, Object>> cases = cases(stem + ".json");
        for (Map<String, Object> c : cases) {
            String name = (String) c.get("case");
            Function<String, Tensor> own =
                    part -> {
                        Tensor t = tensors.get(name + "/" + part);
                        if (t == null) {
                            throw new AssertionError("tensor " + name + "/" + part + " is missing");
                        }
                        return t;
                    };
            try {
                ran.add(name);
                runner.run(c, own, (what, error) -> worst.merge(what, error, Math::max));
            } catch (RuntimeException | AssertionError e) {
                faults.add(name + ": " + (e instanceof AssertionError ? e.getMessage() : e));
            }
        }
        System.out.printf(
                "OracleTest: %s/%s.json: %d of %d cases ran on %s, %d failed, largest errors %s%n",
                path, stem, ran.size(), cases.size(), device.description(), faults.size(), worst);
        if (ran.size() != cases.size() || cases.isEmpty()) {
            faults.add(ran.size() + " cases ran, the manifest has " + cases.size());
        }
        return faults;
    }

    /** Runs one case, reporting the errors it measures. */
    @FunctionalInterface
    interface CaseRunner {
        void run(Map<String, Object> c, Function<String, Tensor> tensors, Errors errors);
    }

    /** Takes the relative error of something. */
    @FunctionalInterface
    interface Errors {
        void note(String what, double error);
    }

    /** Throws unless {@code c} has these keys and no others. */
    static void checkKeys(Map<String, Object> c, String... keys) {
        if (!c.keySet().equals(Set.of(keys))) {
            throw new AssertionError(
                    "keys are " + new TreeSet<>(c.keySet()) + ", expected " + List.of(keys));
        }
    }

    /**
     * The relative error of the whole tensor, the norm of the difference over the norm of the
     * reference.
     *
     * @throws AssertionError if it is not at most {@code limit}, so also for NaN
     */
    static double relativeError(String what, Tensor found, Tensor expected, double limit) {
        if (!found.shape().equals(expected.shape())) {
            throw new AssertionError(
                    what + ": shape " + found.shape() + ", expected " + expected.shape());
        }
        double[] a = found.toDoubles();
        double[] b = expected.toDoubles();
        double difference = 0;
        double norm = 0;
        for (int i = 0; i < a.length; i++) {
            if (!Double.isFinite(b[i]) && Double.compare(a[i], b[i]) == 0) {
                continue;
            }
            difference += (a[i] - b[i]) * (a[i] - b[i]);
            norm += b[i] * b[i];
        }
        // Where the reference is all zeros, so must be the result.
        double error = difference == 0 ? 0 : Math.sqrt(difference / norm);
        if (!(error <= limit)) {
            throw new AssertionError(
                    what + ": relative error " + error + ", at most " + limit + " is allowed");
        }
        return error;
    }
}
