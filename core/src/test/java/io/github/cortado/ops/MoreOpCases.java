package io.github.cortado.ops;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Draws;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Reduction;
import io.github.cortado.ops.Recurrence.Cell;
import io.github.cortado.random.Seed;
import java.util.List;

/** Operations on sequences, pictures of other sizes, and what is made of others. */
final class MoreOpCases extends OpRows {
    private MoreOpCases() {}

    static List<OpCase> all() {
        MoreOpCases table = new MoreOpCases();
        table.selection();
        table.attention();
        table.recurrence();
        table.pictures();
        table.normalisation();
        table.functions();
        table.arrangement();
        table.losses();
        return table.cases();
    }

    private static Tensor index(long... numbers) {
        return Tensor.of(numbers, numbers.length).to(io.github.cortado.Device.cpuScalar());
    }

    private void selection() {
        String select = "Select.indexSelect(Tensor,int,Tensor) Tensor.indexSelect(int,Tensor)";
        row(
                "indexSelect",
                select,
                x -> x[0].indexSelect(1, x[1]),
                leaf(2, 3, 2),
                index(2, 0, 2, 1));
        row("indexSelect of rows", "", x -> x[0].indexSelect(0, x[1]), leaf(3, 2), index(1, 1));
        row(
                "embedding",
                "Functional.embedding(Tensor,Tensor)",
                x -> Functional.embedding(x[1].reshape(2, 3), x[0]),
                leaf(4, 3),
                index(3, 0, 1, 1, 1, 3));
        row(
                "embedding with padding",
                "Functional.embedding(Tensor,Tensor,int) Select.embedding(Tensor,Tensor,int)",
                x -> Functional.embedding(x[1], x[0].mul(2), -1),
                leaf(4, 3),
                index(3, 0, 1, 1, 1, 3));
    }

    private void attention() {
        String f = "Functional.scaledDotProductAttention(Tensor,Tensor,Tensor%s)";
        String apply =
                "Attention.apply(Tensor,Tensor,Tensor,Tensor,UnaryOperator)"
                        + " Attention.causalMask(Tensor,int,int)";
        row(
                "attention",
                f.formatted(""),
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2]),
                leaf(2, 3, 4),
                leaf(2, 5, 4),
                leaf(2, 5, 2));
        row(
                "causal attention",
                f.formatted(",boolean")
                        + " "
                        + apply
                        + " Attention.causal(Tensor,Tensor,Tensor,UnaryOperator)",
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2], true),
                leaf(4, 3),
                leaf(4, 3),
                leaf(4, 3));
        row(
                "causal attention with dropout",
                f.formatted(",boolean,double,Draws"),
                x -> {
                    Seed.manualSeed(6);
                    return new Forgetful().forward(x[0], x[1], x[2]);
                },
                leaf(4, 3),
                leaf(4, 3),
                leaf(4, 3));
        row(
                "attention with a bias",
                f.formatted(",Tensor"),
                x -> Functional.scaledDotProductAttention(x[0], x[1], x[2], x[3]),
                leaf(2, 3, 4),
                leaf(2, 5, 4),
                leaf(2, 5, 2),
                leaf(5));
    }

    /** Attention with draws of its own. */
    private static final class Forgetful extends Block {
        private final Draws draws = draws();

        Tensor forward(Tensor q, Tensor k, Tensor v) {
            return Functional.scaledDotProductAttention(q, k, v, true, 0.4, draws);
        }
    }

    private void recurrence() {
        String covers = "Recurrence.apply(Cell,Tensor,Tensor,Tensor,Tensor,Tensor,boolean)";
        for (Cell cell : List.of(Cell.TANH, Cell.GRU, Cell.LSTM)) {
            int g = cell.gates();
            boolean isLstm = cell == Cell.LSTM;
            for (boolean reverse : new boolean[] {false, true}) {
                row(
                        cell + (reverse ? " backwards" : ""),
                        covers,
                        x ->
                                Recurrence.apply(
                                        cell,
                                        x[0],
                                        x[1],
                                        isLstm ? x[4] : null,
                                        x[2],
                                        x[3],
                                        reverse),
                        leaf(3, 2, 2 * g),
                        leaf(2, 2),
                        leaf(2 * g, 2),
                        leaf(2 * g),
                        isLstm ? leaf(2, 2) : number(1));
            }
        }
        row(
                "RELU",
                covers,
                x -> Recurrence.apply(Cell.RELU, x[0], x[1], null, x[2], null, false),
                positive(3, 2, 2),
                positive(2, 2),
                positive(2, 2));
    }

    private void pictures() {
        row(
                "convTranspose2d",
                "Functional.convTranspose2d(Tensor,Tensor,Tensor,int,int,int,int,int)",
                x -> Functional.convTranspose2d(x[0], x[1], x[2], 2, 1, 1, 2, 1),
                leaf(1, 4, 2, 3),
                leaf(4, 2, 3, 3),
                leaf(4));
        row(
                "convTranspose2d not square",
                "Functional.convTranspose2d(Tensor,Tensor,Tensor,Conv2dOptions,int,int)"
                        + " ConvTranspose2d.apply(Tensor,Tensor,Tensor,Options,int,int)",
                x ->
                        Functional.convTranspose2d(
                                x[0], x[1], null, new Conv2dOptions(1, 2, 0, 1, 2, 1, 1), 1, 0),
                leaf(2, 2, 2, 3),
                leaf(2, 3, 2, 3));
        row(
                "conv1d",
                "Functional.conv1d(Tensor,Tensor,Tensor,int,int,int,int)",
                x -> Functional.conv1d(x[0], x[1], x[2], 2, 1, 1, 1),
                leaf(2, 2, 6),
                leaf(3, 2, 3),
                leaf(3));
        row(
                "maxPool1d",
                "Functional.maxPool1d(Tensor,int,int,int)",
                x -> Functional.maxPool1d(x[0], 3, 2, 1),
                distinct(2, 2, 7));
        row(
                "avgPool1d",
                "Functional.avgPool1d(Tensor,int,int,int,boolean)",
                x -> Functional.avgPool1d(x[0], 3, 2, 1, false),
                leaf(2, 2, 7));
        row(
                "adaptiveAvgPool2d",
                "Functional.adaptiveAvgPool2d(Tensor,int,int) PoolWindows.adaptiveAvg(Tensor,int,int)",
                x -> Functional.adaptiveAvgPool2d(x[0], 2, 3),
                leaf(1, 2, 4, 5));
        row(
                "adaptiveAvgPool1d",
                "Functional.adaptiveAvgPool1d(Tensor,int)",
                x -> Functional.adaptiveAvgPool1d(x[0], 4),
                leaf(2, 1, 6));
        row(
                "adaptiveAvgPool2d even",
                "",
                x -> Functional.adaptiveAvgPool2d(x[0], 2, 1),
                leaf(1, 2, 4, 5));
        for (String mode : List.of("nearest", "bilinear")) {
            row(
                    "interpolate, " + mode,
                    "Functional.interpolate(Tensor,int,int,String,boolean)"
                            + " Resize.apply(Tensor,int,int,Mode)",
                    x -> Functional.interpolate(x[0], 5, 2, mode, false),
                    leaf(1, 2, 3, 4));
        }
        row(
                "interpolate with its corners",
                "",
                x -> Functional.interpolate(x[0], 5, 2, "bilinear", true),
                leaf(1, 2, 3, 4));
        row(
                "pixelShuffle",
                "Functional.pixelShuffle(Tensor,int)",
                x -> Functional.pixelShuffle(x[0], 2),
                leaf(1, 8, 2, 3));
    }

    private void normalisation() {
        row(
                "groupNorm",
                "Functional.groupNorm(Tensor,int,Tensor,Tensor,double)"
                        + " GroupNormalise.apply(Tensor,int,Tensor,Tensor,double)",
                x -> Functional.groupNorm(x[0], 2, x[1], x[2], 1e-3),
                leaf(2, 4, 3),
                leaf(4),
                leaf(4));
        row(
                "groupNorm and relu",
                "",
                x -> Functional.relu(Functional.groupNorm(x[0], 2, x[1], x[2], 1e-3)),
                distinct(2, 4, 3),
                leaf(4),
                leaf(4));
        row(
                "instanceNorm",
                "Functional.instanceNorm(Tensor,Tensor,Tensor,double)",
                x -> Functional.instanceNorm(x[0], null, null, 1e-3),
                leaf(2, 2, 3, 2));
        row(
                "rmsNorm",
                "Functional.rmsNorm(Tensor,int[],Tensor,double)"
                        + " Normalise.rmsNorm(Tensor,int[],Tensor,double)",
                x -> Functional.rmsNorm(x[0], new int[] {2, 3}, x[1], 1e-3),
                leaf(2, 2, 3),
                leaf(2, 3));
    }

    private void functions() {
        row(
                "prelu",
                "Functional.prelu(Tensor,Tensor)",
                x -> Functional.prelu(x[0], x[1]),
                awayFromZero(4, 3),
                leaf(3));
        row("prelu of one", "", x -> Functional.prelu(x[0], x[1]), awayFromZero(4, 3), leaf(1));
        unary(
                "hardtanh",
                "Functional.hardtanh(Tensor,double,double)",
                x -> Functional.hardtanh(x, -0.45, 0.53));
        unary(
                "normalize",
                "Functional.normalize(Tensor,int,double)",
                x -> Functional.normalize(x, 1, 1e-12));
        row(
                "cosineSimilarity",
                "Functional.cosineSimilarity(Tensor,Tensor,int,double)",
                x -> Functional.cosineSimilarity(x[0], x[1], 1, 1e-8),
                leaf(3, 4),
                leaf(3, 4));
        row(
                "where",
                "Arrange.where(Tensor,Tensor,Tensor)",
                x -> Arrange.where(x[2], x[0], x[1]),
                leaf(3, 4),
                leaf(4),
                number(3, 4));
        unary("celu", "Functional.celu(Tensor,double)", x -> Functional.celu(x, 1.3));
        unary("selu", "Functional.selu(Tensor)", Functional::selu);
        unary("hardshrink", "Functional.hardshrink(Tensor,double)", x -> shrunk(x, true));
        unary("softshrink", "Functional.softshrink(Tensor,double)", x -> shrunk(x, false));
        unary("tanhshrink", "Functional.tanhshrink(Tensor)", Functional::tanhshrink);
        unary(
                "threshold",
                "Functional.threshold(Tensor,double,double)",
                x -> Functional.threshold(x, 0.05, 0.7));
        unary("softmin", "Functional.softmin(Tensor,int)", x -> Functional.softmin(x, 0));
        row(
                "pairwiseDistance",
                "Functional.pairwiseDistance(Tensor,Tensor,double)",
                x -> Functional.pairwiseDistance(x[0], x[1], 1e-6),
                leaf(3, 4),
                leaf(3, 4));
        unary("norm", "Tensor.norm()", Tensor::norm);
        unary(
                "norm of a dimension",
                "Tensor.norm(boolean,int[]) Statistics.norm(Tensor,int[],boolean)",
                x -> x.norm(false, 1));
        row(
                "min",
                "Tensor.min(int,boolean) Statistics.min(Tensor,int,boolean)",
                x -> x[0].min(1, true).values(),
                distinct(3, 4));
    }

    private static Tensor shrunk(Tensor x, boolean hard) {
        return hard ? Functional.hardshrink(x, 0.05) : Functional.softshrink(x, 0.05);
    }

    private void arrangement() {
        unary("flip", "Tensor.flip(int[]) Arrange.flip(Tensor,int[])", x -> x.flip(1));
        unary("roll", "Tensor.roll(int,int) Arrange.roll(Tensor,int,int)", x -> x.roll(-2, 1));
        unary(
                "repeat",
                "Tensor.repeat(int[]) Arrange.repeat(Tensor,int[])",
                x -> x.repeat(2, 1, 2));
        unary("tril", "Tensor.tril(int) Arrange.tril(Tensor,int)", x -> x.tril(0).add(x));
        unary("triu", "Tensor.triu(int) Arrange.triu(Tensor,int)", x -> x.triu(1).add(x));
        String pad = "Functional.pad(Tensor,int[],String,double)";
        unary(
                "pad",
                pad + " Arrange.pad(Tensor,int[],int[],double)",
                x -> Functional.pad(x, new int[] {1, 0, 2, 1}, "constant", 3));
        unary(
                "pad with its own",
                pad + " Arrange.padWithOwn(Tensor,int,int,int,Border)",
                x -> Functional.pad(x, new int[] {1, 2}, "reflect", 0));
        unary(
                "pad with the outermost",
                pad,
                x -> Functional.pad(x, new int[] {1, 2, 3, 0}, "replicate", 0));
    }

    private void losses() {
        row(
                "binaryCrossEntropy",
                "Functional.binaryCrossEntropy(Tensor,Tensor)",
                x -> Functional.binaryCrossEntropy(x[0].mul(0.4), x[1].mul(0.4)),
                positive(3, 4),
                positive(3, 4));
        row(
                "binaryCrossEntropy summed",
                "Functional.binaryCrossEntropy(Tensor,Tensor,Reduction)",
                x -> Functional.binaryCrossEntropy(x[0].mul(0.4), x[1], Reduction.SUM),
                positive(3, 4),
                positive(3, 4));
        row(
                "klDivLoss",
                "Functional.klDivLoss(Tensor,Tensor,Reduction)",
                x -> Functional.klDivLoss(x[0], x[1], Reduction.NONE),
                leaf(3, 4),
                positive(3, 4));
        Tensor sign = Tensor.of(new double[] {1, -1, 1});
        row(
                "marginRankingLoss",
                "Functional.marginRankingLoss(Tensor,Tensor,Tensor,double,Reduction)",
                x -> Functional.marginRankingLoss(x[0], x[1], x[2], 4, Reduction.SUM),
                leaf(3),
                leaf(3),
                sign);
        row(
                "poissonNllLoss",
                "Functional.poissonNllLoss(Tensor,Tensor,Reduction)",
                x -> Functional.poissonNllLoss(x[0], x[1], Reduction.SUM),
                leaf(3),
                positive(3));
        row(
                "gaussianNllLoss",
                "Functional.gaussianNllLoss(Tensor,Tensor,Tensor,double,Reduction)",
                x -> Functional.gaussianNllLoss(x[0], x[1], x[2], 1e-6, Reduction.NONE),
                leaf(3),
                leaf(3),
                positive(3));
        row(
                "hingeEmbeddingLoss",
                "Functional.hingeEmbeddingLoss(Tensor,Tensor,double,Reduction)",
                x -> Functional.hingeEmbeddingLoss(x[0], x[1], 3, Reduction.SUM),
                leaf(3),
                sign);
        row(
                "softMarginLoss",
                "Functional.softMarginLoss(Tensor,Tensor,Reduction)",
                x -> Functional.softMarginLoss(x[0], x[1], Reduction.SUM),
                leaf(3),
                sign);
        row(
                "cosineEmbeddingLoss",
                "Functional.cosineEmbeddingLoss(Tensor,Tensor,Tensor,double,Reduction)",
                x -> Functional.cosineEmbeddingLoss(x[0], x[1], x[2], -1, Reduction.SUM),
                leaf(3, 4),
                leaf(3, 4),
                sign);
        row(
                "tripletMarginLoss",
                "Functional.tripletMarginLoss(Tensor,Tensor,Tensor,double,Reduction)",
                x -> Functional.tripletMarginLoss(x[0], x[1], x[2], 4, Reduction.SUM),
                leaf(3, 4),
                leaf(3, 4),
                leaf(3, 4));
    }
}
