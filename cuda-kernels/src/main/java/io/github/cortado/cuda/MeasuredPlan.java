package io.github.cortado.cuda;

import io.github.cortado.io.Json;
import io.github.cortado.io.JsonException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What was measured to be the fastest way for which task, on one kind of GPU with one version of
 * each library; kept for the process and, where a file is named, in that file as well.
 *
 * <pre>{@code
 * {
 *   "format": "cortado-cuda-plan-1",
 *   "machine": {"gpu": "NVIDIA H100", "capability": 90, "cublas": 130101, "cudnn": 92400},
 *   "choices": [
 *     {"task": "conv2d fp32 ...", "way": "cudnn:1", "microseconds": {"own": 9.1, "cudnn:1": 7.4}}
 *   ]
 * }
 * }</pre>
 *
 * A choice has {@code "eagerly": {"cudnn:2": "why"}} too where runs of a way could not be captured
 * into a graph, so that its time may be that of the host; such a way is not chosen.
 */
final class MeasuredPlan {
    private static final String FORMAT = "cortado-cuda-plan-1";

    private final Map<String, Object> machine;
    private final @Nullable Path file;
    private final Map<String, Map<String, Object>> choices = new LinkedHashMap<>();

    private MeasuredPlan(Map<String, Object> machine, @Nullable Path file) {
        this.machine = machine;
        this.file = file;
    }

    /**
     * A plan for this machine, with what the file holds.
     *
     * @param machine what measurements depend on
     * @param mayBeNew whether the file need not be there yet
     * @throws IllegalArgumentException if the file is none, or another machine's
     */
    static MeasuredPlan open(Map<String, Object> machine, @Nullable Path file, boolean mayBeNew) {
        MeasuredPlan plan = new MeasuredPlan(machine, file);
        if (file != null && (Files.exists(file) || !mayBeNew)) {
            try {
                plan.read(Json.load(file), file);
            } catch (JsonException e) {
                throw new IllegalArgumentException(e.getMessage(), e);
            } catch (IOException e) {
                throw new IllegalArgumentException(
                        Preferences.PLAN + "=" + file + " cannot be read: " + e, e);
            }
        }
        return plan;
    }

    private void read(Object json, Path from) {
        if (!(json instanceof Map<?, ?> plan) || !FORMAT.equals(plan.get("format"))) {
            throw new IllegalArgumentException(from + " is no plan of format " + FORMAT);
        }
        if (!machine.equals(plan.get("machine"))) {
            throw new IllegalArgumentException(
                    from
                            + " was measured with "
                            + plan.get("machine")
                            + ", and this is "
                            + machine
                            + ": measure anew, into another file");
        }
        if (!(plan.get("choices") instanceof List<?> all)) {
            throw new IllegalArgumentException(from + " has no choices");
        }
        for (Object one : all) {
            if (!(one instanceof Map<?, ?> choice)
                    || !(choice.get("task") instanceof String task)
                    || !(choice.get("way") instanceof String way)
                    || !(choice.get("microseconds") instanceof Map<?, ?> times)) {
                throw new IllegalArgumentException(from + " has a choice that is none: " + one);
            }
            Map<?, ?> eagerly = choice.get("eagerly") instanceof Map<?, ?> m ? m : Map.of();
            choices.put(task, choice(task, Way.parse(way), times, eagerly));
        }
    }

    private static Map<String, Object> choice(
            String task, Way way, Map<?, ?> microseconds, Map<?, ?> eagerly) {
        Map<String, Object> choice = new LinkedHashMap<>();
        choice.put("task", task);
        choice.put("way", way.toString());
        choice.put("microseconds", microseconds);
        if (!eagerly.isEmpty()) {
            choice.put("eagerly", eagerly);
        }
        return choice;
    }

    /** The fastest way for a task, if it was measured. */
    Optional<Way> fastest(Task task) {
        return Optional.ofNullable(choices.get(task.toString()))
                // As choice() puts it there.
                .map(choice -> Way.parse((String) Objects.requireNonNull(choice.get("way"))));
    }

    /**
     * Notes what was measured, and returns the fastest of the ways that a graph can hold: a step
     * that is recorded would stop at another one.
     */
    Way add(Task task, Map<Way, Stopwatch.Time> measured) {
        Way fastest = Way.OWN;
        double least = Double.POSITIVE_INFINITY;
        Map<String, Object> times = new LinkedHashMap<>();
        Map<String, Object> eagerly = new LinkedHashMap<>();
        for (Map.Entry<Way, Stopwatch.Time> one : measured.entrySet()) {
            double microseconds = one.getValue().microseconds();
            times.put(one.getKey().toString(), microseconds);
            Optional<String> eager = one.getValue().eagerly();
            eager.ifPresent(why -> eagerly.put(one.getKey().toString(), why));
            if (microseconds < least && (eager.isEmpty() || one.getKey().isOwn())) {
                least = microseconds;
                fastest = one.getKey();
            }
        }
        choices.put(task.toString(), choice(task.toString(), fastest, times, eagerly));
        save();
        return fastest;
    }

    private void save() {
        if (file == null) {
            return;
        }
        Map<String, Object> plan = new LinkedHashMap<>();
        plan.put("format", FORMAT);
        plan.put("machine", machine);
        plan.put("choices", new ArrayList<>(choices.values()));
        try {
            Json.save(file, plan);
        } catch (IOException e) {
            throw new UncheckedIOException(Preferences.PLAN + "=" + file, e);
        }
    }
}
