package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.CpuDevices;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Sequences of different lengths side by side: what is padded has no effect on anything. */
class PaddedSequencesTest {
    static List<Device> devices() {
        return CpuDevices.all();
    }

    @BeforeEach
    void sameStart() {
        Seed.manualSeed(0);
    }

    private static Tensor random(int... shape) {
        return Init.uniform(Tensor.zeros(shape), -1, 1, Streams.general(3, shape.length));
    }

    @Test
    void lengthsThatAreNoneAreNamed() {
        refused(
                "LSTM: expected lengths from 1 to 3, got [3, 0]",
                () ->
                        new LSTM(2, 2)
                                .forwardPadded(
                                        Tensor.zeros(3, 2, 2), Tensor.of(new long[] {3, 0})));
        refused(
                "GRU: expected lengths from 1 to 3, got [4, 1]",
                () ->
                        new GRU(2, 2)
                                .forwardPadded(
                                        Tensor.zeros(3, 2, 2), Tensor.of(new long[] {4, 1})));
        refused(
                "RNN: expected a length for each of 2 sequences, got [3]",
                () -> new RNN(2, 2).forwardPadded(Tensor.zeros(3, 2, 2), Tensor.of(new long[3])));
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    /** Lengths as long as the padding, but that of another sequence, are found too. */
    @Test
    void aLengthBeyondTheStepsIsFoundWhicheverSequenceItIs() {
        for (int bad = 0; bad < 3; bad++) {
            long[] lengths = {2, 1, 2};
            lengths[bad] = 3;
            Tensor all = Tensor.of(lengths);
            refused(
                    "GRU: expected lengths from 1 to 2, got " + Arrays.toString(lengths),
                    () -> new GRU(2, 2).forwardPadded(Tensor.zeros(2, 3, 2), all));
        }
    }

    @ParameterizedTest
    @MethodSource("devices")
    void paddedSequencesAreWhatEachIsAloneAndPaddingHasNoEffect(Device device) {
        long[] lengths = {2, 5, 3};
        LSTM net = new LSTM(3, 4).layers(2).bidirectional();
        net.to(device);
        float[] values = random(5, 3, 3).toFloats();
        for (int i = 0; i < lengths.length; i++) {
            for (int t = (int) lengths[i]; t < 5; t++) {
                Arrays.fill(values, (t * 3 + i) * 3, (t * 3 + i + 1) * 3, Float.NaN);
            }
        }
        Tensor x = Tensor.of(values, 5, 3, 3).to(device).requiresGrad(true);
        LSTM.Output y = net.forwardPadded(x, Tensor.of(lengths).to(device));
        y.output().sum().add(y.h().sum()).add(y.c().sum()).backward();
        assertTrue(Double.isFinite(x.grad().norm().item()));
        net.parameters().forEach(w -> assertTrue(Double.isFinite(w.grad().norm().item())));
        for (int i = 0; i < lengths.length; i++) {
            int end = (int) lengths[i];
            Tensor own = x.detach().narrow(0, 0, end).narrow(1, i, 1);
            LSTM.Output alone = net.forward(own);
            near(alone.output(), y.output().narrow(0, 0, end).narrow(1, i, 1));
            near(alone.h(), y.h().narrow(1, i, 1));
            near(alone.c(), y.c().narrow(1, i, 1));
            Tensor beyond = y.output().narrow(0, end, 5 - end).narrow(1, i, 1);
            assertArrayEquals(new float[beyond.size()], beyond.toFloats());
        }
    }

    private static void near(Tensor expected, Tensor found) {
        assertEquals(expected.shape(), found.shape());
        assertArrayEquals(expected.toFloats(), found.toFloats(), 2e-6f);
    }

    /** A step that was recorded with some lengths and offsets is right with others. */
    @Test
    void aCompiledStepReadsLengthsAndOffsetsAnew() {
        Device device = Device.cpu();
        GRU net = new GRU(3, 4).bidirectional();
        EmbeddingBag bag = new EmbeddingBag(5, 3).mode("max").paddingIndex(1);
        Tensor x = random(4, 2, 3);
        Tensor lengths = Tensor.of(new long[] {1, 4});
        Tensor numbers = Tensor.of(new long[] {0, 1, 4, 3, 2, 1});
        Tensor offsets = Tensor.of(new long[] {0, 2, 5});
        Supplier<Tensor> step =
                () ->
                        Tensor.cat(
                                0,
                                net.forwardPadded(x, lengths).output().flatten(0),
                                bag.forward(numbers, offsets).flatten(0));
        try (CompiledStep<Tensor> recorded = device.compile(step)) {
            float[] first = recorded.run().toFloats();
            assertArrayEquals(step.get().toFloats(), first);
            lengths.copyFrom(Tensor.of(new long[] {3, 2}));
            offsets.copyFrom(Tensor.of(new long[] {0, 0, 6}));
            float[] second = recorded.run().toFloats();
            assertArrayEquals(step.get().toFloats(), second);
            assertTrue(!Arrays.equals(first, second));
        }
    }

    @Test
    void aCellIsAStepOfItsNetwork() {
        LSTM net = new LSTM(3, 4);
        LSTMCell cell = new LSTMCell(3, 4);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        net.stateDict().forEach((name, w) -> weights.put(name.replace("_l0", ""), w.detach()));
        cell.loadStateDict(weights);
        Tensor x = random(2, 5, 3);
        LSTM.Output all = net.forward(x);
        LSTMCell.Output one = cell.forward(x.narrow(0, 0, 1).squeeze(0));
        one = cell.forward(x.narrow(0, 1, 1).squeeze(0), one.h(), one.c());
        near(all.h().squeeze(0), one.h());
        near(all.c().squeeze(0), one.c());
    }

    @Test
    void aLengthMaskHidesWhatIsBeyond() {
        double hidden = Double.NEGATIVE_INFINITY;
        Tensor x = random(2, 3, 4);
        Tensor mask = MultiheadAttention.lengthMask(x, Tensor.of(new long[] {3, 1}), 3);
        assertEquals(Shape.of(2, 1, 1, 3), mask.shape());
        assertArrayEquals(new double[] {0, 0, 0, 0, hidden, hidden}, mask.toDoubles());
        MultiheadAttention net = new MultiheadAttention(4, 2).batchFirst();
        Tensor alone = net.forward(x.narrow(0, 1, 1).narrow(1, 0, 1));
        near(alone, net.forward(x, x, x, mask).narrow(0, 1, 1).narrow(1, 0, 1));
    }
}
