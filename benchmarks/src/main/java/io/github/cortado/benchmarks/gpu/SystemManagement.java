package io.github.cortado.benchmarks.gpu;

import io.github.cortado.benchmarks.Program;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code nvidia-smi} says, where it is. It is only asked, and changes nothing. */
final class SystemManagement {
    private static final String FIELDS =
            "name,driver_version,memory.total,memory.used,clocks.sm,clocks.mem,clocks.max.sm,"
                    + "clocks.max.mem,power.draw,temperature.gpu,pstate";
    private static final double SECONDS = 20;

    private SystemManagement() {}

    /** Its answer on the first GPU, by the names of the fields. */
    static Optional<Map<String, Object>> of(Run run) {
        Optional<Path> program =
                Machine.program(
                        "nvidia-smi", "/usr/bin", "/usr/local/nvidia/bin", "/usr/lib/wsl/lib");
        if (program.isEmpty()) {
            return Optional.empty();
        }
        Child child =
                run.run(
                        "nvidia-smi",
                        Setup.own(""),
                        new Program(
                                List.of(
                                        program.get().toString(),
                                        "--query-gpu=" + FIELDS,
                                        "--format=csv,noheader")),
                        SECONDS);
        return child.isGood() ? Optional.of(parse(child.text())) : Optional.empty();
    }

    /** The first line of its answer. */
    static Map<String, Object> parse(String answer) {
        List<String> values =
                new ArrayList<>(List.of(answer.lines().findFirst().orElse("").split(",")));
        Map<String, Object> fields = new LinkedHashMap<>();
        String[] names = FIELDS.split(",");
        for (int i = 0; i < Math.min(names.length, values.size()); i++) {
            fields.put(names[i], values.get(i).strip());
        }
        return fields;
    }
}
