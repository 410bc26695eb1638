package io.github.cortado.nn;

import static io.github.cortado.nn.Functional.crossEntropy;
import static io.github.cortado.nn.Functional.interpolate;
import static io.github.cortado.nn.Functional.pad;
import static io.github.cortado.nn.Functional.relu;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.optim.Adam;
import io.github.cortado.random.Seed;
import io.github.cortado.random.Streams;
import java.util.Arrays;
import java.util.function.Supplier;

/** Steps of transformers, recurrent networks and U-Nets, compiled and not: the same bits. */
public final class CompiledSequences {
    private static final int STEPS = 8;
    private static final int N = 3;
    private static final int T = 5;

    private CompiledSequences() {}

    /**
     * Passes if a device computes the same losses in both ways.
     *
     * @throws AssertionError if it does not
     */
    public static void check(Device device) {
        check(device, Words::new, words().to(device));
        check(device, Pictures::new, pictures().to(device));
        check(device, Masked::new, words().to(device));
    }

    private static void check(Device device, Supplier<Layer> maker, Tensor x) {
        double[] expected = losses(device, maker, x, false);
        assertTrue(expected[STEPS - 1] < expected[0], () -> Arrays.toString(expected));
        assertArrayEquals(expected, losses(device, maker, x, true));
    }

    private static double[] losses(
            Device device, Supplier<Layer> maker, Tensor x, boolean compiled) {
        Seed.manualSeed(7);
        Layer net = maker.get();
        net.to(device);
        Adam optimizer = new Adam(net.parameters(), 0.01);
        Tensor labels = Tensor.of(new long[] {0, 1, 1}).to(device);
        Supplier<Tensor> step =
                () -> {
                    optimizer.zeroGrad();
                    Tensor loss = crossEntropy(net.forward(x), labels);
                    loss.backward();
                    Gradients.clipNorm(net.parameters(), 1);
                    optimizer.step();
                    return loss;
                };
        double[] losses = new double[STEPS];
        if (!compiled) {
            Arrays.setAll(losses, i -> step.get().item());
            return losses;
        }
        try (CompiledStep<Tensor> recorded = device.compile(step)) {
            Arrays.setAll(losses, i -> recorded.run().item());
        }
        return losses;
    }

    private static Tensor words() {
        long[] words = new long[N * T];
        Arrays.setAll(words, i -> i * 5L % 7);
        return Tensor.of(words, N, T);
    }

    private static Tensor pictures() {
        float[] pixels = new float[N * 2 * 36];
        Streams.general(1, 2).uniforms(0, -1, 1, pixels, 0, pixels.length);
        return Tensor.of(pixels, N, 2, 6, 6);
    }

    /** Causal attention, an encoder with dropout, an LSTM in both directions and a GRU. */
    private static final class Words extends Layer {
        private final Embedding words = add("words", new Embedding(7, 8).paddingIndex(2));
        private final TransformerEncoder encoder =
                add(
                        "encoder",
                        new TransformerEncoder(
                                () -> new TransformerEncoderLayer(8, 2, 12, 0.1).batchFirst(), 1));
        private final LSTM lstm = add("lstm", new LSTM(8, 4).bidirectional().batchFirst());
        private final GRU gru = add("gru", new GRU(8, 6).batchFirst());
        private final RMSNorm norm = add("norm", new RMSNorm(6));
        private final Linear head = add("head", new Linear(6, 2));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = words.forward(x);
            y = y.add(Functional.scaledDotProductAttention(y, y, y, true));
            Tensor mask = MultiheadAttention.causalMask(y, T);
            y = y.add(Functional.scaledDotProductAttention(y, y, y, mask));
            y = encoder.forward(y);
            y = lstm.forward(y).output().flip(1).roll(1, 1);
            return head.forward(norm.forward(gru.forward(y).h().squeeze(0)));
        }
    }

    /** Waves, masks, sorting, running sums and elements by index. */
    private static final class Masked extends Layer {
        private final Embedding words = add("words", new Embedding(7, 8));
        private final Linear head = add("head", new Linear(8, 2));

        @Override
        public Tensor forward(Tensor x) {
            Tensor y = words.forward(x);
            Tensor isWord = x.ne(2).logicalAnd(x.lt(6)).unsqueeze(-1);
            y = Tensor.where(isWord, y.sin(), y.cos()).maskedFill(y.gt(y.mean(true, 2)), 0.5);
            Tensor.Sorted sorted = y.sort(2, true);
            y = y.gather(2, sorted.indices().narrow(2, 0, 4)).repeat(1, 1, 2);
            y = y.cumsum(1).scatterAdd(2, sorted.indices(), y.square().add(0.1).pow(1.5));
            y = Tensor.einsum("ntd,ns->nd", y, x.eq(3).to(DType.FLOAT32).add(0.1));
            return head.forward(y);
        }
    }

    /** Down and up again by all ways there are, with group normalisation. */
    private static final class Pictures extends Layer {
        private final Conv2d down = add("down", new Conv2d(2, 4, 3).stride(2).padding(1));
        private final GroupNorm norm = add("norm", new GroupNorm(2, 4));
        private final ConvTranspose2d up = add("up", new ConvTranspose2d(4, 4, 2).stride(2));
        private final Conv2d shuffled = add("shuffled", new Conv2d(4, 16, 1));
        private final PixelShuffle shuffle = add("shuffle", new PixelShuffle(2));
        private final Dropout2d dropout = add("dropout", new Dropout2d(0.2));
        private final Conv2d last = add("last", new Conv2d(16, 2, 3));

        @Override
        public Tensor forward(Tensor x) {
            Tensor small = relu(norm.forward(down.forward(x)));
            Tensor large =
                    Tensor.cat(
                            1,
                            up.forward(small),
                            interpolate(small, 6, 6, "nearest", false),
                            interpolate(small, 6, 6, "bilinear", false),
                            shuffle.forward(shuffled.forward(small)));
            Tensor wide = pad(dropout.forward(large), new int[] {1, 1, 1, 1}, "reflect", 0);
            Tensor y = last.forward(wide).tril(1);
            return Functional.adaptiveAvgPool2d(y, 1, 1).flatten(1).add(y.norm(false, 2, 3));
        }
    }
}
