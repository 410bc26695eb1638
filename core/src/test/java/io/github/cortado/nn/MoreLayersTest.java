package io.github.cortado.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Convolutions, pooling, cells, sequences of different lengths, transformers and small layers:
 * PyTorch's names and structures, what they refuse, and what no single answer of PyTorch's tells.
 */
class MoreLayersTest {
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

    @ParameterizedTest
    @MethodSource("devices")
    void anInfinityIsInTheMeansOfItsPartsAlone(Device device) {
        float[] values = new float[35];
        Arrays.fill(values, 1);
        values[14] = Float.POSITIVE_INFINITY;
        Tensor x = Tensor.of(values, 1, 1, 5, 7).to(device);
        float[] means = Functional.adaptiveAvgPool2d(x, 3, 3).toFloats();
        float inf = Float.POSITIVE_INFINITY;
        assertArrayEquals(new float[] {1, 1, 1, inf, 1, 1, 1, 1, 1}, means);
    }

    @Test
    void structuresArePrintedAsPyTorchPrintsThem() {
        assertEquals(
                "Conv1d(4, 6, kernel_size=(2,), stride=(1,), padding=same, dilation=(2,), groups=2,"
                        + " padding_mode=reflect)",
                new Conv1d(4, 6, 2)
                        .padding("same")
                        .paddingMode("reflect")
                        .dilation(2)
                        .groups(2)
                        .toString());
        assertEquals(
                "ConvTranspose1d(3, 4, kernel_size=(2,), stride=(2,), dilation=(2,),"
                        + " output_padding=(1,), bias=False)",
                new ConvTranspose1d(3, 4, 2)
                        .stride(2)
                        .outputPadding(1)
                        .dilation(2)
                        .withoutBias()
                        .toString());
        assertEquals(
                "Conv2d(3, 4, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1))",
                new Conv2d(3, 4, 3).padding("same").padding(1).toString());
        assertEquals(
                "MaxPool1d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)",
                new MaxPool1d(3, 2, 1).dilation(2).ceilMode().toString());
        assertEquals(
                "MaxPool2d(kernel_size=3, stride=2, padding=1, dilation=2, ceil_mode=True)",
                new MaxPool2d(3, 2, 1).dilation(2).ceilMode().toString());
        assertEquals(
                "AvgPool1d(kernel_size=(3,), stride=(3,), padding=(0,))",
                new AvgPool1d(3).toString());
        assertEquals("AdaptiveMaxPool2d(output_size=(3, 2))", new AdaptiveMaxPool2d(3, 2) + "");
        assertEquals("AdaptiveAvgPool1d(output_size=3)", new AdaptiveAvgPool1d(3) + "");
        assertEquals(
                "RNNCell(3, 4, bias=False, nonlinearity=relu)",
                new RNNCell(3, 4, "relu").withoutBias().toString());
        assertEquals("LSTMCell(3, 4)", new LSTMCell(3, 4).toString());
        assertEquals(
                "EmbeddingBag(3, 4, mode='max', padding_idx=1)",
                new EmbeddingBag(3, 4).mode("max").paddingIndex(1).toString());
        assertEquals("EmbeddingBag(3, 4, mode='mean')", new EmbeddingBag(3, 4).toString());
        assertEquals("ZeroPad2d((1, 1, 1, 1))", new ZeroPad2d(1).toString());
        assertEquals(
                "ConstantPad2d(padding=(1, 2, 3, 4), value=3.5)",
                new ConstantPad2d(1, 2, 3, 4, 3.5).toString());
        assertEquals("CircularPad1d((2, 2))", new CircularPad1d(2).toString());
        assertEquals(
                "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=1.0)",
                new LocalResponseNorm(5).toString());
        assertEquals("Dropout1d(p=0.3, inplace=False)", new Dropout1d(0.3).toString());
        assertEquals("StochasticDepth(p=0.2, mode=row)", new StochasticDepth(0.2, "row") + "");
        assertEquals("PixelUnshuffle(downscale_factor=2)", new PixelUnshuffle(2).toString());
        assertEquals(
                "Bilinear(in1_features=2, in2_features=3, out_features=4, bias=False)",
                new Bilinear(2, 3, 4, false).toString());
        assertEquals(
                "Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=1, stride=1)",
                new Fold(4, 5, 2).padding(1).toString());
        assertEquals("ChannelShuffle(groups=2)", new ChannelShuffle(2).toString());
        assertEquals(
                "UpsamplingBilinear2d(scale_factor=2.0, mode='bilinear')",
                new UpsamplingBilinear2d(2).toString());
    }

    @Test
    void namesArePyTorchs() {
        assertEquals(
                List.of("weight_ih", "weight_hh", "bias_ih", "bias_hh"),
                List.copyOf(new GRUCell(3, 4).stateDict().keySet()));
        assertEquals(Shape.of(16, 4), new LSTMCell(3, 4).stateDict().get("weight_hh").shape());
        assertEquals(Shape.of(4, 3, 5), new ConvTranspose1d(4, 6, 5).groups(2).weight().shape());
        List<String> names = List.copyOf(new Transformer(8, 2, 1, 2, 16, 0).stateDict().keySet());
        assertEquals("encoder.layers.0.self_attn.in_proj_weight", names.get(0));
        assertEquals("encoder.norm.weight", names.get(12));
        assertEquals("decoder.layers.0.self_attn.in_proj_weight", names.get(14));
        assertEquals("decoder.layers.1.multihead_attn.in_proj_weight", names.get(36));
        assertEquals("decoder.norm.bias", names.get(names.size() - 1));
        assertEquals(52, names.size());
    }

    @Test
    void firstValuesArePyTorchs() {
        assertSpread(new ConvTranspose1d(64, 8, 4).weight(), 1 / Math.sqrt(32));
        assertSpread(new Conv1d(16, 64, 4).groups(4).weight(), 1 / Math.sqrt(16));
        assertSpread(new GRUCell(64, 16).stateDict().get("weight_ih"), 0.25);
        Transformer net = new Transformer(32, 2, 1, 1, 64, 0);
        Map<String, Tensor> weights = net.stateDict();
        assertSpread(weights.get("decoder.layers.0.linear1.weight"), Math.sqrt(6.0 / 96));
        assertSpread(
                weights.get("encoder.layers.0.self_attn.in_proj_weight"), Math.sqrt(6.0 / 128));
        assertSpread(
                weights.get("decoder.layers.0.multihead_attn.out_proj.weight"),
                Math.sqrt(6.0 / 64));
        assertEquals(0, weights.get("encoder.layers.0.self_attn.in_proj_bias").norm().item());
    }

    /** Even over [-bound, bound]: nothing outside, something near both ends. */
    private static void assertSpread(Tensor x, double bound) {
        double[] v = x.toDoubles();
        double least = Arrays.stream(v).min().orElseThrow();
        double most = Arrays.stream(v).max().orElseThrow();
        assertTrue(most <= bound * (1 + 1e-6) && most > 0.97 * bound, most + " of " + bound);
        assertTrue(least >= -bound * (1 + 1e-6) && least < -0.97 * bound, least + " of " + bound);
    }

    @Test
    void whatDoesNotFitIsNamed() {
        refused(
                "Conv1d: sizes must be at least 1, got channels 3, 0, kernel 2",
                () -> new Conv1d(3, 0, 2));
        refused(
                "Conv2d: padding 'same' expects a stride of 1, got [2, 2]",
                () -> new Conv2d(3, 4, 3).stride(2).padding("same"));
        refused(
                "Conv2d: padding 'same' expects a stride of 1, got [1, 3]",
                () -> new Conv2d(3, 4, 3).padding("same").stride(1, 3));
        refused(
                "Conv1d: expected a number, same or valid as padding, got full",
                () -> new Conv1d(3, 4, 3).padding("full"));
        refused(
                "Conv1d: expected zeros, reflect, replicate or circular as padding mode, got zero",
                () -> new Conv1d(3, 4, 3).paddingMode("zero"));
        refused(
                "ConvTranspose2d: expected zeros as padding mode, got reflect",
                () -> new ConvTranspose2d(3, 4, 3).paddingMode("reflect"));
        refused(
                "ConvTranspose1d: expected a number as padding, got same",
                () -> new ConvTranspose1d(3, 4, 3).padding("same"));
        refused(
                "conv2d: input has 2 channels, weight expects 3 (input [1, 2, 6, 6], weight"
                        + " [4, 3, 2, 2], groups 1)",
                () -> new Conv2d(3, 4, 2).padding("same").forward(Tensor.zeros(1, 2, 5, 5)));
        refused(
                "convTranspose1d: expects [n, channels, length], got [3, 4]",
                () -> new ConvTranspose1d(3, 4, 3).forward(Tensor.zeros(3, 4)));
        refused(
                "pool2d: dilation must be at least 1, got 0",
                () -> new MaxPool2d(2).dilation(0).forward(Tensor.zeros(1, 1, 4, 4)));
        refused(
                "maxPool2d: kernel 5 x 5 does not fit input [1, 1, 4, 4] with padding 0, 0",
                () -> new MaxPool2d(3).dilation(2).forward(Tensor.zeros(1, 1, 4, 4)));
        refused(
                "avgPool2d: windows have no holes, got dilation 2, 2",
                () ->
                        Functional.avgPool2d(
                                Tensor.zeros(1, 1, 4, 4),
                                Pool2dOptions.of(2, 2, 0).dilation(2, 2),
                                true));
        refused(
                "AvgPool2d: expected a divisor other than 0",
                () -> new AvgPool2d(2).divisorOverride(0));
        refused(
                "adaptiveMaxPool2d: [1, 1, 4, 4] has no parts 0 x 2",
                () -> new AdaptiveMaxPool2d(0, 2).forward(Tensor.zeros(1, 1, 4, 4)));
        refused(
                "unfold: [1, 1, 3, 3] has no windows (Options[kernel=4, dilation=1, padding=0,"
                        + " stride=1])",
                () -> new Unfold(4).forward(Tensor.zeros(1, 1, 3, 3)));
        refused(
                "fold: [1, 4, 5] does not make pictures 3 x 3: expected [n, c 4, 4]"
                        + " (Options[kernel=2, dilation=1, padding=0, stride=1])",
                () -> new Fold(3, 3, 2).forward(Tensor.zeros(1, 4, 5)));
        refused(
                "patches: expected a kernel, dilation and stride from 1 and a padding from 0 up,"
                        + " got 2, 1, 0 and 0",
                () -> new Unfold(2).stride(0).forward(Tensor.zeros(1, 1, 3, 3)));
        refused(
                "bilinear: inputs [5, 2] and [4, 3] do not fit weight [4, 2, 3]: expected [..., i],"
                        + " [..., j] and [o, i, j]",
                () -> new Bilinear(2, 3, 4).forward(Tensor.zeros(5, 2), Tensor.zeros(4, 3)));
        refused(
                "InstanceNorm1d: expects [n, 3, l], got [2, 4, 5]",
                () -> new InstanceNorm1d(3).forward(Tensor.zeros(2, 4, 5)));
        refused(
                "embeddingBag: expected a padding index below 3, or -1 for none, got 3"
                        + " (table [3, 2])",
                () ->
                        Functional.embeddingBag(
                                Tensor.of(new long[2], 1, 2), Tensor.zeros(3, 2), "sum", 3));
        refused(
                "LSTMCell: expected [n, 3] or [3], got [2, 4]",
                () -> new LSTMCell(3, 4).forward(Tensor.zeros(2, 4)));
        refused(
                "GRUCell: expected h of shape [2, 4], got [2, 3]",
                () -> new GRUCell(3, 4).forward(Tensor.zeros(2, 3), Tensor.zeros(2, 3)));
        refused(
                "pad: expected constant, reflect, replicate or circular as mode, got wrap",
                () -> Functional.pad(Tensor.zeros(2), new int[] {1, 1}, "wrap", 0));
        refused("ZeroPad1d: expected numbers from 0 up, got [0, -1]", () -> new ZeroPad1d(0, -1));
        refused(
                "StochasticDepth: expected row or batch as mode, got column",
                () -> new StochasticDepth(0.1, "column"));
        refused(
                "localResponseNorm: expected [n, c, ...] and at least 1 channel, got [2, 3] and 2",
                () -> new LocalResponseNorm(2).forward(Tensor.zeros(2, 3)));
    }

    private static void refused(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }

    @Test
    void anIndexThatIsNoneIsNamedByWhatItIsOf() {
        Tensor bad = Tensor.of(new long[] {1, -3}, 1, 2);
        refused(
                "embedding: index -3 at position 1 is not from 0 to 3 (table [4, 2])",
                () -> new Embedding(4, 2).forward(bad));
        refused(
                "embeddingBag: index -3 at position 1 is not from 0 to 3 (table [4, 2])",
                () -> new EmbeddingBag(4, 2).forward(bad));
        refused(
                "indexSelect: index 9 at position 0 is not from 0 to 4 (dimension 1 of [2, 5])",
                () -> Tensor.zeros(2, 5).indexSelect(1, Tensor.of(new long[] {9}, 1)));
        refused(
                "embeddingBag: expects numbers [bags, size], or [all] with offsets, got [3]",
                () -> new EmbeddingBag(4, 2).forward(Tensor.of(new long[3])));
        refused(
                "embeddingBag: expected offsets that begin with 0, got [1, 2]",
                () ->
                        new EmbeddingBag(4, 2)
                                .mode("max")
                                .forward(
                                        Tensor.of(new long[] {1, 2, 3}),
                                        Tensor.of(new long[] {1, 2})));
        long[][] wrong = {{0, 5}, {0, 2, 1}, {-1, 1}, {0, 3, 2, 3}};
        for (long[] offsets : wrong) {
            refused(
                    "embeddingBag: expected offsets up to 2, none less than the one before it, got "
                            + Arrays.toString(offsets),
                    () ->
                            new EmbeddingBag(4, 2)
                                    .forward(Tensor.of(new long[2]), Tensor.of(offsets)));
        }
        refused(
                "embedding: expected a padding index below 2, or -1 for none, got 7 (table [2, 3])",
                () -> Functional.embedding(bad, Tensor.zeros(2, 3), 7));
        refused(
                "embedding: expected a padding index below 2, or -1 for none, got -2"
                        + " (table [2, 3])",
                () -> Functional.embedding(bad, Tensor.zeros(2, 3), -2));
        refused(
                "embeddingBag: expected sum, mean or max as mode, got min",
                () -> new EmbeddingBag(4, 2).mode("min"));
    }

    @Test
    void aPartOfATransformersLayerThatIsReplacedIsUsed() {
        TransformerEncoderLayer layer = new TransformerEncoderLayer(4, 2, 8, 0);
        Tensor x = random(3, 2, 4);
        float[] before = layer.forward(x).toFloats();
        Linear other = layer.replace("linear2", new Linear(8, 4));
        float[] after = layer.forward(x).toFloats();
        assertTrue(!Arrays.equals(before, after));
        layer.forward(x).sum().backward();
        assertTrue(other.weight().grad() != null);
    }

    @ParameterizedTest
    @MethodSource("devices")
    void stochasticDepthLeavesOutRowsOrAllOfThem(Device device) {
        Tensor x = random(400, 3).to(device);
        float[] given = x.toFloats();
        float[] rows = new StochasticDepth(0.25, "row").forward(x).toFloats();
        int left = 0;
        for (int i = 0; i < 400; i++) {
            boolean out = rows[3 * i] == 0;
            left += out ? 1 : 0;
            for (int j = 3 * i; j < 3 * i + 3; j++) {
                assertEquals(out ? 0 : given[j] / 0.75f, rows[j], 1e-6f);
            }
        }
        assertEquals(100, left, 35);
        StochasticDepth batch = new StochasticDepth(0.5, "batch");
        int none = 0;
        for (int i = 0; i < 100; i++) {
            float[] y = batch.forward(x).toFloats();
            float scale = y[0] == 0 ? 0 : 2;
            none += scale == 0 ? 1 : 0;
            for (int j = 0; j < y.length; j++) {
                assertEquals(scale * given[j], y[j], 1e-6f);
            }
        }
        assertEquals(50, none, 20);
        batch.eval();
        assertArrayEquals(given, batch.forward(x).toFloats());
        assertEquals(0, new StochasticDepth(1, "row").forward(x).norm().item());
    }

    @Test
    void channelsAreDroppedWhole() {
        float[] y = new Dropout1d(0.5).forward(Tensor.ones(20, 10, 4)).toFloats();
        int dropped = 0;
        for (int i = 0; i < 200; i++) {
            assertEquals(y[4 * i], y[4 * i + 3]);
            dropped += y[4 * i] == 0 ? 1 : 0;
        }
        assertEquals(100, dropped, 30);
        assertEquals(Shape.of(10, 4), new Dropout1d(0.5).forward(Tensor.ones(10, 4)).shape());
        refused(
                "Dropout1d: expects [n, c, l] or [c, l], got [4]",
                () -> new Dropout1d(0.5).forward(Tensor.ones(4)));
    }

    @Test
    void alphaDropoutKeepsMeanAndVariance() {
        Tensor x = Init.normal(Tensor.zeros(200, 100), 0, 1, Streams.general(1, 1));
        for (double p : new double[] {0.1, 0.5}) {
            Tensor y = new AlphaDropout(p).forward(x);
            assertEquals(0, y.mean().item(), 0.03);
            assertEquals(1, y.var().item(), 0.05);
            // What is put in the place of dropped elements: alpha' of SELU, scaled and shifted.
            double a = -1.7580993408473766;
            double scale = 1 / Math.sqrt((1 - p) * (1 + p * a * a));
            float least = (float) ((a - a * p) * scale);
            long dropped = 0;
            for (float v : y.toFloats()) {
                dropped += Math.abs(v - least) < 1e-6 ? 1 : 0;
            }
            assertEquals(p, dropped / 20000.0, 0.02);
        }
        Tensor channels = new FeatureAlphaDropout(0.5).forward(Tensor.ones(10, 10, 5));
        assertEquals(0, channels.var(0, false, 2).sum().item(), 1e-6);
        assertNotEquals(0, channels.var().item(), 0.1);
        assertEquals(0, new AlphaDropout(1).forward(x).norm().item());
    }

    @Test
    void aModuleDictHasItsPartsUnderTheirNames() {
        Map<String, Layer> parts = new LinkedHashMap<>();
        parts.put("conv", new Conv2d(1, 2, 3));
        parts.put("act", new ReLU());
        ModuleDict<Layer> dict = new ModuleDict<>(parts);
        assertEquals(List.of("conv.weight", "conv.bias"), List.copyOf(dict.stateDict().keySet()));
        assertEquals(
                "ModuleDict(\n"
                        + "  (conv): Conv2d(1, 2, kernel_size=(3, 3), stride=(1, 1))\n"
                        + "  (act): ReLU()\n"
                        + ")",
                dict.toString());
        Layer other = new Conv2d(1, 2, 1);
        dict.replace("conv", other);
        assertEquals(other, dict.get("conv"));
        assertEquals(2, dict.size());
        assertTrue(dict.contains("act") && !dict.contains("bn"));
        refused("ModuleDict: there is no part called 'bn', only conv, act", () -> dict.get("bn"));
        refused(
                "Block: ModuleDict has a member called 'act' already",
                () -> dict.put("act", new ReLU()));
    }
}
