package io.github.cortado.oracle;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Functional;
import io.github.cortado.ops.Arrange;
import org.jspecify.annotations.Nullable;

/** The operations that {@code oracle/breadth} is about. */
final class MoreOracleOperations {
    private final String op;
    private final Attributes attrs;
    private final OracleOperations inputs;

    MoreOracleOperations(String op, Attributes attrs, OracleOperations inputs) {
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
            case "index_select" -> in("x").indexSelect(attrs.integer("dim"), in("index"));
            case "embedding" ->
                    Functional.embedding(
                            in("index"), in("weight"), attrs.integer("padding_idx", -1));
            case "narrow_sum" -> narrowSum();
            case "scaled_dot_product_attention" -> attention();
            case "self_attention" ->
                    Functional.selfAttention(
                            in("qkv"), attrs.integer("heads", 1), attrs.flag("is_causal", false));
            case "conv_transpose2d" -> convTranspose2d();
            case "conv1d" ->
                    Functional.conv1d(
                            in("x"),
                            in("weight"),
                            in("bias"),
                            attrs.integer("stride", 1),
                            attrs.integer("padding", 0),
                            attrs.integer("dilation", 1),
                            attrs.integer("groups", 1));
            case "max_pool1d" ->
                    Functional.maxPool1d(
                            in("x"),
                            attrs.integer("kernel_size"),
                            attrs.integer("stride"),
                            attrs.integer("padding"));
            case "avg_pool1d" ->
                    Functional.avgPool1d(
                            in("x"),
                            attrs.integer("kernel_size"),
                            attrs.integer("stride"),
                            attrs.integer("padding"),
                            true);
            case "adaptive_avg_pool2d" -> {
                int[] size = inputs.list("output_size");
                yield Functional.adaptiveAvgPool2d(in("x"), size[0], size[1]);
            }
            case "interpolate" -> {
                int[] size = inputs.list("size");
                boolean corners = attrs.flag("align_corners", false);
                String mode = attrs.text("mode", "");
                yield Functional.interpolate(in("x"), size[0], size[1], mode, corners);
            }
            case "pixel_shuffle" ->
                    Functional.pixelShuffle(in("x"), attrs.integer("upscale_factor"));
            case "group_norm" ->
                    Functional.groupNorm(
                            in("x"),
                            attrs.integer("num_groups"),
                            inputs.optional("weight"),
                            inputs.optional("bias"),
                            attrs.number("eps", 1e-5));
            case "instance_norm" -> Functional.instanceNorm(in("x"), null, null, 1e-5);
            case "rms_norm" ->
                    Functional.rmsNorm(
                            in("x"),
                            inputs.list("normalized_shape"),
                            in("weight"),
                            attrs.number("eps", 0));
            case "prelu" -> Functional.prelu(in("x"), in("weight"));
            case "hardtanh" ->
                    Functional.hardtanh(
                            in("x"), attrs.number("min_val", -1), attrs.number("max_val", 1));
            case "normalize" -> Functional.normalize(in("x"), attrs.integer("dim"), 1e-12);
            case "cosine_similarity" ->
                    Functional.cosineSimilarity(in("a"), in("b"), attrs.integer("dim"), 1e-8);
            case "where" -> Arrange.where(in("condition"), in("a"), in("b"));
            default -> rearranged();
        };
    }

    private @Nullable Tensor rearranged() {
        boolean keep = attrs.flag("keepdim", false);
        return switch (op) {
            case "norm" -> in("x").norm(keep, inputs.list("dim"));
            case "min" -> in("x").min(attrs.integer("dim"), keep).values();
            case "argmin" -> in("x").argmin(attrs.integer("dim")).to(DType.FLOAT32);
            case "flip" -> in("x").flip(inputs.list("dims"));
            case "roll" -> in("x").roll(attrs.integer("shifts"), attrs.integer("dims"));
            case "repeat" -> in("x").repeat(inputs.list("repeats"));
            case "tril" -> in("x").tril(attrs.integer("diagonal"));
            case "triu" -> in("x").triu(attrs.integer("diagonal"));
            case "pad" ->
                    Functional.pad(
                            in("x"),
                            inputs.list("pad"),
                            attrs.text("mode", ""),
                            attrs.number("value", 0));
            case "logsumexp" -> in("x").logSumExp(attrs.integer("dim"), keep);
            case "var" -> in("x").var(attrs.integer("correction"), keep, inputs.list("dim"));
            case "std" -> in("x").std(attrs.integer("correction"), keep, inputs.list("dim"));
            default -> loss();
        };
    }

    private @Nullable Tensor loss() {
        return switch (op) {
            case "binary_cross_entropy" ->
                    Functional.binaryCrossEntropy(in("x"), in("target"), attrs.reduction());
            case "kl_div" -> Functional.klDivLoss(in("x"), in("target"), attrs.reduction());
            case "margin_ranking_loss" ->
                    Functional.marginRankingLoss(
                            in("a"),
                            in("b"),
                            in("sign"),
                            attrs.number("margin", 0),
                            attrs.reduction());
            case "cosine_embedding_loss" ->
                    Functional.cosineEmbeddingLoss(
                            in("a"),
                            in("b"),
                            in("sign"),
                            attrs.number("margin", 0),
                            attrs.reduction());
            case "triplet_margin_loss" ->
                    Functional.tripletMarginLoss(
                            in("a"),
                            in("p"),
                            in("n"),
                            attrs.number("margin", 1),
                            attrs.reduction());
            case "l1_loss" -> Functional.l1Loss(in("x"), in("target"), attrs.reduction());
            case "smooth_l1_loss" ->
                    Functional.smoothL1Loss(
                            in("x"), in("target"), attrs.reduction(), attrs.number("beta", 1));
            case "huber_loss" ->
                    Functional.huberLoss(
                            in("x"), in("target"), attrs.reduction(), attrs.number("delta", 1));
            case "poisson_nll_loss" ->
                    Functional.poissonNllLoss(in("x"), in("target"), attrs.reduction());
            case "gaussian_nll_loss" ->
                    Functional.gaussianNllLoss(
                            in("x"), in("target"), in("var"), 1e-6, attrs.reduction());
            case "hinge_embedding_loss" ->
                    Functional.hingeEmbeddingLoss(
                            in("x"), in("sign"), attrs.number("margin", 1), attrs.reduction());
            case "soft_margin_loss" ->
                    Functional.softMarginLoss(in("x"), in("sign"), attrs.reduction());
            case "pairwise_distance" -> Functional.pairwiseDistance(in("a"), in("b"), 1e-6);
            default -> function();
        };
    }

    private @Nullable Tensor function() {
        return switch (op) {
            case "celu" -> Functional.celu(in("x"), attrs.number("alpha", 1));
            case "selu" -> Functional.selu(in("x"));
            case "hardshrink" -> Functional.hardshrink(in("x"), attrs.number("lambd", 0.5));
            case "softshrink" -> Functional.softshrink(in("x"), attrs.number("lambd", 0.5));
            case "tanhshrink" -> Functional.tanhshrink(in("x"));
            case "threshold" ->
                    Functional.threshold(
                            in("x"), attrs.number("threshold", 0), attrs.number("value", 0));
            case "softmin" -> Functional.softmin(in("x"), attrs.integer("dim"));
            case "glu" -> Functional.glu(in("x"), attrs.integer("dim"));
            case "mish" -> Functional.mish(in("x"));
            case "softsign" -> Functional.softsign(in("x"));
            case "logsigmoid" -> Functional.logSigmoid(in("x"));
            case "hardsigmoid" -> Functional.hardsigmoid(in("x"));
            case "hardswish" -> Functional.hardswish(in("x"));
            default -> null;
        };
    }

    /** Parts that overlap: twice the first, the second, three times the third. */
    private Tensor narrowSum() {
        Tensor x = in("x");
        int dim = attrs.integer("dim");
        int length = attrs.integer("length");
        return x.narrow(dim, 0, length)
                .mul(2)
                .add(x.narrow(dim, 1, length))
                .add(x.narrow(dim, 2, length).mul(3));
    }

    private Tensor attention() {
        Tensor mask = inputs.optional("mask");
        boolean isCausal = attrs.flag("is_causal", false);
        return mask == null
                ? Functional.scaledDotProductAttention(in("q"), in("k"), in("v"), isCausal)
                : Functional.scaledDotProductAttention(in("q"), in("k"), in("v"), mask);
    }

    private Tensor convTranspose2d() {
        int output = attrs.integer("output_padding", 0);
        Conv2dOptions options =
                Conv2dOptions.of(
                        attrs.integer("stride", 1),
                        attrs.integer("padding", 0),
                        attrs.integer("dilation", 1),
                        attrs.integer("groups", 1));
        return Functional.convTranspose2d(
                in("x"), in("weight"), inputs.optional("bias"), options, output, output);
    }
}
