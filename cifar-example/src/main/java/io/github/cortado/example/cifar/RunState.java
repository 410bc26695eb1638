package io.github.cortado.example.cifar;

import io.github.cortado.io.Checkpoint;
import io.github.cortado.io.Json;
import io.github.cortado.optim.Adam;
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
    private static final String EPOCH = "epoch";

    private final RunFiles files;
    private final Map<String, String> options;

    /**
     * The state of runs in a directory.
     *
     * @param options names and values of what a resumed run must have in common with the first
     */
    RunState(RunFiles files, Map<String, String> options) {
        this.files = files;
        this.options = options;
    }

    void save(LeNet model, Adam optimizer, int epoch) throws IOException {
        Map<String, String> extra = new LinkedHashMap<>(options);
        extra.put(EPOCH, Integer.toString(epoch));
        Checkpoint.save(files.file(RunFiles.CHECKPOINT), model, optimizer, extra);
    }

    /**
     * Puts the saved state into model and optimizer.
     *
     * @return the epochs that are done
     * @throws UserErrorException where there is no state, or it is of a run with other options
     */
    List<Epoch> restore(LeNet model, Adam optimizer) throws IOException {
        Path file = files.directory().resolve(RunFiles.CHECKPOINT);
        if (!Files.isRegularFile(file)) {
            throw UserErrorException.usage("--resume: there is no %s", file);
        }
        Map<String, String> saved;
        try {
            saved = Checkpoint.restore(file, model, optimizer);
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
        return history(Integer.parseInt(saved.getOrDefault(EPOCH, "0")));
    }

    /** The first epochs of the history, which may be one ahead of the state. */
    private List<Epoch> history(int count) throws IOException {
        Path file = files.directory().resolve(RunFiles.HISTORY);
        List<Epoch> epochs = new ArrayList<>();
        if (Json.load(file) instanceof List<?> entries && entries.size() >= count) {
            for (Object entry : entries.subList(0, count)) {
                epochs.add(Epoch.fromJson((Map<?, ?>) entry));
            }
            return epochs;
        }
        throw UserErrorException.failed("--resume: %s has not the %d epochs done", file, count);
    }
}
