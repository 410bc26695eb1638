package io.github.cortado.benchmarks;

import static io.github.cortado.benchmarks.Operation.Input.of;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Operation.Input;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Pool2dOptions;
import io.github.cortado.nn.Reduction;

/** Of {@link Operations}: lines by number, attention, pictures of other sizes, more losses. */
final class MoreOperations {
    private static final int COLUMNS = 1024;
    private static final double EPS = 1e-5;

    private final Operations all;
    private final int n;

    MoreOperations(Operations all, int n) {
        this.all = all;
        this.n = n;
    }

    void addAll() {
        functions();
        selection();
        arrangement();
        pictures();
        losses();
        lossesOfClasses();
        layers();
    }

    private void functions() {
        all.add("prelu", t -> Functional.prelu(t.get(0), t.get(1)), all.matrix(), of(1));
        all.unary("hardtanh", x -> Functional.hardtanh(x, -1, 1));
        all.unary("celu", x -> Functional.celu(x, 1));
        all.unary("selu", Functional::selu);
        all.unary("hardshrink", x -> Functional.hardshrink(x, 0.5));
        all.unary("softshrink", x -> Functional.softshrink(x, 0.5));
        all.unary("tanhshrink", Functional::tanhshrink);
        all.unary("threshold", x -> Functional.threshold(x, 0.1, 0.5));
        all.unary("softmin of rows", x -> Functional.softmin(x, 1));
        all.add(
                "pairwiseDistance",
                t -> Functional.pairwiseDistance(t.get(0), t.get(1), 1e-6),
                all.matrix(),
                all.matrix());
        all.unary("normalize", x -> Functional.normalize(x, 1, 1e-12));
        all.add(
                "cosineSimilarity",
                t -> Functional.cosineSimilarity(t.get(0), t.get(1), 1, 1e-8),
                all.matrix(),
                all.matrix());
        all.unary("norm", Tensor::norm);
        all.unary("norm of rows", x -> x.norm(false, 1));
        all.unary("min of rows", x -> x.min(1, false).values());
        all.forward("argmin of rows", t -> t.get(0).argmin(1), all.matrix());
        all.add(
                "rmsNorm",
                t -> Functional.rmsNorm(t.get(0), new int[] {COLUMNS}, t.get(1), EPS),
                all.matrix(),
                of(COLUMNS));
        all.add(
                "groupNorm",
                t -> Functional.groupNorm(t.get(0), 4, t.get(1), t.get(2), EPS),
                all.maps(),
                of(16),
                of(16));
        all.unary("instanceNorm", all.maps(), x -> Functional.instanceNorm(x, null, null, EPS));
    }

    private void selection() {
        Input lines = of(n).as(DType.INT64).within(0, n);
        all.add("indexSelect", t -> t.get(0).indexSelect(0, t.get(1)), all.matrix(), lines);
        all.add(
                "indexSelect of columns",
                t -> t.get(0).indexSelect(1, t.get(1)),
                all.matrix(),
                of(COLUMNS).as(DType.INT64).within(0, COLUMNS));
        all.add(
                "embedding",
                t -> Functional.embedding(t.get(0), t.get(1)),
                of(n / 4, 4).as(DType.INT64).within(0, 8 * 128),
                of(8 * 128, COLUMNS));
        all.add(
                "embedding with padding",
                t -> Functional.embedding(t.get(0), t.get(1), 0),
                of(n / 4, 4).as(DType.INT64).within(0, 8 * 128),
                of(8 * 128, COLUMNS));
        Input heads = of(n / 32, 4, 128, 64);
        all.add(
                "attention",
                t -> Functional.scaledDotProductAttention(t.get(0), t.get(1), t.get(2)),
                heads,
                heads,
                heads);
        all.add(
                "attention, causal",
                t -> Functional.scaledDotProductAttention(t.get(0), t.get(1), t.get(2), true),
                heads,
                heads,
                heads);
        all.add(
                "attention with a mask",
                t -> Functional.scaledDotProductAttention(t.get(0), t.get(1), t.get(2), t.get(3)),
                heads,
                heads,
                heads,
                of(128, 128).constant());
        all.add(
                "self-attention",
                t -> Functional.selfAttention(t.get(0), 4, true),
                of(n / 32, 128, 3 * 4 * 64));
    }

    private void arrangement() {
        all.unary("flip columns", x -> x.flip(1));
        all.unary("roll rows", x -> x.roll(3, 0));
        all.unary("repeat", of(n / 2, COLUMNS / 2), x -> x.repeat(2, 2));
        all.unary("tril", of(n / 128, 128, COLUMNS), x -> x.tril(0));
        all.unary("triu", of(n / 128, 128, COLUMNS), x -> x.triu(1));
        all.unary("pad", all.maps(), x -> pad(x, "constant"));
        all.unary("pad reflected", all.maps(), x -> pad(x, "reflect"));
    }

    private static Tensor pad(Tensor x, String mode) {
        return Functional.pad(x, new int[] {2, 2, 2, 2}, mode, 0);
    }

    private void pictures() {
        Input w = of(16, 16, 2, 2);
        all.add(
                "convTranspose2d",
                t -> Functional.convTranspose2d(t.get(0), t.get(1), t.get(2), 2, 0, 0, 1, 1),
                of(n / 16, 16, 16, 16),
                w,
                of(16));
        all.add(
                "convTranspose2d 3x3",
                t ->
                        Functional.convTranspose2d(
                                t.get(0), t.get(1), null, Conv2dOptions.of(2, 1, 1, 1), 1, 1),
                of(n / 16, 16, 16, 16),
                of(16, 16, 3, 3));
        Input lines = of(n / 16, 16, COLUMNS);
        all.add(
                "conv1d",
                t -> Functional.conv1d(t.get(0), t.get(1), t.get(2), 1, 1, 1, 1),
                lines,
                of(16, 16, 3),
                of(16));
        all.unary("maxPool1d", lines, x -> Functional.maxPool1d(x, 2, 2, 0));
        all.unary("avgPool1d", lines, x -> Functional.avgPool1d(x, 2, 2, 0, true));
        all.unary("adaptiveAvgPool2d", all.maps(), x -> Functional.adaptiveAvgPool2d(x, 8, 8));
        all.unary(
                "adaptiveAvgPool2d uneven", all.maps(), x -> Functional.adaptiveAvgPool2d(x, 7, 7));
        all.unary("adaptiveAvgPool1d", lines, x -> Functional.adaptiveAvgPool1d(x, 64));
        all.unary("interpolate nearest", all.maps(), x -> twice(x, "nearest"));
        all.unary("interpolate bilinear", all.maps(), x -> twice(x, "bilinear"));
        all.unary("pixelShuffle", all.maps(), x -> Functional.pixelShuffle(x, 2));
    }

    private static Tensor twice(Tensor x, String mode) {
        return Functional.interpolate(x, 64, 64, mode, false);
    }

    private void losses() {
        Input ofProbabilities = all.matrix().within(0.01, 0.99);
        all.add(
                "binaryCrossEntropy",
                t -> Functional.binaryCrossEntropy(t.get(0), t.get(1)),
                ofProbabilities,
                ofProbabilities.constant());
        all.add(
                "klDivLoss",
                t -> Functional.klDivLoss(t.get(0), t.get(1), Reduction.MEAN),
                all.matrix(),
                ofProbabilities.constant());
        Input signs = of(n).constant();
        all.add(
                "marginRankingLoss",
                t ->
                        Functional.marginRankingLoss(
                                t.get(0), t.get(1), t.get(2), 0.5, Reduction.MEAN),
                all.matrix(),
                all.matrix(),
                all.matrix().constant());
        all.add(
                "poissonNllLoss",
                t -> Functional.poissonNllLoss(t.get(0), t.get(1), Reduction.MEAN),
                all.matrix(),
                ofProbabilities.constant());
        all.add(
                "gaussianNllLoss",
                t -> Functional.gaussianNllLoss(t.get(0), t.get(1), t.get(2), 1e-6, Reduction.MEAN),
                all.matrix(),
                all.matrix().constant(),
                ofProbabilities);
        all.add(
                "hingeEmbeddingLoss",
                t -> Functional.hingeEmbeddingLoss(t.get(0), t.get(1), 1, Reduction.MEAN),
                all.matrix(),
                all.matrix().constant());
        all.add(
                "softMarginLoss",
                t -> Functional.softMarginLoss(t.get(0), t.get(1), Reduction.MEAN),
                all.matrix(),
                all.matrix().constant());
        all.add(
                "cosineEmbeddingLoss",
                t ->
                        Functional.cosineEmbeddingLoss(
                                t.get(0), t.get(1), t.get(2), 0.1, Reduction.MEAN),
                all.matrix(),
                all.matrix(),
                signs);
        all.add(
                "tripletMarginLoss",
                t -> Functional.tripletMarginLoss(t.get(0), t.get(1), t.get(2), 1, Reduction.MEAN),
                all.matrix(),
                all.matrix(),
                all.matrix());
    }

    private void lossesOfClasses() {
        Input classes = of(n).as(DType.INT64).within(0, COLUMNS);
        Input weights = of(COLUMNS).within(0.5, 2).constant();
        all.add(
                "nllLoss",
                t -> Functional.nllLoss(t.get(0), t.get(1), t.get(2), Reduction.MEAN, -100),
                all.matrix(),
                classes,
                weights);
        all.add(
                "crossEntropy with weights",
                t -> Functional.crossEntropy(t.get(0), t.get(1), t.get(2), Reduction.MEAN, -100, 0),
                all.matrix(),
                classes,
                weights);
        all.add(
                "multiMarginLoss",
                t -> Functional.multiMarginLoss(t.get(0), t.get(1), 1, 1, null, Reduction.MEAN),
                all.matrix(),
                classes);
        all.add(
                "multilabelMarginLoss",
                t -> Functional.multilabelMarginLoss(t.get(0), t.get(1), Reduction.MEAN),
                of(n, 16),
                of(n, 16).as(DType.INT64).within(0, 16));
        all.add(
                "multilabelSoftMarginLoss",
                t ->
                        Functional.multilabelSoftMarginLoss(
                                t.get(0), t.get(1), t.get(2), Reduction.MEAN),
                all.matrix(),
                of(n, COLUMNS).within(0.01, 0.99).constant(),
                weights);
        all.add(
                "binaryCrossEntropyWithLogits with weights",
                t ->
                        Functional.binaryCrossEntropyWithLogits(
                                t.get(0), t.get(1), null, Reduction.MEAN, t.get(2)),
                all.matrix(),
                of(n, COLUMNS).within(0.01, 0.99).constant(),
                weights);
        all.add(
                "tripletMarginWithDistanceLoss",
                t ->
                        Functional.tripletMarginWithDistanceLoss(
                                t.get(0),
                                t.get(1),
                                t.get(2),
                                (a, b) -> Functional.pairwiseDistance(a, b, 1e-6),
                                1,
                                false,
                                Reduction.MEAN),
                all.matrix(),
                all.matrix(),
                all.matrix());
        all.add(
                "ctcLoss",
                t ->
                        Functional.ctcLoss(
                                t.get(0), t.get(1), t.get(2), t.get(3), 0, Reduction.MEAN, true),
                of(50, n / 32, 64),
                of(n / 32, 10).as(DType.INT64).within(1, 64),
                of(n / 32).as(DType.INT64).within(40, 51),
                of(n / 32).as(DType.INT64).within(5, 11));
    }

    private void layers() {
        Input lines = of(n / 16, 16, COLUMNS);
        all.unary("maxPool1d with holes", lines, x -> Functional.maxPool1d(x, 3, 2, 1, 2, true));
        all.unary("avgPool1d to the end", lines, x -> Functional.avgPool1d(x, 3, 2, 0, true, true));
        Pool2dOptions windows = Pool2dOptions.of(2, 2, 0);
        all.unary(
                "avgPool2d by a divisor",
                all.maps(),
                x -> Functional.avgPool2d(x, windows, true, 3));
        all.unary("adaptiveMaxPool2d", all.maps(), x -> Functional.adaptiveMaxPool2d(x, 8, 8));
        all.unary(
                "adaptiveMaxPool2d uneven", all.maps(), x -> Functional.adaptiveMaxPool2d(x, 7, 7));
        all.unary("adaptiveMaxPool1d", lines, x -> Functional.adaptiveMaxPool1d(x, 64));
        all.add(
                "convTranspose1d",
                t -> Functional.convTranspose1d(t.get(0), t.get(1), t.get(2), 2, 0, 0, 1, 1),
                lines,
                of(16, 16, 2),
                of(16));
        Input table = of(8 * 128, COLUMNS);
        all.add(
                "embeddingBag",
                t -> Functional.embeddingBag(t.get(0), t.get(1), "mean", -1),
                of(n / 4, 4).as(DType.INT64).within(0, 8 * 128),
                table);
        all.add(
                "embeddingBag with offsets",
                t -> Functional.embeddingBag(t.get(0), t.get(1), t.get(2), "mean", -1),
                of(n).as(DType.INT64).within(0, 8 * 128),
                table,
                of(n / 4).as(DType.INT64).within(0, 1));
        all.add(
                "bilinear",
                t -> Functional.bilinear(t.get(0), t.get(1), t.get(2), t.get(3)),
                of(n, 64),
                of(n, 64),
                of(64, 64, 64),
                of(64));
        // Nine times as many numbers beside them.
        all.unary(
                "unfold", of(n / perPicture(), 16, 32, 32), x -> Functional.unfold(x, 3, 1, 1, 1));
        all.unary(
                "fold",
                of(n / perPicture(), 16 * 9, 256),
                x -> Functional.fold(x, 16, 16, 3, 1, 1, 1));
        all.unary("pixelUnshuffle", all.maps(), x -> Functional.pixelUnshuffle(x, 2));
        all.unary("channelShuffle", all.maps(), x -> Functional.channelShuffle(x, 4));
        all.unary(
                "localResponseNorm",
                all.maps(),
                x -> Functional.localResponseNorm(x, 5, 1e-4, 0.75, 1));
    }

    /** How many rows stand beside one picture whose windows are taken. */
    private int perPicture() {
        return n == 128 ? 16 : 128;
    }
}
