package io.github.cortado.oracle;

import io.github.cortado.Tensor;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Pool2dOptions;
import io.github.cortado.nn.Reduction;
import io.github.cortado.ops.Pointwise;
import java.util.ArrayList;
import java.util.List;

/** The operations that {@code extremes/generate.py} asks PyTorch for, under its names. */
final class ExtremeOperations {
    private ExtremeOperations() {}

    /**
     * Values of an operation on columns: of functions of elements a column each, of functions of
     * rows a column for every element of the row.
     */
    static List<Tensor> run(String name, List<Tensor> inputs) {
        Tensor a = inputs.get(0);
        if (name.contains(":") && !name.startsWith("crossEntropy")) {
            String[] parts = name.split(":", 2);
            return List.of(withNumber(parts[0], a, number(parts[1])));
        }
        if (inputs.size() == 1) {
            return List.of(ofOne(name, a));
        }
        return switch (name) {
            case "softmax" -> columns(rows(inputs).softmax(1));
            case "softmin" -> columns(Functional.softmin(rows(inputs), 1));
            case "logSoftmax" -> columns(rows(inputs).logSoftmax(1));
            case "softmax across" -> columns(across(inputs).softmax(0).transpose(0, 1));
            case "logSoftmax across" -> columns(across(inputs).logSoftmax(0).transpose(0, 1));
            case "layerNorm" -> columns(layerNorm(inputs));
            case "rmsNorm" ->
                    columns(
                            Functional.rmsNorm(
                                    rows(inputs), new int[] {inputs.size()}, null, 1e-5));
            case "layerNorm across" -> columns(batchNorm(inputs).transpose(0, 1));
            default -> List.of(ofSome(name, inputs));
        };
    }

    private static double number(String text) {
        return text.equals("inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(text);
    }

    private static Tensor withNumber(String operation, Tensor x, double number) {
        return switch (operation) {
            case "add" -> x.add(number);
            case "sub" -> x.sub(number);
            case "mul" -> x.mul(number);
            case "div" -> x.div(number);
            default -> throw new AssertionError(operation);
        };
    }

    private static Tensor ofOne(String operation, Tensor x) {
        return switch (operation) {
            case "exp" -> x.exp();
            case "log" -> x.log();
            case "sqrt" -> x.sqrt();
            case "rsqrt" -> x.rsqrt();
            case "neg" -> x.neg();
            case "relu" -> Functional.relu(x);
            case "leakyRelu" -> Functional.leakyRelu(x, 0.2);
            case "elu" -> Functional.elu(x, 1.5);
            case "sigmoid" -> Functional.sigmoid(x);
            case "tanh" -> Functional.tanh(x);
            case "gelu" -> Functional.gelu(x);
            case "silu" -> Functional.silu(x);
            case "softplus" -> Functional.softplus(x);
            case "abs" -> x.abs();
            case "sign" -> x.sign();
            case "square" -> x.square();
            case "reciprocal" -> x.reciprocal();
            case "expm1" -> x.expm1();
            case "log1p" -> x.log1p();
            case "clamp" -> x.clamp(-0.3f, 13);
            case "hardsigmoid" -> Functional.hardsigmoid(x);
            case "softsign" -> Functional.softsign(x);
            case "logSigmoid" -> Functional.logSigmoid(x);
            case "mish" -> Functional.mish(x);
            case "celu" -> Functional.celu(x, 1.5);
            case "selu" -> Functional.selu(x);
            case "hardshrink" -> Functional.hardshrink(x, 0.5);
            case "softshrink" -> Functional.softshrink(x, 0.5);
            case "tanhshrink" -> Functional.tanhshrink(x);
            case "threshold" -> Functional.threshold(x, 0.3f, -2);
            case "hardtanh" -> Functional.hardtanh(x, -0.3f, 13);
            case "geluTanh" -> Functional.geluTanh(x);
            case "sin" -> x.sin();
            case "cos" -> x.cos();
            case "floor" -> x.floor();
            case "ceil" -> x.ceil();
            case "round" -> x.round();
            case "trunc" -> x.trunc();
            default -> throw new AssertionError(operation);
        };
    }

    private static Tensor ofSome(String operation, List<Tensor> x) {
        Tensor a = x.get(0);
        Tensor b = x.get(1);
        return switch (operation) {
            case "add" -> a.add(b);
            case "sub" -> a.sub(b);
            case "mul" -> a.mul(b);
            case "div" -> a.div(b);
            case "maximum" -> a.maximum(b);
            case "minimum" -> a.minimum(b);
            case "pow" -> a.pow(b);
            case "prelu" -> Pointwise.apply(Formulas.PRELU, a, b);
            case "binaryCrossEntropy" -> Functional.binaryCrossEntropy(a, b, Reduction.NONE);
            case "klDivLoss" -> Functional.klDivLoss(a, b, Reduction.NONE);
            case "norm" -> rows(x).norm(false, 1);
            case "l1Loss" -> Functional.l1Loss(a, b, Reduction.NONE);
            case "smoothL1Loss" -> Functional.smoothL1Loss(a, b, Reduction.NONE, 0.4f);
            case "huberLoss" -> Functional.huberLoss(a, b, Reduction.NONE, 0.4f);
            case "mseLoss" -> Functional.mseLoss(a, b, Reduction.NONE);
            case "binaryCrossEntropyWithLogits" ->
                    Functional.binaryCrossEntropyWithLogits(a, b, Reduction.NONE);
            case "crossEntropy" -> crossEntropy(rows(x), 0);
            case "crossEntropy:0.1" -> crossEntropy(rows(x), 0.1);
            case "crossEntropy across" -> crossEntropyAcross(x);
            case "sum" -> rows(x).sum(false, 1);
            case "sum across" -> across(x).sum(false, 0);
            case "logSumExp" -> rows(x).logSumExp(1, false);
            case "glu" -> Functional.glu(rows(x), 1).squeeze(1);
            case "std" -> rows(x).std(false, 1);
            case "mean", "meanOfSeven" -> rows(x).mean(false, 1);
            case "mean across", "meanOfSeven across" -> across(x).mean(false, 0);
            case "avgPool2d", "avgPool2dOfFive" -> avgPool2d(x);
            default -> throw new AssertionError(operation);
        };
    }

    private static Tensor crossEntropy(Tensor logits, double smoothing) {
        Tensor target = Tensor.of(new long[logits.dim(0)], logits.dim(0)).to(logits.device());
        return Functional.crossEntropy(
                logits, target, Reduction.NONE, Functional.IGNORE_INDEX, smoothing);
    }

    /** All lines as one picture, [1, classes, lines], whose classes are not side by side. */
    private static Tensor crossEntropyAcross(List<Tensor> x) {
        Tensor target = Tensor.of(new long[x.get(0).size()], 1, x.get(0).size());
        Tensor loss =
                Functional.crossEntropy(
                        across(x).unsqueeze(0),
                        target.to(x.get(0).device()),
                        Reduction.NONE,
                        Functional.IGNORE_INDEX,
                        0);
        return loss.squeeze(0);
    }

    private static Tensor avgPool2d(List<Tensor> x) {
        int n = x.size();
        int lines = x.get(0).size();
        Tensor pictures = rows(x).reshape(lines, 1, 1, n);
        Pool2dOptions windows = new Pool2dOptions(1, n, 1, n, 0, 0);
        return Functional.avgPool2d(pictures, windows, true).reshape(lines);
    }

    private static Tensor layerNorm(List<Tensor> x) {
        return Functional.layerNorm(rows(x), new int[] {x.size()}, null, null, 1e-5);
    }

    /** Normalises a channel for each line. */
    private static Tensor batchNorm(List<Tensor> x) {
        return Functional.batchNorm(across(x), null, null, null, null, true, 0.1, 1e-5);
    }

    private static Tensor rows(List<Tensor> columns) {
        return Tensor.cat(1, columns.stream().map(c -> c.unsqueeze(1)).toArray(Tensor[]::new));
    }

    private static Tensor across(List<Tensor> columns) {
        return Tensor.cat(0, columns.stream().map(c -> c.unsqueeze(0)).toArray(Tensor[]::new));
    }

    private static List<Tensor> columns(Tensor rows) {
        List<Tensor> all = new ArrayList<>();
        for (int i = 0; i < rows.dim(1); i++) {
            all.add(rows.narrow(1, i, 1).squeeze(1));
        }
        return all;
    }
}
