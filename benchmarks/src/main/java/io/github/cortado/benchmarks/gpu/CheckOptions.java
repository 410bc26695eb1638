package io.github.cortado.benchmarks.gpu;

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
 * @param only names of sections, empty for all
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
        List<String> only,
        int budget,
        Path out,
        String device,
        Optional<Path> data,
        Optional<String> python,
        String libraries,
        boolean ncu) {
    /** The device that this is about. */
    static final String CUDA = "cuda";

    /** Eight minutes, less what it takes to stop and to write. */
    static final int BUDGET = 470;

    /**
     * Reads the command line.
     *
     * @throws UsageException for what cannot be understood, or a file that is not there
     */
    static CheckOptions parse(List<String> line) {
        Map<String, String> defaults = new LinkedHashMap<>();
        defaults.put("only", "");
        defaults.put("budget", "" + BUDGET);
        defaults.put("out", "gpu-check-report");
        defaults.put("device", CUDA);
        defaults.put("data", "");
        defaults.put("python", "");
        defaults.put("libraries", "");
        defaults.put("ncu", "false");
        Arguments a = Arguments.parse(line, defaults);
        Optional<Path> data = given(a.text("data")).map(Path::of);
        if (data.isPresent() && !Files.exists(data.get())) {
            throw new UsageException("--data: there is no " + data.get());
        }
        return new CheckOptions(
                List.copyOf(line),
                Arrays.stream(a.text("only").split(",")).filter(w -> !w.isBlank()).toList(),
                a.count("budget"),
                Path.of(a.text("out")),
                a.text("device"),
                data,
                given(a.text("python")),
                a.text("libraries"),
                a.on("ncu"));
    }

    private static Optional<String> given(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    /**
     * The sections that were asked for, in their own order.
     *
     * @throws UsageException naming those that there are, if one is not among them
     */
    List<Section> selected(List<Section> all) {
        List<String> names = all.stream().map(Section::name).toList();
        for (String name : only) {
            if (!names.contains(name)) {
                throw new UsageException(
                        "--only: there is no section '"
                                + name
                                + "'; there are "
                                + String.join(", ", names));
            }
        }
        return all.stream().filter(s -> only.isEmpty() || only.contains(s.name())).toList();
    }
}
