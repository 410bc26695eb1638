package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.Device;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/** Layers of sequences: PyTorch's names and structures, refusals, and that they learn. */
class SequenceLayersTest {
    @Test
    void namesAndStructuresArePyTorchs() {
        assertEquals(
                "LSTM(3, 4, num_layers=2, batch_first=True, bidirectional=True)",
                new LSTM(3, 4).layers(2).bidirectional().batchFirst().toString());
        assertEquals(
                "Embedding(4, 3, padding_idx=1)", new Embedding(4, 3).paddingIndex(1).toString());
        assertEquals(
                List.of(
                        "weight_ih_l0",
                        "weight_hh_l0",
                        "bias_ih_l0",
                        "bias_hh_l0",
                        "weight_ih_l0_reverse",
                        "weight_hh_l0_reverse",
                        "bias_ih_l0_reverse",
                        "bias_hh_l0_reverse"),
                List.copyOf(new GRU(3, 4).bidirectional().stateDict().keySet()));
        assertEquals(
                List.of(
                        "self_attn.in_proj_weight",
                        "self_attn.in_proj_bias",
                        "self_attn.out_proj.weight",
                        "self_attn.out_proj.bias",
                        "linear1.weight",
                        "linear1.bias",
                        "linear2.weight",
                        "linear2.bias",
                        "norm1.weight",
                        "norm1.bias",
                        "norm2.weight",
                        "norm2.bias"),
                List.copyOf(new TransformerEncoderLayer(8, 2, 16, 0.1).stateDict().keySet()));
        TransformerEncoder encoder =
                new TransformerEncoder(() -> new TransformerEncoderLayer(8, 2, 16, 0), 2);
        assertTrue(encoder.stateDict().containsKey("layers.1.norm2.bias"));
    }

    @Test
    void whatDoesNotFitIsNamed() {
        refused(
                "LSTM: expected [t, n, 3] or [t, 3], got [2, 4]",
                () -> new LSTM(3, 4).forward(Tensor.zeros(2, 4)));
        refused(
                "GRU: expected h of shape [1, 2, 4], got [1, 3, 4]",
                () -> new GRU(3, 4).forward(Tensor.zeros(5, 2, 3), Tensor.zeros(1, 3, 4)));
        refused(
                "MultiheadAttention: expected [t, n, 8], got [2, 3, 4]",
                () -> new MultiheadAttention(8, 2).forward(Tensor.zeros(2, 3, 4)));
        refused(
                "scaledDotProductAttention: shapes [2, 5, 4] and [2, 3] do not broadcast: sizes 4 and 3"
                        + " at dimension -1 differ and neither is 1",
                () ->
                        Functional.scaledDotProductAttention(
                                Tensor.zeros(2, 5, 3),
                                Tensor.zeros(2, 4, 3),
                                Tensor.zeros(2, 4, 3),
                                Tensor.zeros(2, 3)));
        var e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> new Embedding(4, 2).forward(Tensor.of(new long[] {0, 4})));
        assertEquals(
                "embedding: index 4 at position 1 is not from 0 to 3 (table [4, 2])",
                e.getMessage());
        e = assertThrows(IllegalArgumentException.class, () -> new MultiheadAttention(8, 3));
        assertEquals(
                "MultiheadAttention: expected a width that its heads can share, got 8 and 3 heads",
                e.getMessage());
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(ShapeException.class, call).getMessage());
    }

    @Test
    void thePaddingRowIsZeroAndStaysSo() {
        Embedding table = new Embedding(3, 2).paddingIndex(1);
        Adam optimizer = new Adam(table.parameters(), 0.1);
        table.forward(Tensor.of(new long[] {1, 1, 0})).sum().backward();
        optimizer.step();
        assertArrayEquals(new float[2], table.weight().detach().narrow(0, 1, 1).toFloats());
    }

    /** Which of two numbers came first in a sequence: nothing but order tells. */
    @Test
    void aTransformerAndAnLstmLearnAnOrder() {
        int n = 32;
        int t = 6;
        long[] words = new long[n * t];
        long[] labels = new long[n];
        for (int i = 0; i < n; i++) {
            int a = i % (t - 1);
            int b = a + 1 + i / 7 % (t - 1 - a);
            boolean first = i % 2 == 0;
            words[i * t + a] = first ? 1 : 2;
            words[i * t + b] = first ? 2 : 1;
            labels[i] = first ? 0 : 1;
        }
        Tensor x = Tensor.of(words, n, t);
        Tensor y = Tensor.of(labels);
        Seed.manualSeed(4);
        assertEquals(n, learned(new WithAttention(t), x, y));
        assertEquals(n, learned(new WithStates(), x, y));
    }

    @Test
    void compiledStepsHaveTheSameBits() {
        CompiledSequences.check(Device.cpu());
    }

    private static int learned(Layer net, Tensor x, Tensor y) {
        Adam optimizer = new Adam(net.parameters(), 0.01);
        for (int step = 0; step < 60; step++) {
            Tensor loss = Functional.crossEntropy(net.forward(x), y);
            optimizer.zeroGrad();
            loss.backward();
            Gradients.clipNorm(net.parameters(), 1);
            optimizer.step();
        }
        long[] found = net.eval().forward(x).argmax(1).toLongs();
        long[] right = y.toLongs();
        int hits = 0;
        for (int i = 0; i < found.length; i++) {
            hits += found[i] == right[i] ? 1 : 0;
        }
        return hits;
    }

    private static final class WithAttention extends Layer {
        private final Embedding words = add("words", new Embedding(3, 16));
        private final Tensor places;
        private final TransformerEncoder encoder =
                add(
                        "encoder",
                        new TransformerEncoder(
                                () ->
                                        new TransformerEncoderLayer(16, 2, 32, 0)
                                                .batchFirst()
                                                .normFirst(),
                                2));
        private final Linear head = add("head", new Linear(16, 2));

        WithAttention(int t) {
            places =
                    parameter(
                            "places", Init.normal(Tensor.zeros(t, 16), 0, 1, Seed.nextParameter()));
        }

        @Override
        public Tensor forward(Tensor x) {
            return head.forward(encoder.forward(words.forward(x).add(places)).mean(false, 1));
        }
    }

    private static final class WithStates extends Layer {
        private final Embedding words = add("words", new Embedding(3, 16));
        private final LSTM states = add("states", new LSTM(16, 16).batchFirst());
        private final Linear head = add("head", new Linear(16, 2));

        @Override
        public Tensor forward(Tensor x) {
            return head.forward(states.forward(words.forward(x)).h().squeeze(0));
        }
    }
}
