package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.RandomStream;
import io.github.cortado.backend.formula.Formulas;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Pool2dOptions;
import io.github.cortado.nn.Reduction;
import io.github.cortado.nn.Tally;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** The table of operations: every public one has at least one row here, tests walk the rows. */
final class OpCases extends OpRows {
    private OpCases() {}

    static List<OpCase> all() {
        OpCases table = new OpCases();
        table.arithmetic();
        table.elementWise();
        table.reductions();
        table.layout();
        table.products();
        table.pooling();
        table.normalisation();
        table.losses();
        table.draws();
        List<OpCase> all = new ArrayList<>(table.cases());
        all.addAll(MoreOpCases.all());
        all.addAll(AttentionOpCases.all());
        all.addAll(TensorOpCases.all());
        all.addAll(LossOpCases.all());
        all.addAll(LayerOpCases.all());
        return all;
    }

    private void arithmetic() {
        binary("add", Tensor::add);
        binary("sub", Tensor::sub);
        binary("mul", Tensor::mul);
        binary("div", Tensor::div);
        larger("maximum", Tensor::maximum);
        larger("minimum", Tensor::minimum);
        row("add itself", "", x -> x[0].add(x[0]), leaf(2, 3));
        row("mul itself", "", x -> x[0].mul(x[0]), awayFromZero(2, 3));
        row("div by its square", "", x -> x[0].div(x[0].mul(x[0])), awayFromZero(2, 3));
        unary("add number", "Tensor.add(double)", x -> x.add(0.7));
        unary("sub number", "Tensor.sub(double)", x -> x.sub(0.7));
        unary("mul number", "Tensor.mul(double)", x -> x.mul(-1.7));
        unary("div number", "Pointwise.div(Tensor,double) Tensor.div(double)", x -> x.div(-1.7));
        unary("neg", "Tensor.neg()", Tensor::neg);
        unary(
                "affine",
                "Pointwise.apply(Differentiable,Tensor,double[])",
                x -> Pointwise.apply(Formulas.AFFINE, x, -2.5, 0.5));
        unary(
                "to float64",
                "Cast.toType(Tensor,DType) Tensor.to(DType)",
                x -> x.to(DType.FLOAT64).mul(2));
        unary(
                "to device",
                "Cast.toDevice(Tensor,Device) Tensor.to(Device)",
                x -> x.to(Device.cpuScalar()).mul(2));
    }

    private void binary(String op, java.util.function.BinaryOperator<Tensor> f) {
        String covers =
                "Tensor.%s(Tensor) Pointwise.apply(Differentiable,Tensor,Tensor,double[])"
                        .formatted(op);
        Function<Tensor[], Tensor> g = x -> f.apply(x[0], x[1]);
        row(op, covers, g, leaf(2, 3), awayFromZero(2, 3));
        row(op + " vector", covers, g, leaf(2, 3, 4), awayFromZero(4));
        row(op + " stretched", covers, g, leaf(2, 1, 4), awayFromZero(3, 1));
        row(op + " scalar", covers, g, leaf(), awayFromZero(2, 3));
    }

    private void larger(String op, java.util.function.BinaryOperator<Tensor> f) {
        String covers = "Tensor.%s(Tensor)".formatted(op);
        Function<Tensor[], Tensor> g = x -> f.apply(x[0], x[1]);
        row(op, covers, g, leaf(3, 5), leaf(3, 5));
        row(op + " stretched", covers, g, leaf(4, 1, 5), leaf(4, 1));
    }

    private void elementWise() {
        for (String op : List.of("exp", "log", "sqrt", "rsqrt", "reciprocal", "log1p")) {
            String covers = "Tensor.%s()".formatted(op);
            UnaryOperator<Tensor> f =
                    switch (op) {
                        case "exp" -> Tensor::exp;
                        case "log" -> Tensor::log;
                        case "sqrt" -> Tensor::sqrt;
                        case "rsqrt" -> Tensor::rsqrt;
                        case "log1p" -> Tensor::log1p;
                        default -> Tensor::reciprocal;
                    };
            row(op, covers, x -> f.apply(x[0]), positive(3, 4));
        }
        activation("relu", Functional::relu);
        activation("sigmoid", Functional::sigmoid);
        activation("tanh", Functional::tanh);
        activation("gelu", Functional::gelu);
        activation("silu", Functional::silu);
        activation("softplus", Functional::softplus);
        activation("relu6", Functional::relu6);
        activation("hardswish", Functional::hardswish);
        activation("geluTanh", Functional::geluTanh);
        activation("hardsigmoid", Functional::hardsigmoid);
        activation("softsign", Functional::softsign);
        activation("logSigmoid", Functional::logSigmoid);
        activation("mish", Functional::mish);
        row(
                "glu",
                "Functional.glu(Tensor,int) GatedLinear.glu(Tensor,int)",
                x -> Functional.glu(x[0], -1),
                leaf(3, 4));
        row("glu of the first dimension", "", x -> Functional.glu(x[0], 0), leaf(4, 3));
        unary("abs", "Tensor.abs()", Tensor::abs);
        unary("sign", "Tensor.sign()", x -> x.sign().mul(x));
        unary("square", "Tensor.square()", Tensor::square);
        unary("expm1", "Tensor.expm1()", Tensor::expm1);
        unary("clamp", "Tensor.clamp(double,double)", x -> x.clamp(-0.7, 0.9));
        unary(
                "leakyRelu",
                "Functional.leakyRelu(Tensor,double)",
                x -> Functional.leakyRelu(x, 0.2));
        unary("elu", "Functional.elu(Tensor,double)", x -> Functional.elu(x, 1.3));
        unary(
                "dropout",
                "Dropout.apply(Tensor,double,RandomStream)"
                        + " Functional.dropout(Tensor,double,long,int,long)",
                x -> Functional.dropout(x, 0.4, 5, 1, 2));
        unary("dropout op", "", x -> Dropout.apply(x, 0.4, new RandomStream(5, 1, 3)));
    }

    private void activation(String op, UnaryOperator<Tensor> f) {
        unary(op, "Functional.%s(Tensor)".formatted(op), f);
        String wide = op + " of 3 x";
        row(wide, "", x -> f.apply(x[0].mul(3)), awayFromZero(3, 5));
    }

    private void reductions() {
        unary("sum", "Tensor.sum()", Tensor::sum);
        unary(
                "sum of a dimension",
                "Reduce.sum(Tensor,int[],boolean) Tensor.sum(boolean,int[])",
                x -> x.sum(false, 1));
        unary("sum kept", "", x -> x.sum(true, 0, -1));
        unary("var", "Tensor.var()", Tensor::var);
        unary("std", "Tensor.std()", Tensor::std);
        unary(
                "var of a dimension",
                "Tensor.var(boolean,int[]) Tensor.var(int,boolean,int[])"
                        + " Statistics.variance(Tensor,int,int[],boolean)",
                x -> x.var(true, 1));
        unary("std of a dimension", "Tensor.std(boolean,int[])", x -> x.std(false, 0));
        unary(
                "std corrected",
                "Tensor.std(int,boolean,int[]) Statistics.deviation(Tensor,int,int[],boolean)",
                x -> x.std(0, false, 0, 1));
        unary(
                "logSumExp",
                "Tensor.logSumExp(int,boolean) Statistics.logSumExp(Tensor,int,boolean)",
                x -> x.logSumExp(1, false));
        unary("logSumExp kept", "", x -> x.logSumExp(0, true));
        unary("mean", "Tensor.mean()", Tensor::mean);
        unary(
                "mean of a dimension",
                "Reduce.mean(Tensor,int[],boolean) Tensor.mean(boolean,int[])",
                x -> x.mean(false, 0));
        unary("mean kept", "", x -> x.mean(true, -2));
        for (int dim = 0; dim < 3; dim++) {
            int d = dim;
            Tensor x = distinct(3, 4, 2);
            row(
                    "max of dimension " + d,
                    "Max.apply(Tensor,int,boolean) Tensor.max(int,boolean)",
                    in -> in[0].max(d, d == 1).values(),
                    x);
            unary(
                    "softmax of dimension " + d,
                    "Softmax.softmax(Tensor,int) Tensor.softmax(int) Functional.softmax(Tensor,int)",
                    t -> Functional.softmax(t.reshape(2, 3, -1), d));
            unary(
                    "logSoftmax of dimension " + d,
                    "Softmax.logSoftmax(Tensor,int) Tensor.logSoftmax(int)"
                            + " Functional.logSoftmax(Tensor,int)",
                    t -> Functional.logSoftmax(t.reshape(2, 3, -1), d));
        }
    }

    private void layout() {
        unary(
                "reshape",
                "Layout.reshape(Tensor,int[]) Tensor.reshape(int[])",
                x -> x.reshape(4, -1));
        unary("flatten", "Layout.flatten(Tensor,int) Tensor.flatten(int)", x -> x.flatten(0));
        unary(
                "unsqueeze",
                "Layout.unsqueeze(Tensor,int) Tensor.unsqueeze(int)",
                x -> x.unsqueeze(-1).mul(2));
        unary(
                "squeeze",
                "Layout.squeeze(Tensor,int) Tensor.squeeze(int)",
                x -> x.unsqueeze(1).squeeze(1).mul(2));
        row(
                "permute",
                "Layout.permute(Tensor,int[]) Tensor.permute(int[])",
                x -> x[0].permute(2, 0, -2),
                leaf(2, 3, 4));
        unary(
                "transpose",
                "Layout.transpose(Tensor,int,int) Tensor.transpose(int,int)",
                x -> x.transpose(0, -1));
        String narrow = "Layout.narrow(Tensor,int,int,int) Tensor.narrow(int,int,int)";
        row("narrow of rows", narrow, x -> x[0].narrow(0, 1, 2), leaf(4, 3));
        row("narrow of columns", narrow, x -> x[0].narrow(-1, 1, 2), leaf(2, 4));
        row("narrow to nothing", narrow, x -> x[0].narrow(0, 1, 0).sum().add(x[0]), leaf(4));
        row(
                "expand",
                "Layout.expand(Tensor,Shape) Tensor.expand(int[])",
                x -> x[0].expand(2, 3, 4),
                leaf(3, 1));
        String cat = "Layout.cat(int,Tensor[]) Tensor.cat(int,Tensor[])";
        row("cat of rows", cat, x -> Tensor.cat(0, x), leaf(1, 3), leaf(2, 3), leaf(4, 3));
        row("cat of columns", cat, x -> Tensor.cat(-1, x), leaf(2, 1), leaf(2, 3));
        row("cat of one twice", cat, x -> Tensor.cat(1, x[0], x[0]), leaf(2, 3));
        String stack = "Layout.stack(int,Tensor[]) Tensor.stack(int,Tensor[])";
        row("stack", stack, x -> Tensor.stack(1, x), leaf(2, 3), leaf(2, 3));
        row("stack behind", "", x -> Tensor.stack(-1, x), leaf(2, 3), leaf(2, 3), leaf(2, 3));
        row("split", "", x -> Tensor.cat(0, turned(x[0].split(2, 0))), leaf(4, 3));
        row("chunk", "", x -> Tensor.cat(0, turned(x[0].chunk(2, -1))), leaf(2, 6));
    }

    private static Tensor[] turned(List<Tensor> parts) {
        Tensor[] last = new Tensor[parts.size()];
        for (int i = 0; i < last.length; i++) {
            last[i] = parts.get(last.length - 1 - i).mul(i + 1.0);
        }
        return last;
    }

    private void products() {
        String matmul = "Matmul.apply(Tensor,Tensor) Tensor.matmul(Tensor)";
        int[][][] shapes = {
            {{2, 3}, {3, 4}},
            {{3}, {3}},
            {{3}, {3, 2}},
            {{2, 3}, {3}},
            {{2, 2, 3}, {3, 4}},
            {{2, 2, 3}, {2, 3, 2}},
            {{2, 1, 2, 3}, {3, 3, 2}},
            {{2, 3}, {2, 3, 2}},
            {{3}, {2, 3, 2}},
            {{2, 2, 3}, {3}},
        };
        for (int[][] s : shapes) {
            String title = "matmul " + Shape.of(s[0]) + " " + Shape.of(s[1]);
            row(title, matmul, x -> x[0].matmul(x[1]), leaf(s[0]), leaf(s[1]));
        }
        row("matmul itself", matmul, x -> x[0].matmul(x[0]), leaf(3, 3));
        String linear =
                "Linear.apply(Tensor,Tensor,Tensor) Functional.linear(Tensor,Tensor,Tensor)";
        row(
                "linear",
                linear,
                x -> Functional.linear(x[0], x[1], x[2]),
                leaf(3, 4),
                leaf(2, 4),
                leaf(2));
        row(
                "linear of a batch without bias",
                linear,
                x -> Functional.linear(x[0], x[1], null),
                leaf(2, 3, 4),
                leaf(2, 4));
        row(
                "linear of a vector",
                linear,
                x -> Functional.linear(x[0], x[1], x[2]),
                leaf(4),
                leaf(2, 4),
                leaf(2));
        row(
                "linearRelu",
                "Functional.relu(Tensor) Functional.linear(Tensor,Tensor,Tensor)",
                x -> Functional.relu(Functional.linear(x[0], x[1], x[2])),
                leaf(3, 4),
                leaf(2, 4),
                leaf(2));
        String convRelu = "Functional.conv2d(Tensor,Tensor,Tensor,Conv2dOptions)";
        row(
                "conv2dRelu",
                convRelu,
                x ->
                        Functional.relu(
                                Functional.conv2d(x[0], x[1], x[2], Conv2dOptions.of(1, 1, 1, 1))),
                leaf(2, 2, 4, 5),
                leaf(3, 2, 3, 3),
                leaf(3));
        row(
                "conv2dRelu without bias",
                convRelu,
                x ->
                        Functional.relu(
                                Functional.conv2d(x[0], x[1], null, Conv2dOptions.of(2, 1, 1, 2))),
                leaf(1, 4, 5, 5),
                leaf(2, 2, 3, 3));
        String convPool = "Functional.conv2d(Tensor,Tensor,Tensor,Conv2dOptions)";
        Pool2dOptions pairs = Pool2dOptions.of(2, 2, 0);
        row(
                "conv2dReluMaxPool2d",
                convPool,
                x -> convReluMaxPool(x[0], x[1], x[2], Conv2dOptions.of(1, 1, 1, 1), pairs),
                leaf(2, 2, 4, 5),
                leaf(3, 2, 3, 3),
                leaf(3));
        row(
                "conv2dReluMaxPool2d overlapping, without bias",
                convPool,
                x ->
                        convReluMaxPool(
                                x[0],
                                x[1],
                                null,
                                Conv2dOptions.of(1, 1, 1, 2),
                                new Pool2dOptions(3, 2, 1, 2, 1, 0)),
                leaf(1, 4, 5, 5),
                leaf(2, 2, 3, 3));
        row(
                "conv2dReluMaxPool2d of fixed pictures",
                convPool,
                x -> convReluMaxPool(x[0], x[1], x[2], Conv2dOptions.of(2, 0, 1, 1), pairs),
                number(2, 3, 9, 9),
                leaf(4, 3, 2, 2),
                leaf(4));
        row(
                "conv2dReluMaxPool2d of windows too large for a byte",
                convPool,
                x ->
                        convReluMaxPool(
                                x[0],
                                x[1],
                                x[2],
                                Conv2dOptions.of(1, 0, 1, 1),
                                Pool2dOptions.of(16, 16, 8)),
                leaf(1, 1, 8, 9),
                leaf(1, 1, 1, 1),
                number(1));
        String conv =
                "Conv2d.apply(Tensor,Tensor,Tensor,Options)"
                        + " Functional.conv2d(Tensor,Tensor,Tensor,int,int,int,int)";
        row(
                "conv2d",
                conv,
                x -> Functional.conv2d(x[0], x[1], x[2], 1, 1, 1, 1),
                leaf(2, 2, 4, 5),
                leaf(3, 2, 3, 3),
                leaf(3));
        row(
                "conv2d with stride, dilation and groups",
                conv,
                x -> Functional.conv2d(x[0], x[1], x[2], 2, 2, 2, 2),
                leaf(1, 4, 6, 5),
                leaf(2, 2, 3, 2),
                leaf(2));
        row(
                "conv2d with all numbers different",
                "Functional.conv2d(Tensor,Tensor,Tensor,Conv2dOptions)",
                x -> Functional.conv2d(x[0], x[1], null, new Conv2dOptions(2, 1, 0, 2, 1, 3, 1)),
                leaf(1, 2, 5, 6),
                leaf(2, 2, 3, 2));
        row(
                "conv2d of a fixed weight",
                conv,
                x -> Functional.conv2d(x[0], x[1].detach(), x[1].sum(false, 1, 2, 3), 1, 0, 1, 1),
                leaf(1, 2, 3, 3),
                number(2, 2, 2, 2));
    }

    private static Tensor convReluMaxPool(
            Tensor x, Tensor w, Tensor b, Conv2dOptions o, Pool2dOptions windows) {
        return Functional.maxPool2d(Functional.relu(Functional.conv2d(x, w, b, o)), windows);
    }

    private void pooling() {
        String max =
                "Pool2d.max(Tensor,int,int,int) Pool2d.max(Tensor,Options)"
                        + " Functional.maxPool2d(Tensor,int,int,int)"
                        + " Functional.maxPool2d(Tensor,Pool2dOptions)";
        row(
                "maxPool2d",
                "Functional.maxPool2d(Tensor,int)",
                x -> Functional.maxPool2d(x[0], 2),
                distinct(2, 2, 4, 5));
        row(
                "maxPool2d overlapping",
                max,
                x -> Functional.maxPool2d(x[0], 3, 2, 1),
                distinct(1, 2, 5, 6));
        row(
                "maxPool2d not square",
                max,
                x -> Functional.maxPool2d(x[0], new Pool2dOptions(3, 2, 1, 2, 1, 0)),
                distinct(1, 2, 5, 6));
        String reluMax = "Pool2d.max(Tensor,Options) Functional.maxPool2d(Tensor,Pool2dOptions)";
        row(
                "reluMaxPool2d",
                "Functional.maxPool2d(Tensor,int)",
                x -> Functional.maxPool2d(Functional.relu(x[0]), 2),
                distinct(2, 2, 4, 5));
        row(
                "reluMaxPool2d overlapping",
                reluMax,
                x ->
                        Functional.maxPool2d(
                                Functional.relu(x[0]), new Pool2dOptions(3, 2, 1, 2, 1, 0)),
                distinct(1, 2, 5, 6));
        row(
                "reluMaxPool2d of windows too large for a byte",
                reluMax,
                x ->
                        Functional.maxPool2d(
                                Functional.relu(x[0].add(0.01)), Pool2dOptions.of(16, 16, 8)),
                distinct(1, 1, 8, 9));
        String avg =
                "Pool2d.avg(Tensor,int,int,int,boolean) Pool2d.avg(Tensor,Options,boolean)"
                        + " Functional.avgPool2d(Tensor,int,int,int,boolean)"
                        + " Functional.avgPool2d(Tensor,Pool2dOptions,boolean)";
        row(
                "avgPool2d",
                "Functional.avgPool2d(Tensor,int)",
                x -> Functional.avgPool2d(x[0], 2),
                leaf(2, 2, 4, 5));
        for (boolean count : new boolean[] {true, false}) {
            row(
                    "avgPool2d overlapping, padding counts " + count,
                    avg,
                    x -> Functional.avgPool2d(x[0], 3, 2, 1, count),
                    leaf(1, 2, 5, 6));
            row(
                    "avgPool2d not square, padding counts " + count,
                    avg,
                    x -> Functional.avgPool2d(x[0], new Pool2dOptions(3, 2, 1, 2, 1, 0), count),
                    leaf(1, 2, 5, 6));
        }
    }

    private void normalisation() {
        String batch =
                "Normalise.batchNorm(Tensor,Tensor,Tensor,Tensor,Tensor,boolean,double,double)"
                        + " Functional.batchNorm(Tensor,Tensor,Tensor,Tensor,Tensor,boolean,double,double)";
        row(
                "batchNorm in training",
                batch,
                x -> Functional.batchNorm(x[0], null, null, x[1], x[2], true, 0.1, 1e-5),
                leaf(3, 2, 2, 2),
                leaf(2),
                leaf(2));
        row(
                "batchNorm of a table without weights",
                batch,
                x -> Functional.batchNorm(x[0], null, null, null, null, true, 0.1, 1e-3),
                leaf(5, 3));
        row(
                "batchNorm in evaluation",
                batch,
                x -> Functional.batchNorm(x[0], x[3], x[4], x[1], x[2], false, 0.1, 1e-5),
                leaf(2, 3, 4),
                leaf(3),
                leaf(3),
                number(3),
                positive(3).requiresGrad(false));
        row(
                "batchNorm whose results are cut off",
                batch,
                x ->
                        Functional.relu6(
                                Functional.batchNorm(
                                        x[0], null, null, x[1], x[2], true, 0.1, 1e-5)),
                leaf(3, 2, 2, 2),
                leaf(2),
                leaf(2));
        String layer =
                "Normalise.layerNorm(Tensor,int[],Tensor,Tensor,double)"
                        + " Functional.layerNorm(Tensor,int[],Tensor,Tensor,double)";
        row(
                "layerNorm",
                layer,
                x -> Functional.layerNorm(x[0], new int[] {4}, x[1], x[2], 1e-5),
                leaf(3, 4),
                leaf(4),
                leaf(4));
        row(
                "layerNorm of two dimensions, no bias",
                layer,
                x -> Functional.layerNorm(x[0], new int[] {2, 3}, x[1], null, 1e-2),
                leaf(2, 2, 3),
                leaf(2, 3));
        row(
                "layerNorm without weights",
                layer,
                x -> Functional.layerNorm(x[0], new int[] {5}, null, null, 1e-5),
                leaf(2, 5));
    }

    private void losses() {
        Tensor table = Tensor.of(new long[] {2, 0, 1, 2}, 4);
        Tensor ignoring = Tensor.of(new long[] {2, -100, 1, -100}, 4);
        Tensor picture = Tensor.of(new long[] {0, 2, 1, 1, 2, 0}, 2, 3);
        row(
                "crossEntropy",
                "Functional.crossEntropy(Tensor,Tensor)",
                x -> Functional.crossEntropy(x[0], x[1]),
                leaf(4, 3),
                table);
        row(
                "crossEntropy with a tally, scaled",
                "Functional.crossEntropy(Tensor,Tensor,Tally)"
                        + " CrossEntropy.apply(Tensor,Tensor,Reduction,long,double,Buffer)",
                x -> Functional.crossEntropy(x[0], x[1], new Tally()).mul(-2),
                leaf(4, 3),
                table);
        for (Reduction r : Reduction.values()) {
            String covers =
                    "CrossEntropy.apply(Tensor,Tensor,Reduction,long,double)"
                            + " Functional.crossEntropy(Tensor,Tensor,Reduction,long,double)";
            row(
                    "crossEntropy, reduction " + r,
                    covers,
                    x -> Functional.crossEntropy(x[0], x[1], r, -100, 0.1),
                    leaf(4, 3),
                    ignoring);
            row(
                    "crossEntropy of pictures, reduction " + r,
                    covers,
                    x -> Functional.crossEntropy(x[0], x[1], r, 1, 0),
                    leaf(2, 3, 3),
                    picture);
            row(
                    "mseLoss, reduction " + r,
                    "Functional.mseLoss(Tensor,Tensor,Reduction)",
                    x -> Functional.mseLoss(x[0], x[1], r),
                    leaf(2, 3),
                    leaf(2, 3));
            row(
                    "binaryCrossEntropyWithLogits, reduction " + r,
                    "Functional.binaryCrossEntropyWithLogits(Tensor,Tensor,Reduction)",
                    x -> Functional.binaryCrossEntropyWithLogits(x[0], x[1], r),
                    leaf(2, 3),
                    positive(2, 3));
        }
        distances();
        row(
                "mseLoss",
                "Functional.mseLoss(Tensor,Tensor)",
                x -> Functional.mseLoss(x[0], x[1]),
                leaf(2, 3),
                leaf(2, 3));
        row(
                "binaryCrossEntropyWithLogits",
                "Functional.binaryCrossEntropyWithLogits(Tensor,Tensor)",
                x -> Functional.binaryCrossEntropyWithLogits(x[0], x[1]),
                leaf(2, 3),
                positive(2, 3));
    }

    private void distances() {
        String ofTwo = "Functional.%s(Tensor,Tensor)";
        String withAll = "Functional.%s(Tensor,Tensor,Reduction%s)";
        row(
                "l1Loss",
                ofTwo.formatted("l1Loss") + " " + withAll.formatted("l1Loss", ""),
                x -> Functional.l1Loss(x[0], x[1]),
                leaf(2, 3),
                leaf(2, 3));
        row(
                "smoothL1Loss",
                ofTwo.formatted("smoothL1Loss"),
                x -> Functional.smoothL1Loss(x[0], x[1]),
                leaf(2, 3),
                leaf(2, 3));
        row(
                "smoothL1Loss, beta 0.4",
                withAll.formatted("smoothL1Loss", ",double"),
                x -> Functional.smoothL1Loss(x[0], x[1], Reduction.NONE, 0.4),
                leaf(3, 4),
                leaf(3, 4));
        row(
                "huberLoss",
                ofTwo.formatted("huberLoss"),
                x -> Functional.huberLoss(x[0], x[1]),
                leaf(2, 3),
                leaf(2, 3));
        row(
                "huberLoss, delta 0.4",
                withAll.formatted("huberLoss", ",double"),
                x -> Functional.huberLoss(x[0], x[1], Reduction.SUM, 0.4),
                leaf(3, 4),
                leaf(3, 4));
    }

    private void draws() {
        unary(
                "dropout of a block's own draws",
                "Functional.dropout(Tensor,double,Draws)",
                x -> {
                    Seed.manualSeed(6);
                    return new io.github.cortado.nn.Dropout(0.4).forward(x);
                });
    }
}
