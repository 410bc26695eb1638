package io.github.cortado.benchmarks;

import static io.github.cortado.benchmarks.Operation.Input.of;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.benchmarks.Operation.Input;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Pool2dOptions;
import io.github.cortado.nn.Reduction;
import io.github.cortado.nn.Tally;
import io.github.cortado.optim.Adadelta;
import io.github.cortado.optim.Adagrad;
import io.github.cortado.optim.Adam;
import io.github.cortado.optim.AdamW;
import io.github.cortado.optim.Adamax;
import io.github.cortado.optim.Optimizer;
import io.github.cortado.optim.RMSprop;
import io.github.cortado.optim.SGD;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * What {@link OperationThroughput} times: every operation of {@link Functional} and {@link Tensor}
 * that computes, on small arrays and on large ones, which no cache holds. Names and shapes are
 * those of {@code peer/operations_torch.py}.
 */
final class Operations {
    /** Sizes by name: elements of the first operand in thousands of 1,024. */
    static final List<String> SIZES = List.of("small", "large");

    private static final int COLUMNS = 1024;
    private static final double EPS = 1e-5;
    private final String size;

    /** Rows of 1,024 numbers. */
    private final int n;

    private final List<Operation> all = new ArrayList<>();

    private Operations(String size) {
        this.size = size;
        this.n = size.equals("small") ? 128 : 16_384;
    }

    /** The operations of one of {@link #SIZES}; the updates of optimizers are small ones. */
    static List<Operation> sized(String size) {
        Operations o = new Operations(size);
        o.arithmetic();
        o.functions();
        o.reductions();
        o.layouts();
        o.casts();
        o.products();
        o.pictures();
        o.normalisations();
        o.losses();
        new MoreOperations(o, o.n).addAll();
        new TensorOperations(o, o.n).addAll();
        if (size.equals("small")) {
            o.optimizers();
        }
        return o.all;
    }

    private void arithmetic() {
        binary("add", Tensor::add, x -> x.add(1.5));
        binary("sub", Tensor::sub, x -> x.sub(1.5));
        binary("mul", Tensor::mul, x -> x.mul(1.5));
        binary("div", Tensor::div, x -> x.div(1.5));
        add("maximum", t -> t.get(0).maximum(t.get(1)), matrix(), matrix().within(0.5, 2));
        add("minimum", t -> t.get(0).minimum(t.get(1)), matrix(), matrix().within(0.5, 2));
        unary("neg", Tensor::neg);
        unary("abs", Tensor::abs);
        unary("sign", Tensor::sign);
        unary("square", Tensor::square);
        unary("reciprocal", matrix().within(0.5, 2), Tensor::reciprocal);
        unary("clamp", x -> x.clamp(-1, 1));
        unary("expm1", Tensor::expm1);
        unary("log1p", matrix().within(0.5, 2), Tensor::log1p);
        unary("exp", Tensor::exp);
        unary("log", matrix().within(0.5, 2), Tensor::log);
        unary("sqrt", matrix().within(0.5, 2), Tensor::sqrt);
        unary("rsqrt", matrix().within(0.5, 2), Tensor::rsqrt);
    }

    private void binary(String name, BinaryOperator<Tensor> f, UnaryOperator<Tensor> number) {
        Function<List<Tensor>, Tensor> call = t -> f.apply(t.get(0), t.get(1));
        add(name + " same", call, matrix(), matrix().within(0.5, 2));
        add(name + " row", call, matrix(), of(COLUMNS).within(0.5, 2));
        add(name + " column", call, matrix(), of(n, 1).within(0.5, 2));
        unary(name + " number", number);
    }

    private void functions() {
        unary("relu", Functional::relu);
        unary("leakyRelu", x -> Functional.leakyRelu(x, 0.01));
        unary("elu", x -> Functional.elu(x, 1));
        unary("sigmoid", Functional::sigmoid);
        unary("tanh", Functional::tanh);
        unary("gelu", Functional::gelu);
        unary("silu", Functional::silu);
        unary("relu6", Functional::relu6);
        unary("hardswish", Functional::hardswish);
        unary("softplus", Functional::softplus);
        unary("geluTanh", Functional::geluTanh);
        unary("hardsigmoid", Functional::hardsigmoid);
        unary("softsign", Functional::softsign);
        unary("logSigmoid", Functional::logSigmoid);
        unary("mish", Functional::mish);
        unary("softmax of rows", x -> Functional.softmax(x, 1));
        unary("softmax of columns", x -> x.softmax(0));
        unary("logSoftmax of rows", x -> Functional.logSoftmax(x, 1));
        unary("logSoftmax of columns", x -> x.logSoftmax(0));
        unary("logSumExp of rows", x -> x.logSumExp(1, false));
        unary("glu", x -> Functional.glu(x, 1));
        unary("dropout", x -> Functional.dropout(x, 0.5, 1, 0, 0));
    }

    private void reductions() {
        unary("sum", Tensor::sum);
        unary("sum of rows", x -> x.sum(false, 1));
        unary("sum of columns", x -> x.sum(false, 0));
        unary("mean", Tensor::mean);
        unary("mean of rows", x -> x.mean(false, 1));
        unary("mean of columns", x -> x.mean(false, 0));
        unary("var of rows", x -> x.var(false, 1));
        unary("std of columns", x -> x.std(false, 0));
        unary("max of rows", x -> x.max(1, false).values());
        unary("max of columns", x -> x.max(0, false).values());
        forward("argmax of rows", t -> t.get(0).argmax(1), matrix());
        forward("argmax of columns", t -> t.get(0).argmax(0), matrix());
    }

    private void layouts() {
        unary("transpose", x -> x.transpose(0, 1));
        unary("permute heads", of(n / 32, 32, 16, 64), x -> x.permute(0, 2, 1, 3));
        unary("narrow rows", x -> x.narrow(0, n / 4, n / 2));
        unary("narrow columns", x -> x.narrow(1, COLUMNS / 4, COLUMNS / 2));
        unary("expand row", of(COLUMNS), x -> x.expand(n, COLUMNS));
        unary("expand column", of(n, 1), x -> x.expand(n, COLUMNS));
        add("cat rows", t -> cat(0, t), of(n / 2, COLUMNS), of(n / 2, COLUMNS));
        add("cat columns", t -> cat(1, t), of(n, COLUMNS / 2), of(n, COLUMNS / 2));
        add(
                "stack",
                t -> Tensor.stack(1, t.get(0), t.get(1)),
                of(n, COLUMNS / 2),
                of(n, COLUMNS / 2));
        unary("split columns", x -> x.split(COLUMNS / 2, 1).get(1));
        unary("chunk columns", x -> x.chunk(4, 1).get(1));
        forward("copy", t -> t.get(0).copy(), matrix());
        inPlace("copyFrom", (y, x) -> y.copyFrom(x), matrix());
        inPlace("fill", (y, x) -> y.fill(0.5), matrix());
        inPlace("increment", (y, x) -> y.increment(1), matrix().as(DType.INT64));
    }

    private static Tensor cat(int dim, List<Tensor> parts) {
        return Tensor.cat(dim, parts.toArray(Tensor[]::new));
    }

    /** The CPU has no float64. */
    private void casts() {
        Input bytes = matrix().within(0, 256).as(DType.UINT8);
        forward("float32 to int64", t -> t.get(0).to(DType.INT64), matrix());
        forward("float32 to uint8", t -> t.get(0).to(DType.UINT8), matrix().within(0, 256));
        forward("int64 to float32", t -> t.get(0).to(DType.FLOAT32), matrix().as(DType.INT64));
        forward("uint8 to float32", t -> t.get(0).to(DType.FLOAT32), bytes);
    }

    private void products() {
        int outputs = n == 128 ? COLUMNS : 256;
        int heads = n == 128 ? 32 : 256;
        add("matmul", t -> t.get(0).matmul(t.get(1)), matrix(), of(COLUMNS, outputs));
        add(
                "matmul batched",
                t -> t.get(0).matmul(t.get(1)),
                of(heads, 256, 64),
                of(heads, 64, 256));
        add(
                "linear",
                t -> Functional.linear(t.get(0), t.get(1), t.get(2)),
                matrix(),
                of(outputs, COLUMNS),
                of(outputs));
        add(
                "linearRelu",
                t -> Functional.relu(Functional.linear(t.get(0), t.get(1), t.get(2))),
                matrix(),
                of(outputs, COLUMNS),
                of(outputs));
    }

    private void pictures() {
        Conv2dOptions same = Conv2dOptions.of(1, 1, 1, 1);
        Pool2dOptions halves = Pool2dOptions.of(2, 2, 0);
        Input w = of(16, 16, 3, 3);
        add(
                "conv2d",
                t -> Functional.conv2d(t.get(0), t.get(1), t.get(2), same),
                maps(),
                w,
                of(16));
        add(
                "conv2dRelu",
                t -> Functional.relu(Functional.conv2d(t.get(0), t.get(1), t.get(2), same)),
                maps(),
                w,
                of(16));
        add(
                "conv2dReluMaxPool2d",
                t ->
                        Functional.maxPool2d(
                                Functional.relu(
                                        Functional.conv2d(t.get(0), t.get(1), t.get(2), same)),
                                halves),
                maps(),
                w,
                of(16));
        unary("reluMaxPool2d", maps(), x -> Functional.maxPool2d(Functional.relu(x), halves));
        unary("maxPool2d", maps(), x -> Functional.maxPool2d(x, halves));
        unary(
                "maxPool2d overlapping",
                maps(),
                x -> Functional.maxPool2d(x, Pool2dOptions.of(3, 2, 1)));
        unary("avgPool2d", maps(), x -> Functional.avgPool2d(x, halves, true));
        unary(
                "avgPool2d overlapping",
                maps(),
                x -> Functional.avgPool2d(x, Pool2dOptions.of(3, 2, 1), true));
        unary("avgPool2d global", maps(), x -> Functional.avgPool2d(x, 32));
    }

    private void normalisations() {
        add("batchNorm training", t -> batchNorm(t, true), batchNormInputs());
        add("batchNorm evaluation", t -> batchNorm(t, false), batchNormInputs());
        add(
                "layerNorm",
                t -> Functional.layerNorm(t.get(0), new int[] {COLUMNS}, t.get(1), t.get(2), EPS),
                matrix(),
                of(COLUMNS),
                of(COLUMNS));
    }

    private Input[] batchNormInputs() {
        return new Input[] {
            maps(), of(16), of(16), of(16).constant(), of(16).within(0.5, 2).constant()
        };
    }

    private static Tensor batchNorm(List<Tensor> t, boolean training) {
        return Functional.batchNorm(
                t.get(0), t.get(3), t.get(4), t.get(1), t.get(2), training, 0.1, EPS);
    }

    private void losses() {
        Input classes = of(n).as(DType.INT64).within(0, COLUMNS);
        Input pixels = of(n / 16, 32, 32).as(DType.INT64).within(0, 16);
        add("crossEntropy", t -> Functional.crossEntropy(t.get(0), t.get(1)), matrix(), classes);
        add(
                "crossEntropy smoothed",
                t ->
                        Functional.crossEntropy(
                                t.get(0), t.get(1), Reduction.MEAN, Functional.IGNORE_INDEX, 0.1),
                matrix(),
                classes);
        Tally tally = new Tally();
        add(
                "crossEntropy tallied",
                t -> Functional.crossEntropy(t.get(0), t.get(1), tally),
                matrix(),
                classes);
        add(
                "crossEntropy of pixels",
                t -> Functional.crossEntropy(t.get(0), t.get(1)),
                maps(),
                pixels);
        add("l1Loss", t -> Functional.l1Loss(t.get(0), t.get(1)), matrix(), matrix().constant());
        add(
                "smoothL1Loss",
                t -> Functional.smoothL1Loss(t.get(0), t.get(1)),
                matrix(),
                matrix().constant());
        add(
                "huberLoss",
                t -> Functional.huberLoss(t.get(0), t.get(1)),
                matrix(),
                matrix().constant());
        add("mseLoss", t -> Functional.mseLoss(t.get(0), t.get(1)), matrix(), matrix().constant());
        add(
                "binaryCrossEntropyWithLogits",
                t -> Functional.binaryCrossEntropyWithLogits(t.get(0), t.get(1)),
                matrix(),
                matrix().within(0, 1).constant());
    }

    private void optimizers() {
        update("SGD", p -> new SGD(p, 1e-6));
        update("SGD with momentum", p -> new SGD(p, 1e-6).momentum(0.9));
        update("Adam", p -> new Adam(p, 1e-6));
        update("AdamW", p -> new AdamW(p, 1e-6));
        update("RMSprop", p -> new RMSprop(p, 1e-6));
        update("Adagrad", p -> new Adagrad(p, 1e-6));
        update("Adadelta", p -> new Adadelta(p, 1e-6));
        update("Adamax", p -> new Adamax(p, 1e-6));
    }

    /** Updates of 1,024 x 1,024 parameters. */
    private void update(String name, Function<List<Tensor>, Optimizer> maker) {
        all.add(
                new Operation(
                        size + ": " + name,
                        List.of(of(COLUMNS, COLUMNS), of(COLUMNS, COLUMNS).constant()),
                        t -> {
                            Tensor w = t.get(0).copy().requiresGrad(true);
                            Optimizer optimizer = maker.apply(List.of(w));
                            w.grad(t.get(1));
                            return () -> {
                                optimizer.step();
                                return w;
                            };
                        },
                        false));
    }

    /**
     * Those that {@code --sizes} and {@code --only} name: one by its whole name, or all that have a
     * part of a name.
     */
    static List<Operation> chosen(Arguments a) {
        List<Operation> operations = new ArrayList<>();
        for (String size : a.text("sizes").split(",")) {
            if (!SIZES.contains(size)) {
                throw new Arguments.UsageException(
                        "--sizes: no size '" + size + "'; there are " + SIZES);
            }
            operations.addAll(sized(size));
        }
        String only = a.text("only");
        boolean whole = operations.stream().anyMatch(o -> o.name().equals(only));
        operations.removeIf(o -> whole ? !o.name().equals(only) : !o.name().contains(only));
        if (operations.isEmpty()) {
            throw new Arguments.UsageException(
                    "--only: no operation has '" + only + "' in its name");
        }
        return operations;
    }

    Input matrix() {
        return of(n, COLUMNS);
    }

    Input maps() {
        return of(n / 16, 16, 32, 32);
    }

    void unary(String name, UnaryOperator<Tensor> f) {
        unary(name, matrix(), f);
    }

    void unary(String name, Input x, UnaryOperator<Tensor> f) {
        add(name, t -> f.apply(t.get(0)), x);
    }

    void add(String name, Function<List<Tensor>, Tensor> f, Input... inputs) {
        all.add(new Operation(size + ": " + name, List.of(inputs), t -> () -> f.apply(t), true));
    }

    void forward(String name, Function<List<Tensor>, Tensor> f, Input... inputs) {
        all.add(new Operation(size + ": " + name, List.of(inputs), t -> () -> f.apply(t), false));
    }

    /** What overwrites its first operand, which is a copy of the second. */
    private void inPlace(String name, BinaryOperator<Tensor> f, Input input) {
        all.add(
                new Operation(
                        size + ": " + name,
                        List.of(input),
                        t -> {
                            Tensor y = t.get(0).copy();
                            return () -> f.apply(y, t.get(0));
                        },
                        false));
    }
}
