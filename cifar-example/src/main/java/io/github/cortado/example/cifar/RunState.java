package io.github.cortado.example.cifar;

import io.github.cortado.io.Checkpoint;
import io.github.cortado.io.Json;
import io.github.cortado.io.JsonException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The state after an epoch, from which a run goes on as if it had never stopped. What had been done
 * of a later epoch is done again.
 */
final class RunState {
    private static final String HISTORY = "history";
    private static final String COUNTERS = "counters before validation";

    private final RunFiles files;
    private final Recipe recipe;
    private final Map<String, String> options;

    /**
     * The state of runs in a directory.
     *
     * @param options names and values of what a resumed run must have in common with the first
     */
    RunState(RunFiles files, Recipe recipe, Map<String, String> options) {
        this.files = files;
        this.recipe = recipe;
        this.options = options;
    }

    /**
     * Saves the state after an epoch. The history is part of it, so that both are of one run.
     *
     * @param epochs all that are done
     * @param countersBefore the model's counters before the last validation
     */
    void save(Course course, List<Epoch> epochs, Map<String, Long> countersBefore)
            throws IOException {
        Map<String, String> extra = new LinkedHashMap<>(options);
        extra.put(HISTORY, Json.write(epochs.stream().map(e -> e.toJson(recipe)).toList()));
        extra.put(COUNTERS, Json.write(countersBefore));
        extra.putAll(course.words());
        Checkpoint.save(files.file(RunFiles.CHECKPOINT), course.state(), course.optimizer(), extra);
    }

    /**
     * What a state says besides the weights.
     *
     * @param epochs that are done
     * @param countersBefore the model's counters before the last validation, to validate again
     */
    record Saved(List<Epoch> epochs, Map<String, Long> countersBefore) {}

    /**
     * Puts the saved state into the model and its course.
     *
     * @throws UserErrorException where there is no state, it is damaged, or it is of a run with
     *     other options
     */
    Saved restore(Classifier model, Course course) throws IOException {
        Path file = files.directory().resolve(RunFiles.CHECKPOINT);
        if (!Files.isRegularFile(file)) {
            throw UserErrorException.usage("--resume: there is no %s", file);
        }
        Map<String, String> saved;
        try {
            saved = Checkpoint.restore(file, course.state(), course.optimizer());
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("--resume: %s", e.getMessage());
        }
        options.forEach(
                (name, value) -> {
                    if (!value.equals(saved.get(name))) {
                        throw UserErrorException.usage(
                                "--resume: %s is of a run with %s %s, not %s",
                                file, name, saved.get(name), value);
                    }
                });
        try {
            course.restore(saved);
        } catch (IllegalArgumentException e) {
            throw UserErrorException.failed("--resume: %s: %s", file, e.getMessage());
        }
        SavedModel.firstThatIsNoNumber(model)
                .ifPresent(
                        name -> {
                            throw UserErrorException.failed(
                                    "--resume: %s: %s holds values that are no numbers",
                                    file, name);
                        });
        try {
            return new Saved(
                    history(file, Json.parse(saved.getOrDefault(HISTORY, ""))),
                    counters(file, Json.parse(saved.getOrDefault(COUNTERS, ""))));
        } catch (JsonException e) {
            throw UserErrorException.failed(
                    "--resume: %s has no history that can be read (%s)", file, e.getMessage());
        }
    }

    private List<Epoch> history(Path file, Object json) {
        List<Epoch> epochs = new ArrayList<>();
        if (json instanceof List<?> entries) {
            for (Object entry : entries) {
                if (!(entry instanceof Map<?, ?> fields)) {
                    throw damaged(file, "epoch " + (epochs.size() + 1) + " is no object");
                }
                epochs.add(epoch(file, fields, epochs.size() + 1));
            }
        }
        if (epochs.isEmpty()) {
            throw damaged(file, "there is no epoch");
        }
        return epochs;
    }

    private Epoch epoch(Path file, Map<?, ?> fields, int number) {
        Epoch epoch;
        try {
            epoch = Epoch.fromJson(fields, recipe);
        } catch (IllegalArgumentException e) {
            throw damaged(file, String.valueOf(e.getMessage()));
        }
        if (epoch.epoch() != number) {
            throw damaged(file, "epoch " + epoch.epoch() + " stands in place of " + number);
        }
        return epoch;
    }

    private static Map<String, Long> counters(Path file, Object json) {
        Map<String, Long> counters = new LinkedHashMap<>();
        if (json instanceof Map<?, ?> fields) {
            fields.forEach(
                    (name, value) -> {
                        if (name instanceof String key && value instanceof Long number) {
                            counters.put(key, number);
                        } else {
                            throw damaged(file, "counter " + name + " is " + value);
                        }
                    });
        }
        return counters;
    }

    private static UserErrorException damaged(Path file, String what) {
        return UserErrorException.failed("--resume: %s: in its history %s", file, what);
    }
}
