package io.github.cortado.user;

import static io.github.cortado.nn.Functional.*;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.cortado.*;
import io.github.cortado.backend.StepRecording;
import io.github.cortado.io.Checkpoint;
import io.github.cortado.nn.*;
import io.github.cortado.optim.*;
import io.github.cortado.random.*;
import java.nio.file.Path;
import java.util.*;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Layers and blocks as users write them: in a package of their own, beside star imports, whose
 * names must not meet Java's.
 */
class OwnBlocksTest {
    private static final int STEPS = 3;

    @TempDir Path folder;

    /** Adds random numbers that Java draws. */
    private static final class Noise extends Layer {
        private final Draws draws = draws();

        @Override
        public Tensor forward(Tensor x) {
            if (!isTraining()) {
                return x;
            }
            PhiloxStream numbers = draws.next();
            float[] noise = new float[x.size()];
            for (int i = 0; i < noise.length; i++) {
                noise[i] = numbers.uniform(i);
            }
            return x.add(Tensor.of(noise, x.shape()).to(x.device()));
        }
    }

    /** What stands in a memory, by likeness; some of it is forgotten while training. */
    private static final class Lookup extends Block {
        private final Linear query = add("query", new Linear(4, 4));
        private final Linear key = add("key", new Linear(4, 4));
        private final Draws forgotten = draws();

        Tensor forward(Tensor x, Tensor memory) {
            Tensor scores = query.forward(x).matmul(key.forward(memory).transpose(0, 1));
            Tensor weights = softmax(scores, 1);
            return (isTraining() ? dropout(weights, 0.3, forgotten) : weights).matmul(memory);
        }
    }

    private static final class Net extends Layer {
        private final Sequential body =
                add("body", new Sequential(new Linear(4, 4), new Noise(), new Dropout(0.2)));
        private final Lookup lookup = add("lookup", new Lookup());
        private final Tensor memory = buffer("memory", Tensor.ones(5, 4));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = relu(body.forward(x));
            return lookup.forward(y, memory).add(y);
        }
    }

    @Test
    void aBlockOfTwoInputsIsPrintedSavedAndSwitchedWithTheRest() {
        Net net = new Net();
        assertEquals(
                """
                Net(
                  (body): Sequential(
                    (0): Linear(in_features=4, out_features=4, bias=True)
                    (1): Noise()
                    (2): Dropout(p=0.2, inplace=False)
                  )
                  (lookup): Lookup(
                    (query): Linear(in_features=4, out_features=4, bias=True)
                    (key): Linear(in_features=4, out_features=4, bias=True)
                  )
                )""",
                net.toString());
        assertEquals(
                List.of(
                        "memory",
                        "body.0.weight",
                        "body.0.bias",
                        "lookup.query.weight",
                        "lookup.query.bias",
                        "lookup.key.weight",
                        "lookup.key.bias"),
                List.copyOf(net.stateDict().keySet()));
        Layer evaluated = net.eval();
        assertFalse(net.lookup.isTraining());
        Tensor x = Tensor.ones(2, 4);
        assertArrayEquals(evaluated.forward(x).toFloats(), net.forward(x).toFloats());
    }

    @Test
    void aResumedRunDrawsWhatTheOneThatStoppedWouldHaveDrawn() throws Exception {
        Path file = folder.resolve("checkpoint.safetensors");
        Seed.manualSeed(4);
        new Dropout(0.5);
        Net whole = new Net();
        Adam adam = new Adam(whole.parameters(), 0.01);
        train(whole, adam);
        assertEquals(
                Map.of(
                        "body.1.seed", 4L,
                        "body.1.ordinal", 1L,
                        "body.1.forwards", (long) STEPS,
                        "body.2.seed", 4L,
                        "body.2.ordinal", 2L,
                        "body.2.forwards", (long) STEPS,
                        "lookup.seed", 4L,
                        "lookup.ordinal", 3L,
                        "lookup.forwards", (long) STEPS),
                whole.counters());
        Checkpoint.save(file, whole, adam, Map.of());
        train(whole, adam);

        Seed.manualSeed(99);
        Net resumed = new Net();
        Adam fresh = new Adam(resumed.parameters(), 0.5);
        train(resumed, fresh);
        Checkpoint.restore(file, resumed, fresh);
        train(resumed, fresh);
        whole.stateDict()
                .forEach(
                        (name, t) ->
                                assertArrayEquals(
                                        t.toFloats(),
                                        resumed.stateDict().get(name).toFloats(),
                                        name));
        assertEquals(whole.counters(), resumed.counters());
    }

    private static void train(Layer net, Optimizer optimizer) {
        for (int step = 0; step < STEPS; step++) {
            optimizer.zeroGrad();
            Tensor y = net.forward(Tensor.of(new float[] {1, -1, 2, 0, 3, 1, -2, 1}, 2, 4));
            y.mul(y).mean().backward();
            optimizer.step();
        }
    }

    @Test
    void countersOutOfRangeAreRefusedAndNothingIsChanged() {
        Net net = new Net();
        Map<String, Long> before = net.counters();
        for (String name : List.of("lookup.ordinal", "lookup.forwards")) {
            Map<String, Long> values = new LinkedHashMap<>(before);
            values.replaceAll((n, v) -> v + 1);
            values.put(name, -1L);
            assertEquals(
                    "loadCounters: " + name + " = -1 is out of range",
                    assertThrows(IllegalArgumentException.class, () -> net.loadCounters(values))
                            .getMessage());
            assertEquals(before, net.counters());
        }
    }

    @Test
    void aBlockHasDrawsOnce() {
        var e =
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                new Layer() {
                                    {
                                        draws();
                                        draws();
                                    }

                                    @Override
                                    public Tensor forward(Tensor x) {
                                        return x;
                                    }
                                });
        assertEquals("Layer has draws already", e.getMessage());
    }

    @Test
    void whatJavaDrawsIsRefusedWhileADeviceRecordsAStep() {
        Noise noise = new Noise();
        try (StepRecording recording = StepRecording.begin()) {
            assertThrows(IllegalStateException.class, () -> noise.forward(Tensor.ones(2)));
            assertEquals(0L, noise.counters().get("forwards"));
        }
    }

    @Test
    void aChainTakesNoPartOfSeveralInputs() {
        Sequential net = new Sequential(new Linear(4, 4), new ReLU());
        assertEquals(
                "Sequential: part '1' must be a Layer, from one tensor to one; Lookup is a Block of"
                        + " another kind",
                assertThrows(IllegalArgumentException.class, () -> net.replace("1", new Lookup()))
                        .getMessage());
        net.forward(Tensor.ones(2, 4));
    }
}
