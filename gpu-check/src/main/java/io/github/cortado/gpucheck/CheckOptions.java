package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Arguments;
import io.github.cortado.benchmarks.Arguments.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What was asked for on the command line.
 *
 * @param line the words as they were typed
 * @param choice of sections
 * @param budget seconds for everything together
 * @param out directory of the report
 * @param device cuda, or another one to rehearse on
 * @param data a directory with CIFAR-10 or an archive of it
 * @param python the interpreter that has PyTorch; searched for where it is not named
 * @param libraries directories with NVIDIA's libraries, separated by colons; may be empty
 * @param ncu whether kernels are to be profiled too
 */
record CheckOptions(
        List<String> line,
        Choice choice,
        int budget,
        Path out,
        String device,
        Optional<Path> data,
        Optional<String> python,
        String libraries,
        boolean ncu) {
    /** The device that this is about. */
    static final String CUDA = "cuda";

    /** The first word, where a machine is visited in two halves. */
    private static final String VISIT = "visit";

    /**
     * Reads the command line.
     *
     * @throws UsageException for what cannot be understood, or a file that is not there
     */
    static CheckOptions parse(List<String> line) {
        Map<String, String> defaults = new LinkedHashMap<>();
        boolean visit = !line.isEmpty() && line.get(0).equals(VISIT);
        if (visit) {
            defaults.put("half", "");
            defaults.put("again", "");
        } else {
            defaults.put("only", "");
        }
        defaults.put("budget", "");
        defaults.put("out", "gpu-check-report");
        defaults.put("device", CUDA);
        defaults.put("data", "");
        defaults.put("python", "");
        defaults.put("libraries", "");
        defaults.put("ncu", "false");
        Arguments a = Arguments.parse(line.subList(visit ? 1 : 0, line.size()), defaults);
        Choice choice =
                visit
                        ? new Choice(List.of(), a.count("half"), words(a.text("again")))
                        : new Choice(words(a.text("only")), 0, List.of());
        Optional<Path> data = given(a.text("data")).map(Path::of);
        if (data.isPresent() && !Files.exists(data.get())) {
            throw new UsageException("--data: there is no " + data.get());
        }
        return new CheckOptions(
                List.copyOf(line),
                choice,
                a.text("budget").isEmpty() ? choice.budget() : a.count("budget"),
                Path.of(a.text("out")),
                a.text("device"),
                data,
                given(a.text("python")),
                a.text("libraries"),
                a.on("ncu"));
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split(",")).filter(w -> !w.isBlank()).toList();
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
