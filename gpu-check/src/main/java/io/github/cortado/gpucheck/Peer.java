package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * A Python interpreter that has PyTorch.
 *
 * @param description versions, for people
 * @param hasGpu whether PyTorch can use it
 * @param libraries directories of NVIDIA's libraries among its packages
 */
record Peer(String python, String description, boolean hasGpu, List<String> libraries) {
    private static final String PROBE = "probe_torch.py";
    private static final double SECONDS = 60;

    /**
     * Looks where the command line says, else where such an interpreter usually is.
     *
     * @param onGpu whether PyTorch has to see a GPU
     */
    static Found<Peer> search(Run run, boolean onGpu) {
        List<String> candidates = run.options().python().map(List::of).orElseGet(Peer::usualPlaces);
        if (candidates.isEmpty()) {
            return Found.no("there is no python3; --python names one");
        }
        List<String> reasons = new ArrayList<>();
        for (String python : candidates) {
            try {
                Child child =
                        run.run(
                                "probe-torch",
                                Setup.own(""),
                                Program.python(python, run.place().peer(PROBE)),
                                SECONDS);
                Map<?, ?> answer = child.whole().orElse(Map.of());
                if (answer.get("torch") instanceof String) {
                    Peer peer = peer(python, answer);
                    if (peer.hasGpu || !onGpu) {
                        return Found.yes(peer);
                    }
                    reasons.add(peer.description + " sees no GPU");
                } else {
                    reasons.add(
                            child.isGood()
                                    ? python + " has no module torch"
                                    : child.failure().strip());
                }
            } catch (Program.FailedException e) {
                reasons.add(e.getMessage());
            }
        }
        return Found.no(String.join("; ", reasons));
    }

    private static Peer peer(String python, Map<?, ?> answer) {
        List<String> libraries =
                answer.get("libraries") instanceof List<?> all
                        ? all.stream().map(Object::toString).toList()
                        : List.of();
        String description =
                String.format(
                        "PyTorch %s, CUDA %s, cuDNN %s, Python %s at %s",
                        answer.get("torch"),
                        answer.get("cuda"),
                        answer.get("cudnn"),
                        answer.get("python"),
                        python);
        return new Peer(python, description, Objects.equals(true, answer.get("gpu")), libraries);
    }

    private static List<String> usualPlaces() {
        Stream<String> onPath =
                Stream.of("python3", "python")
                        .flatMap(name -> Machine.program(name).stream())
                        .map(Path::toString);
        List<String> more = new ArrayList<>();
        more.add(System.getProperty("user.home") + "/torch/bin/python");
        more.add("/usr/bin/python3");
        more.add("/usr/local/bin/python3");
        try (DirectoryStream<Path> all = Files.newDirectoryStream(Path.of("/opt"))) {
            for (Path directory : all) {
                more.add(directory + "/bin/python3");
                more.add(directory + "/.venv/bin/python3");
            }
        } catch (IOException e) {
            // Then it is in none of them.
        }
        return Stream.concat(onPath, more.stream().filter(p -> Files.isExecutable(Path.of(p))))
                .distinct()
                .toList();
    }
}
