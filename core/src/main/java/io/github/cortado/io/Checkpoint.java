package io.github.cortado.io;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.optim.Optimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the state of a training run in one file, so that a resumed run has the same bits as one
 * that never stopped.
 *
 * <p>The file is safetensors: the model's state dict as {@code model.NAME}, the optimizer's state
 * as {@code optimizer.INDEX.NAME} and its step counts as {@code optimizer.steps}. Learning rates,
 * counters of random layers and the caller's own strings are in its metadata.
 *
 * <p>Not in it are gradients, so save between steps; the switch between training and evaluation;
 * and the optimizer's other settings (betas, momentum, ...), which a program makes anew.
 */
public final class Checkpoint {
    private static final String VERSION = "cortado.checkpoint";
    private static final String OPTIMIZER = "cortado.optimizer";
    private static final String LR = "cortado.lr";
    private static final String COUNTERS = "cortado.counters";
    private static final String EXTRA = "extra.";
    private static final String MODEL = "model.";
    private static final String STATE = "optimizer.";
    private static final String STEPS = "steps";

    private Checkpoint() {}

    /**
     * Writes the state after a step, atomically: a crash leaves the previous file or the new one.
     *
     * @param file the file to replace; its directory must exist
     * @param model the network whose parameters, buffers and counters to keep
     * @param optimizer the optimizer whose state and learning rates to keep
     * @param extra what the caller needs to go on, such as epoch, step and the seed of the shuffle
     * @throws IOException if it cannot be written; the previous file is then untouched
     */
    public static void save(Path file, Block model, Optimizer optimizer, Map<String, String> extra)
            throws IOException {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        model.stateDict().forEach((name, t) -> tensors.put(MODEL + name, t));
        optimizer.stateTensors().forEach((name, t) -> tensors.put(STATE + name, t));
        tensors.put(STATE + STEPS, Tensor.of(optimizer.stepCounts()));

        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put(VERSION, "1");
        metadata.put(OPTIMIZER, optimizer.getClass().getSimpleName());
        // Hexadecimal digits are the bits themselves, also to a reader in another language.
        metadata.put(
                LR,
                Arrays.stream(optimizer.lrs())
                        .mapToObj(Double::toHexString)
                        .collect(Collectors.joining(" ")));
        metadata.put(COUNTERS, Json.write(model.counters()));
        extra.forEach((key, value) -> metadata.put(EXTRA + key, value));
        SafeTensors.save(file, tensors, metadata);
    }

    /**
     * Puts the state of a file into a model and an optimizer that were made as the saved ones were.
     *
     * @param file a file that {@link #save} wrote
     * @param model receives parameters, buffers and counters
     * @param optimizer receives its state and the learning rates
     * @return the {@code extra} strings that were saved
     * @throws SafeTensorsException if the file is malformed or not a checkpoint
     * @throws IOException if the file cannot be read
     * @throws IllegalArgumentException if it is of another kind of optimizer or does not fit the
     *     model; model and optimizer have not been changed then
     */
    public static Map<String, String> restore(Path file, Block model, Optimizer optimizer)
            throws IOException {
        SafeTensors.Contents contents = SafeTensors.read(file);
        Map<String, String> metadata = contents.metadata();
        if (!required(file, metadata, VERSION).equals("1")) {
            throw malformed(file, VERSION, required(file, metadata, VERSION), "1");
        }
        double[] lrs = learningRates(file, required(file, metadata, LR));
        Map<String, Long> counters = counters(file, required(file, metadata, COUNTERS));
        Map<String, Tensor> state = part(contents.tensors(), STATE);
        long[] steps = steps(file, state.remove(STEPS));
        try {
            checkOptimizer(required(file, metadata, OPTIMIZER), lrs.length, optimizer);
            load(part(contents.tensors(), MODEL), counters, model, state, steps, optimizer);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
        optimizer.setLrs(lrs);
        return part(metadata, EXTRA);
    }

    private static String required(Path file, Map<String, String> metadata, String key)
            throws SafeTensorsException {
        String value = metadata.get(key);
        if (value == null) {
            throw new SafeTensorsException(
                    file + ": not a checkpoint: its metadata have no '" + key + "'");
        }
        return value;
    }

    /** One of each group of parameters. */
    private static double[] learningRates(Path file, String text) throws SafeTensorsException {
        String[] parts = text.split(" ", -1);
        double[] lrs = new double[parts.length];
        for (int i = 0; i < lrs.length; i++) {
            lrs[i] = learningRate(file, parts[i]);
        }
        return lrs;
    }

    private static double learningRate(Path file, String text) throws SafeTensorsException {
        try {
            double lr = Double.parseDouble(text);
            if (lr >= 0 && lr < Double.POSITIVE_INFINITY) {
                return lr;
            }
        } catch (NumberFormatException e) {
            // The same mistake as a number out of range.
        }
        throw malformed(file, LR, text, "a number from 0 up");
    }

    private static Map<String, Long> counters(Path file, String text) throws SafeTensorsException {
        Map<String, Long> counters = new LinkedHashMap<>();
        try {
            if (Json.parse(text) instanceof Map<?, ?> map) {
                for (Map.Entry<?, ?> e : map.entrySet()) {
                    if (e.getValue() instanceof Long n) {
                        counters.put((String) e.getKey(), n);
                    }
                }
                if (counters.size() == map.size()) {
                    return counters;
                }
            }
        } catch (JsonException e) {
            // The same mistake as JSON of another form.
        }
        throw malformed(file, COUNTERS, text, "a JSON object of integers");
    }

    private static SafeTensorsException malformed(
            Path file, String key, String value, String expected) {
        return new SafeTensorsException(
                "%s: metadata '%s' is %s, expected %s"
                        .formatted(file, key, JsonReader.shorten(value), expected));
    }

    private static long[] steps(Path file, @Nullable Tensor steps) throws SafeTensorsException {
        if (steps == null || steps.dtype() != DType.INT64 || steps.shape().rank() != 1) {
            throw new SafeTensorsException(
                    "%s: not a checkpoint: expected a vector %s%s of int64"
                            .formatted(file, STATE, STEPS));
        }
        return steps.toLongs();
    }

    private static <V> Map<String, V> part(Map<String, V> all, String prefix) {
        Map<String, V> part = new LinkedHashMap<>();
        all.forEach(
                (name, value) -> {
                    if (name.startsWith(prefix)) {
                        part.put(name.substring(prefix.length()), value);
                    }
                });
        return part;
    }

    private static void checkOptimizer(String saved, int groups, Optimizer optimizer) {
        String actual = optimizer.getClass().getSimpleName();
        if (!saved.equals(actual)) {
            throw new IllegalArgumentException(
                    "checkpoint is of optimizer " + saved + ", not " + actual);
        }
        int own = optimizer.lrs().length;
        if (groups != own) {
            throw new IllegalArgumentException(
                    "checkpoint is of an optimizer with groups: " + groups + ", not " + own);
        }
    }

    private static void load(
            Map<String, Tensor> weights,
            Map<String, Long> counters,
            Block model,
            Map<String, Tensor> state,
            long[] steps,
            Optimizer optimizer) {
        // A cast would fit the shapes and lose the bits.
        model.stateDict()
                .forEach(
                        (name, own) -> {
                            Tensor saved = weights.get(name);
                            if (saved != null && saved.dtype() != own.dtype()) {
                                throw new IllegalArgumentException(
                                        "checkpoint has %s as %s, the model as %s"
                                                .formatted(name, saved.dtype(), own.dtype()));
                            }
                        });
        Map<String, Long> oldCounters = model.counters();
        Map<String, Tensor> oldState = optimizer.stateTensors();
        long[] oldSteps = optimizer.stepCounts();
        try {
            model.loadCounters(counters);
            optimizer.loadState(state, steps);
            model.loadStateDict(weights);
        } catch (IllegalArgumentException e) {
            // Each of the three changes all or nothing; together they shall do so as well.
            model.loadCounters(oldCounters);
            optimizer.loadState(oldState, oldSteps);
            throw e;
        }
    }
}
