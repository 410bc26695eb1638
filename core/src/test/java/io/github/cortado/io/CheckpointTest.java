package io.github.cortado.io;

import static io.github.cortado.nn.Functional.crossEntropy;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Flatten;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.RMSprop;
import io.github.cortado.optim.SGD;
import io.github.cortado.random.Seed;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointTest {
    private static final int STEPS = 4;

    @TempDir Path dir;

    @Test
    void aResumedAdamRunHasTheBitsOfOneThatNeverStopped() throws Exception {
        resumes(parameters -> new Adam(parameters, 0.01));
    }

    @Test
    void aResumedAdamWRunHasTheBitsOfOneThatNeverStopped() throws Exception {
        resumes(parameters -> new AdamW(parameters, 0.01));
    }

    @Test
    void aResumedRunOfSgdWithMomentumHasTheBitsOfOneThatNeverStopped() throws Exception {
        resumes(parameters -> new SGD(parameters, 0.05).momentum(0.9).dampening(0.1));
    }

    @Test
    void aResumedRmsPropRunHasTheBitsOfOneThatNeverStopped() throws Exception {
        resumes(parameters -> new RMSprop(parameters, 0.001).momentum(0.5));
    }

    private void resumes(Function<List<Tensor>, Optimizer> make) throws Exception {
        Seed.manualSeed(5);
        Layer whole = network();
        Optimizer optimizer = make.apply(whole.parameters());
        train(whole, optimizer, 0, STEPS);
        // A rate that no decimal of a few digits gives back.
        optimizer.setLr(optimizer.lr() / 3);
        Checkpoint.save(file(), whole, optimizer, Map.of("step", "4", "note", "é\n"));
        double lr = optimizer.lr();
        train(whole, optimizer, STEPS, 2 * STEPS);

        // Made otherwise and trained already: whatever restore forgets will differ.
        Seed.manualSeed(77);
        Layer resumed = (Layer) new Sequential(network(), network()).children().get("1");
        Optimizer fresh = make.apply(resumed.parameters());
        train(resumed, fresh, 20, 21);
        resumed.zeroGrad();
        Map<String, String> extra = Checkpoint.restore(file(), resumed, fresh);
        assertEquals(Map.of("step", "4", "note", "é\n"), extra);
        assertEquals(lr, fresh.lr());
        train(resumed, fresh, STEPS, 2 * STEPS);

        assertEquals(bits(whole.stateDict()), bits(resumed.stateDict()));
        assertEquals(bits(optimizer.stateTensors()), bits(fresh.stateTensors()));
        assertArrayEquals(optimizer.stepCounts(), fresh.stepCounts());
        assertEquals(whole.counters(), resumed.counters());
    }

    @Test
    void anUntrainedStateIsSavedAndRestored() throws Exception {
        Layer model = network();
        Checkpoint.save(file(), model, new Adam(model.parameters()), Map.of());
        Layer other = network();
        Optimizer optimizer = new Adam(other.parameters());
        train(other, optimizer, 0, 1);
        assertTrue(Checkpoint.restore(file(), other, optimizer).isEmpty());
        assertEquals(bits(model.stateDict()), bits(other.stateDict()));
        assertTrue(optimizer.stateTensors().isEmpty());
        assertEquals(0, optimizer.stepCounts()[0]);
    }

    @Test
    void whatDoesNotFitIsRefusedAndChangesNothing() throws Exception {
        Layer model = network();
        Optimizer optimizer = new Adam(model.parameters());
        train(model, optimizer, 0, 1);
        Checkpoint.save(file(), model, optimizer, Map.of());

        Layer other = network();
        refused(other, new AdamW(other.parameters()), "checkpoint is of optimizer Adam, not AdamW");

        Layer wide = network().to(Device.cpuScalar(), DType.FLOAT64);
        refused(
                wide,
                new Adam(wide.parameters()),
                "checkpoint has 0.weight as float32, the model as float64");

        Layer larger = new Sequential(network());
        refused(larger, new Adam(larger.parameters()), "loadCounters: expected ");

        // The optimizer's part fits here, the model's does not: it stands under another name.
        Layer renamed = new Renamed();
        Layer plain = new Sequential(new Linear(2, 2));
        Checkpoint.save(file(), plain, new Adam(plain.parameters()), Map.of());
        Optimizer kept = new Adam(renamed.parameters());
        renamed.forward(Tensor.of(new float[] {1, 2}, 1, 2)).sum().backward();
        kept.step();
        refused(renamed, kept, "loadStateDict: the values do not fit Renamed: ");
    }

    private void refused(Layer model, Optimizer optimizer, String message) {
        Map<String, String> weights = bits(model.stateDict());
        Map<String, String> state = bits(optimizer.stateTensors());
        long[] steps = optimizer.stepCounts();
        Map<String, Long> counters = model.counters();
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Checkpoint.restore(file(), model, optimizer));
        assertTrue(e.getMessage().startsWith(file() + ": " + message), e::getMessage);
        assertEquals(weights, bits(model.stateDict()));
        assertEquals(state, bits(optimizer.stateTensors()));
        assertArrayEquals(steps, optimizer.stepCounts());
        assertEquals(counters, model.counters());
    }

    @Test
    void filesThatAreNoCheckpointAreRefused() throws Exception {
        Layer model = network();
        Optimizer optimizer = new Adam(model.parameters());
        SafeTensors.save(file(), model.stateDict());
        malformed(model, optimizer, "not a checkpoint: its metadata have no 'cortado.checkpoint'");

        Checkpoint.save(file(), model, optimizer, Map.of());
        Map<String, Tensor> tensors = SafeTensors.load(file());
        Map<String, String> metadata = SafeTensors.metadata(file());
        rewrite(tensors, metadata, "cortado.checkpoint", "2");
        malformed(model, optimizer, "metadata 'cortado.checkpoint' is '2', expected 1");
        for (String lr : List.of("x", "NaN", "-0x1p1", "Infinity", "")) {
            rewrite(tensors, metadata, "cortado.lr", lr);
            malformed(
                    model,
                    optimizer,
                    "metadata 'cortado.lr' is '" + lr + "', expected a number from 0 up");
        }
        for (String counters : List.of("", "[]", "{\"4.seed\":1.5}", "{\"4.seed\":1")) {
            rewrite(tensors, metadata, "cortado.counters", counters);
            malformed(
                    model,
                    optimizer,
                    "metadata 'cortado.counters' is '"
                            + counters
                            + "', expected a JSON object of integers");
        }
        tensors.put("optimizer.steps", Tensor.of(new float[] {1}));
        SafeTensors.save(file(), tensors, metadata);
        malformed(model, optimizer, "not a checkpoint: expected a vector optimizer.steps of int64");
        tensors.remove("optimizer.steps");
        SafeTensors.save(file(), tensors, metadata);
        malformed(model, optimizer, "not a checkpoint: expected a vector optimizer.steps of int64");
    }

    private void rewrite(
            Map<String, Tensor> tensors, Map<String, String> metadata, String key, String value)
            throws IOException {
        Map<String, String> changed = new HashMap<>(metadata);
        assertNotEquals(value, changed.put(key, value));
        SafeTensors.save(file(), tensors, changed);
    }

    private void malformed(Layer model, Optimizer optimizer, String message) {
        SafeTensorsException e =
                assertThrows(
                        SafeTensorsException.class,
                        () -> Checkpoint.restore(file(), model, optimizer));
        assertEquals(file() + ": " + message, e.getMessage());
    }

    @Test
    void equalStatesGiveEqualFiles() throws Exception {
        Layer model = network();
        Optimizer optimizer = new Adam(model.parameters());
        train(model, optimizer, 0, 1);
        Checkpoint.save(file(), model, optimizer, Map.of("epoch", "1"));
        byte[] first = Files.readAllBytes(file());
        Checkpoint.restore(file(), model, optimizer);
        Checkpoint.save(file(), model, optimizer, Map.of("epoch", "1"));
        assertArrayEquals(first, Files.readAllBytes(file()));
    }

    private static final class Renamed extends Layer {
        private final Linear fc = add("fc", new Linear(2, 2));

        @Override
        public Tensor forward(Tensor x) {
            return fc.forward(x);
        }
    }

    private static Sequential network() {
        return new Sequential(
                new Conv2d(1, 2, 3),
                new BatchNorm2d(2),
                new ReLU(),
                new Flatten(),
                new Dropout(0.5),
                new Linear(8, 6),
                new Dropout(0.25),
                new Linear(6, 3));
    }

    /** Steps {@code from} to {@code to - 1}, each on its own batch. */
    private static void train(Layer model, Optimizer optimizer, int from, int to) {
        for (int step = from; step < to; step++) {
            SplittableRandom random = new SplittableRandom(step);
            float[] x = new float[5 * 16];
            for (int i = 0; i < x.length; i++) {
                x[i] = (float) random.nextDouble(-1, 1);
            }
            Tensor images = Tensor.of(x, 5, 1, 4, 4);
            Tensor labels = Tensor.of(new long[] {0, 1, 2, 1, step % 3}, 5);
            optimizer.zeroGrad();
            crossEntropy(model.forward(images), labels).backward();
            optimizer.step();
        }
    }

    private static Map<String, String> bits(Map<String, Tensor> tensors) {
        Map<String, String> bits = new LinkedHashMap<>();
        tensors.forEach(
                (name, t) -> {
                    StringBuilder s = new StringBuilder(t.dtype() + " " + t.shape());
                    for (double v : t.toDoubles()) {
                        s.append(' ').append(Double.toHexString(v));
                    }
                    bits.put(name, s.toString());
                });
        return bits;
    }

    private Path file() {
        return dir.resolve("checkpoint.safetensors");
    }
}
