package io.github.cortado.ops;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Reduction;
import java.util.List;

/** Losses of classes, and of sequences. */
final class LossOpCases extends OpRows {
    private LossOpCases() {}

    static List<OpCase> all() {
        LossOpCases table = new LossOpCases();
        table.likelihoods();
        table.margins();
        table.binary();
        table.sequences();
        return table.cases();
    }

    private static Tensor index(int rows, long... numbers) {
        Tensor index = Tensor.of(numbers, rows, numbers.length / rows).to(Device.cpuScalar());
        return rows == 1 ? index.reshape(numbers.length) : index;
    }

    private void likelihoods() {
        row(
                "nllLoss",
                "Functional.nllLoss(Tensor,Tensor)",
                x -> Functional.nllLoss(x[0], x[1]),
                leaf(3, 4),
                index(1, 2, 0, 3));
        row(
                "nllLoss with weights, some of it ignored",
                "Functional.nllLoss(Tensor,Tensor,Tensor,Reduction,long)"
                        + " ClassLosses.nll(Tensor,Tensor,Tensor,Reduction,long)",
                x -> Functional.nllLoss(x[0], x[1], x[2], Reduction.MEAN, 1),
                leaf(2, 3, 4),
                index(2, 2, 0, 1, 1, 2, 1, 0, 0),
                draw(0.5, 2, 3));
        row(
                "crossEntropy with weights",
                "Functional.crossEntropy(Tensor,Tensor,Tensor,Reduction,long,double)"
                        + " ClassLosses.crossEntropy(Tensor,Tensor,Tensor,Reduction,long,double)",
                x -> Functional.crossEntropy(x[0], x[1], x[2], Reduction.NONE, -100, 0.2),
                leaf(4, 3),
                index(1, 2, -100, 1, 2),
                draw(0.5, 2, 3));
        row(
                "crossEntropy with weights, smoothed mean, some of it ignored",
                "",
                x -> Functional.crossEntropy(x[0], x[1], x[2], Reduction.MEAN, -100, 0.2),
                leaf(4, 3),
                index(1, 2, -100, 1, 2),
                draw(0.5, 2, 3));
        row(
                "crossEntropy of probabilities",
                "ClassLosses.crossEntropyOfProbabilities(Tensor,Tensor,Tensor,Reduction,double)",
                x -> Functional.crossEntropy(x[0], x[1], x[2], Reduction.MEAN, -100, 0.2),
                leaf(2, 3, 2),
                positive(2, 3, 2),
                draw(0.5, 2, 3));
    }

    private void margins() {
        row(
                "multiMarginLoss",
                "Functional.multiMarginLoss(Tensor,Tensor)",
                x -> Functional.multiMarginLoss(x[0], x[1]),
                distinct(3, 4),
                index(1, 2, 0, 3));
        row(
                "multiMarginLoss squared, with weights",
                "Functional.multiMarginLoss(Tensor,Tensor,int,double,Tensor,Reduction)"
                        + " ClassLosses.multiMargin(Tensor,Tensor,int,double,Tensor,Reduction)",
                x -> Functional.multiMarginLoss(x[0], x[1], 2, 0.4, x[2], Reduction.NONE),
                distinct(3, 4),
                index(1, 2, 0, 3),
                draw(0.5, 2, 4));
        row(
                "multilabelMarginLoss",
                "Functional.multilabelMarginLoss(Tensor,Tensor,Reduction)"
                        + " ClassLosses.multilabelMargin(Tensor,Tensor,Reduction)",
                x -> Functional.multilabelMarginLoss(x[0], x[1], Reduction.NONE),
                distinct(2, 4),
                index(2, 3, 0, -1, 2, 1, -1, -1, 0));
        row(
                "tripletMarginWithDistanceLoss",
                "Functional.tripletMarginWithDistanceLoss"
                        + "(Tensor,Tensor,Tensor,BinaryOperator,double,boolean,Reduction)",
                x ->
                        Functional.tripletMarginWithDistanceLoss(
                                x[0],
                                x[1],
                                x[2],
                                (a, b) -> a.sub(b).square().sum(false, -1),
                                5,
                                true,
                                Reduction.SUM),
                leaf(3, 4),
                leaf(3, 4),
                leaf(3, 4));
    }

    private void binary() {
        row(
                "multilabelSoftMarginLoss",
                "Functional.multilabelSoftMarginLoss(Tensor,Tensor,Tensor,Reduction)",
                x -> Functional.multilabelSoftMarginLoss(x[0], x[1], x[2], Reduction.NONE),
                leaf(3, 4),
                draw(0, 1, 3, 4),
                draw(0.5, 2, 4));
        row(
                "binaryCrossEntropyWithLogits with weights",
                "Functional.binaryCrossEntropyWithLogits"
                        + "(Tensor,Tensor,Tensor,Reduction,Tensor)",
                x -> Functional.binaryCrossEntropyWithLogits(x[0], x[1], x[2], Reduction.SUM, x[3]),
                leaf(3, 4),
                draw(0, 1, 3, 4),
                draw(0.5, 2, 3, 1),
                draw(0.5, 2, 4));
        row(
                "binaryCrossEntropy with weights",
                "Functional.binaryCrossEntropy(Tensor,Tensor,Tensor,Reduction)",
                x -> Functional.binaryCrossEntropy(x[0].mul(0.4), x[1], x[2], Reduction.SUM),
                positive(3, 4),
                draw(0, 1, 3, 4),
                draw(0.5, 2, 4));
    }

    private void sequences() {
        row(
                "ctcLoss",
                "Functional.ctcLoss(Tensor,Tensor,Tensor,Tensor)",
                x -> Functional.ctcLoss(x[0], x[1], x[2], x[3]),
                leaf(5, 2, 3),
                index(2, 1, 1, 2, 0),
                index(1, 5, 3),
                index(1, 2, 1));
        row(
                "ctcLoss with another blank",
                "Functional.ctcLoss(Tensor,Tensor,Tensor,Tensor,int,Reduction,boolean)"
                        + " Ctc.apply(Tensor,Tensor,Tensor,Tensor,int,Reduction,boolean)",
                x -> Functional.ctcLoss(x[0], x[1], x[2], x[3], 2, Reduction.NONE, true),
                leaf(4, 3, 3),
                index(3, 1, 0, 1, 1, 1, 1, 0, 1, 0),
                index(1, 4, 4, 4),
                index(1, 3, 3, 0));
        row(
                "ctcLoss with no frames, and with no labels",
                "",
                x -> Functional.ctcLoss(x[0], x[1], x[2], x[3], 0, Reduction.SUM, true),
                leaf(3, 3, 3),
                index(3, 1, 2, 1, 2, 1, 2),
                index(1, 0, 2, 0),
                index(1, 0, 0, 2));
    }
}
