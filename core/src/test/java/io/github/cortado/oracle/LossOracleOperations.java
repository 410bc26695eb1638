package io.github.cortado.oracle;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Functional;
import org.jspecify.annotations.Nullable;

/** The losses that {@code oracle/training} is about. */
final class LossOracleOperations {
    private final String op;
    private final Attributes attrs;
    private final OracleOperations inputs;

    LossOracleOperations(String op, Attributes attrs, OracleOperations inputs) {
        this.op = op;
        this.attrs = attrs;
        this.inputs = inputs;
    }

    private Tensor in(String name) {
        return inputs.in(name);
    }

    /** The result; null if the operation is none of these. */
    @Nullable Tensor run() {
        return switch (op) {
            case "nll_loss" ->
                    Functional.nllLoss(
                            in("x"),
                            in("target"),
                            inputs.optional("weight"),
                            attrs.reduction(),
                            attrs.integer("ignore_index", -100));
            case "cross_entropy_weight" ->
                    Functional.crossEntropy(
                            in("x"),
                            in("target"),
                            inputs.optional("weight"),
                            attrs.reduction(),
                            attrs.integer("ignore_index", -100),
                            attrs.number("label_smoothing", 0));
            case "multi_margin_loss" ->
                    Functional.multiMarginLoss(
                            in("x"),
                            in("target"),
                            attrs.integer("p", 1),
                            attrs.number("margin", 1),
                            inputs.optional("weight"),
                            attrs.reduction());
            case "multilabel_margin_loss" ->
                    Functional.multilabelMarginLoss(in("x"), in("target"), attrs.reduction());
            case "multilabel_soft_margin_loss" ->
                    Functional.multilabelSoftMarginLoss(
                            in("x"), in("labels"), inputs.optional("weight"), attrs.reduction());
            case "binary_cross_entropy_with_logits_weight" ->
                    Functional.binaryCrossEntropyWithLogits(
                            in("x"),
                            in("target"),
                            inputs.optional("weight"),
                            attrs.reduction(),
                            inputs.optional("pos_weight"));
            case "binary_cross_entropy_weight" ->
                    Functional.binaryCrossEntropy(
                            in("x"), in("target"), in("weight"), attrs.reduction());
            case "triplet_margin_with_distance_loss" ->
                    Functional.tripletMarginWithDistanceLoss(
                            in("a"),
                            in("p"),
                            in("n"),
                            (u, v) -> u.sub(v).abs().sum(false, -1),
                            attrs.number("margin", 1),
                            attrs.flag("swap", false),
                            attrs.reduction());
            case "ctc_loss" ->
                    Functional.ctcLoss(
                            in("x").logSoftmax(2),
                            in("targets"),
                            in("frames"),
                            in("length"),
                            attrs.integer("blank", 0),
                            attrs.reduction(),
                            attrs.flag("zero_infinity", false));
            default -> null;
        };
    }
}
