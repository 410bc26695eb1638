package io.github.cortado.gpucheck;

import io.github.cortado.benchmarks.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code nvidia-smi} says, where it is. It is only asked, and changes nothing. */
final class SystemManagement {
    private static final String FIELDS =
            "name,driver_version,compute_cap,memory.total,memory.used,clocks.sm,clocks.mem,"
                    + "clocks.max.sm,clocks.max.mem,power.draw,power.limit,temperature.gpu,pstate,"
                    + "compute_mode,mig.mode.current,ecc.mode.current";
    private static final String AT_WORK = "clocks.sm,clocks.mem,power.draw,temperature.gpu,pstate";
    private static final Pattern CUDA = Pattern.compile("CUDA Version: *(\\S+)");
    private static final double SECONDS = 20;

    private SystemManagement() {}

    /** Notes its answer on the first GPU among the facts; returns where it is. */
    static Optional<Path> facts(Run run) {
        Optional<Path> smi =
                Machine.program("nvidia-smi", "/usr/local/nvidia/bin", "/usr/lib/wsl/lib");
        if (smi.isEmpty()) {
            run.fact("nvidia-smi", "none");
            return smi;
        }
        Setup plain = Setup.own("");
        Child query = run.run("nvidia-smi", plain, new Program(query(smi.get(), FIELDS)), SECONDS);
        run.fact(
                "nvidia-smi",
                query.isGood() ? parse(FIELDS, query.text()) : query.failure().strip());
        // With its processes and its table; the version of CUDA stands nowhere else.
        Program all = new Program(List.of(smi.get().toString()));
        Matcher cuda = CUDA.matcher(run.run("nvidia-smi-all", plain, all, SECONDS).text());
        run.fact("driver's CUDA", cuda.find() ? cuda.group(1) : "not said");
        return smi;
    }

    private static List<String> query(Path smi, String fields) {
        return List.of(smi.toString(), "--query-gpu=" + fields, "--format=csv,noheader");
    }

    /** Starts to ask what a GPU that is at work says of its clocks. */
    static Process atWork(Path smi) throws IOException {
        return new ProcessBuilder(query(smi, AT_WORK)).redirectErrorStream(true).start();
    }

    /** What that process answered. */
    static Map<String, Object> atWork(Process asked) throws IOException {
        return parse(
                AT_WORK, new String(asked.getInputStream().readAllBytes(), StandardCharsets.UTF_8));
    }

    /** The first line of an answer, by the names of the fields. */
    static Map<String, Object> parse(String names, String answer) {
        List<String> values =
                new ArrayList<>(List.of(answer.lines().findFirst().orElse("").split(",")));
        Map<String, Object> fields = new LinkedHashMap<>();
        String[] all = names.split(",");
        for (int i = 0; i < Math.min(all.length, values.size()); i++) {
            fields.put(all[i], values.get(i).strip());
        }
        return fields;
    }

    /** The first line of an answer to the question for the facts. */
    static Map<String, Object> parse(String answer) {
        return parse(FIELDS, answer);
    }
}
