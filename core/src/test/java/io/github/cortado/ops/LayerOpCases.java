package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.AlphaDropout;
import io.github.cortado.nn.Conv1d;
import io.github.cortado.nn.FeatureAlphaDropout;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GRU;
import io.github.cortado.nn.LSTM;
import io.github.cortado.nn.Pool2dOptions;
import io.github.cortado.nn.StochasticDepth;
import io.github.cortado.ops.PoolWindows.Along;
import io.github.cortado.random.Seed;
import java.util.List;

/** Operations of layers: other windows, bags, sequences of different lengths, more dropout. */
final class LayerOpCases extends OpRows {
    private LayerOpCases() {}

    static List<OpCase> all() {
        LayerOpCases table = new LayerOpCases();
        table.windows();
        table.convolutions();
        table.bags();
        table.lengths();
        table.arrangement();
        table.patches();
        table.draws();
        return table.cases();
    }

    private static Tensor numbers(long... numbers) {
        return Tensor.of(numbers, numbers.length).to(Device.cpuScalar());
    }

    private void windows() {
        Pool2dOptions ceil = new Pool2dOptions(3, 2, 2, 3, 1, 0).ceilMode(true);
        String max = "PoolWindows.max(Tensor,Along,Along)";
        String avg = "PoolWindows.avg(Tensor,Along,Along,boolean,int)";
        row(
                "maxPool2d beyond the border",
                max,
                x -> Functional.maxPool2d(x[0], ceil),
                distinct(1, 2, 6, 7));
        row(
                "maxPool2d with holes",
                "",
                x ->
                        PoolWindows.max(
                                x[0], new Along(3, 2, 1, 2, true), new Along(2, 1, 0, 3, false)),
                distinct(1, 2, 7, 6));
        row(
                "avgPool2d beyond the border",
                avg,
                x -> Functional.avgPool2d(x[0], ceil, false),
                leaf(1, 2, 6, 7));
        row(
                "avgPool2d beyond the border, padding counted",
                "",
                x -> Functional.avgPool2d(x[0], ceil, true),
                leaf(1, 2, 6, 7));
        row(
                "avgPool2d by a divisor",
                "Functional.avgPool2d(Tensor,Pool2dOptions,boolean,int)",
                x -> Functional.avgPool2d(x[0], Pool2dOptions.of(3, 2, 1), true, -5),
                leaf(1, 2, 5, 6));
        row(
                "maxPool1d with holes",
                "Functional.maxPool1d(Tensor,int,int,int,int,boolean)",
                x -> Functional.maxPool1d(x[0], 3, 2, 1, 2, true),
                distinct(2, 2, 9));
        row(
                "avgPool1d beyond the border",
                "Functional.avgPool1d(Tensor,int,int,int,boolean,boolean)",
                x -> Functional.avgPool1d(x[0], 3, 2, 1, true, false),
                leaf(2, 2, 8));
        row(
                "adaptiveMaxPool2d",
                "Functional.adaptiveMaxPool2d(Tensor,int,int) PoolWindows.adaptiveMax(Tensor,int,int)",
                x -> Functional.adaptiveMaxPool2d(x[0], 3, 2),
                distinct(1, 2, 7, 4));
        row(
                "adaptiveMaxPool1d",
                "Functional.adaptiveMaxPool1d(Tensor,int)",
                x -> Functional.adaptiveMaxPool1d(x[0], 5),
                distinct(2, 2, 3));
    }

    private void convolutions() {
        row(
                "convTranspose1d",
                "Functional.convTranspose1d(Tensor,Tensor,Tensor,int,int,int,int,int)",
                x -> Functional.convTranspose1d(x[0], x[1], x[2], 2, 1, 1, 2, 2),
                leaf(2, 4, 3),
                leaf(4, 1, 3),
                leaf(2));
        row(
                "convTranspose1d, more at its end than a stride, of which padding cuts",
                "",
                x -> Functional.convTranspose1d(x[0], x[1], x[2], 2, 2, 2, 1, 3),
                leaf(1, 2, 3),
                leaf(2, 2, 3),
                leaf(2));
        row(
                "conv1d as long as its input",
                "",
                x -> {
                    Seed.manualSeed(2);
                    Conv1d net = new Conv1d(2, 3, 4).padding("same").paddingMode("circular");
                    net.to(x[0].device(), x[0].dtype());
                    return net.forward(x[0]);
                },
                leaf(1, 2, 5));
    }

    private void bags() {
        Tensor some = numbers(3, 0, 2, 2, 2, 1).reshape(2, 3);
        Tensor line = numbers(3, 2, 0, 0, 2, 1, 3);
        Tensor offsets = numbers(0, 2, 2, 4);
        String fixed =
                "Functional.embeddingBag(Tensor,Tensor,String,int)"
                        + " Bags.apply(Tensor,Tensor,Mode,int)";
        String listed =
                "Functional.embeddingBag(Tensor,Tensor,Tensor,String,int)"
                        + " Bags.apply(Tensor,Tensor,Tensor,Mode,int)"
                        + " Select.sumByIndex(Tensor,Tensor,int)";
        for (String mode : List.of("sum", "mean", "max")) {
            for (int padding : new int[] {-1, 2}) {
                String name = mode + (padding < 0 ? "" : " with padding");
                row(
                        "embeddingBag, " + name,
                        fixed,
                        x -> Functional.embeddingBag(x[1], x[0], mode, padding),
                        distinct(4, 3),
                        some);
                row(
                        "embeddingBag with offsets, " + name,
                        listed,
                        x -> Functional.embeddingBag(x[1], x[0], x[2], mode, padding),
                        distinct(4, 3),
                        line,
                        offsets);
            }
        }
    }

    private void lengths() {
        row(
                "a GRU over lengths",
                "Lengths.masked(Tensor) Lengths.turned(Tensor) Lengths.last(Tensor)",
                x -> {
                    Seed.manualSeed(3);
                    GRU net = new GRU(2, 3).bidirectional();
                    net.to(x[0].device(), x[0].dtype());
                    GRU.Output y = net.forwardPadded(x[0], x[1], x[2]);
                    return Tensor.cat(0, y.output().flatten(0), y.h().flatten(0));
                },
                leaf(4, 3, 2),
                numbers(2, 4, 1),
                leaf(2, 3, 3));
        row(
                "an LSTM over lengths",
                "Lengths.holding(Tensor)",
                x -> {
                    Seed.manualSeed(4);
                    LSTM net = new LSTM(2, 3).layers(2).bidirectional();
                    net.to(x[0].device(), x[0].dtype());
                    LSTM.Output y = net.forwardPadded(x[0], x[1]);
                    return Tensor.cat(0, y.output().flatten(0), y.c().flatten(0));
                },
                leaf(3, 2, 2),
                numbers(1, 3));
        row(
                "attention over lengths",
                "Lengths.attentionMask(Tensor,int,DType)",
                x -> {
                    Tensor mask = Lengths.attentionMask(x[1], 3, DType.FLOAT32).to(x[0].dtype());
                    return Functional.scaledDotProductAttention(x[0], x[0], x[0], mask);
                },
                leaf(2, 1, 3, 4),
                numbers(2, 3));
    }

    private void arrangement() {
        row(
                "pad with the other end",
                "",
                x -> Functional.pad(x[0], new int[] {3, 1, 0, 2}, "circular", 0),
                leaf(2, 2, 3));
        row(
                "pixelUnshuffle",
                "Functional.pixelUnshuffle(Tensor,int)",
                x -> Functional.pixelUnshuffle(x[0], 2),
                leaf(2, 4, 6));
        row(
                "channelShuffle",
                "Functional.channelShuffle(Tensor,int)",
                x -> Functional.channelShuffle(x[0], 3),
                leaf(2, 6, 2));
        row(
                "localResponseNorm",
                "Functional.localResponseNorm(Tensor,int,double,double,double)",
                x -> Functional.localResponseNorm(x[0], 4, 0.7, 0.75, 1.5),
                leaf(2, 5, 3));
    }

    private void patches() {
        String fold = "Functional.fold(Tensor,int,int,int,int,int,int)";
        String unfold = "Functional.unfold(Tensor,int,int,int,int)";
        row(
                "unfold",
                unfold + " Patches.unfold(Tensor,Options)",
                x -> Functional.unfold(x[0], 2, 2, 1, 2),
                leaf(2, 2, 4, 5));
        row(
                "fold",
                fold + " Patches.fold(Tensor,int,int,Options)",
                x -> Functional.fold(x[0], 4, 5, 3, 1, 1, 2),
                leaf(2, 18, 6));
        row(
                "bilinear",
                "Functional.bilinear(Tensor,Tensor,Tensor,Tensor)",
                x -> Functional.bilinear(x[0], x[1], x[2], x[3]),
                leaf(2, 2, 3),
                leaf(2, 2, 4),
                leaf(2, 3, 4),
                leaf(2));
    }

    private void draws() {
        unary(
                "stochasticDepth",
                "Functional.stochasticDepth(Tensor,double,String,Draws)",
                x -> {
                    Seed.manualSeed(6);
                    return new StochasticDepth(0.4, "row").forward(x);
                });
        unary(
                "alphaDropout",
                "Functional.alphaDropout(Tensor,double,Draws)",
                x -> {
                    Seed.manualSeed(6);
                    return new AlphaDropout(0.4).forward(x);
                });
        unary(
                "featureAlphaDropout",
                "Functional.featureAlphaDropout(Tensor,double,Draws)",
                x -> {
                    Seed.manualSeed(6);
                    return new FeatureAlphaDropout(0.4).forward(x);
                });
    }
}
