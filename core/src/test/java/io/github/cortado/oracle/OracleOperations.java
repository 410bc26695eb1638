package io.github.cortado.oracle;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Conv2dOptions;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.Pool2dOptions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Runs the operation that a manifest names; what the manifest does not name is PyTorch's default.
 */
final class OracleOperations {
    private final String op;
    private final Attributes attrs;
    private final Map<String, Tensor> inputs;

    private OracleOperations(String op, Attributes attrs, Map<String, Tensor> inputs) {
        this.op = op;
        this.attrs = attrs;
        this.inputs = new LinkedHashMap<>(inputs);
    }

    /**
     * The result for these inputs.
     *
     * @throws AssertionError if the operation, an attribute or an input is unknown
     */
    static Tensor run(String op, Attributes attrs, Map<String, Tensor> inputs) {
        OracleOperations o = new OracleOperations(op, attrs, inputs);
        Tensor other = new MoreOracleOperations(op, attrs, o).run();
        other = other == null ? new TensorOracleOperations(op, attrs, o).run() : other;
        if (other == null) {
            other = new LossOracleOperations(op, attrs, o).run();
        }
        Tensor y = other == null ? o.run() : other;
        attrs.done();
        if (!o.inputs.isEmpty()) {
            throw new AssertionError(op + ": unknown inputs " + new TreeSet<>(o.inputs.keySet()));
        }
        return y;
    }

    private Tensor run() {
        return switch (op) {
            case "conv2d" -> conv2d();
            case "max_pool2d", "avg_pool2d" -> pool2d();
            case "linear" -> Functional.linear(in("x"), in("weight"), optional("bias"));
            case "matmul" -> in("a").matmul(in("b"));
            case "add" -> in("a").add(in("b"));
            case "sub" -> in("a").sub(in("b"));
            case "mul" -> in("a").mul(in("b"));
            case "div" -> in("a").div(in("b"));
            case "sum", "mean" -> reduce();
            case "max" -> max();
            case "cat" -> cat();
            case "softmax" -> in("x").softmax(attrs.integer("dim"));
            case "log_softmax" -> in("x").logSoftmax(attrs.integer("dim"));
            case "cross_entropy" -> crossEntropy();
            case "mse_loss" -> Functional.mseLoss(in("x"), in("target"), attrs.reduction());
            case "binary_cross_entropy_with_logits" ->
                    Functional.binaryCrossEntropyWithLogits(
                            in("x"), in("target"), attrs.reduction());
            case "batch_norm" -> batchNorm();
            case "layer_norm" -> layerNorm();
            case "permute" -> in("x").permute(list("dims"));
            case "transpose" -> in("x").transpose(attrs.integer("dim0"), attrs.integer("dim1"));
            case "reshape", "view" -> in("x").reshape(list("shape"));
            case "flatten" -> flatten();
            case "unsqueeze" -> in("x").unsqueeze(attrs.integer("dim"));
            case "squeeze" -> in("x").squeeze(attrs.integer("dim"));
            case "expand" -> in("x").expand(list("shape"));
            case "narrow" ->
                    in("x").narrow(
                                    attrs.integer("dim"),
                                    attrs.integer("start"),
                                    attrs.integer("length"));
            default -> elementWise(in("x"));
        };
    }

    private Tensor elementWise(Tensor x) {
        return switch (op) {
            case "relu" -> Functional.relu(x);
            case "sigmoid" -> Functional.sigmoid(x);
            case "tanh" -> Functional.tanh(x);
            case "silu" -> Functional.silu(x);
            case "gelu" -> {
                attrs.only("approximate", "none");
                yield Functional.gelu(x);
            }
            case "softplus" -> {
                attrs.only("threshold", 20);
                double beta = attrs.number("beta", 1);
                yield beta == 1
                        ? Functional.softplus(x)
                        : Functional.softplus(x.mul(beta)).div(beta);
            }
            case "leaky_relu" -> Functional.leakyRelu(x, attrs.number("negative_slope", 0.01));
            case "elu" -> Functional.elu(x, attrs.number("alpha", 1));
            case "exp" -> x.exp();
            case "log" -> x.log();
            case "sqrt" -> x.sqrt();
            case "rsqrt" -> x.rsqrt();
            case "neg" -> x.neg();
            default -> throw new AssertionError("unknown op " + op);
        };
    }

    private Tensor conv2d() {
        int[] stride = attrs.pair("stride", 1);
        int[] padding = attrs.pair("padding", 0);
        int[] dilation = attrs.pair("dilation", 1);
        return Functional.conv2d(
                in("x"),
                in("weight"),
                optional("bias"),
                new Conv2dOptions(
                        stride[0],
                        stride[1],
                        padding[0],
                        padding[1],
                        dilation[0],
                        dilation[1],
                        attrs.integer("groups", 1)));
    }

    private Tensor pool2d() {
        int[] kernel = attrs.pair("kernel", attrs.integers("kernel_size").orElse(new int[0]));
        int[] stride = attrs.pair("stride", kernel);
        int[] padding = attrs.pair("padding", 0);
        attrs.only("ceil_mode", false);
        Pool2dOptions options =
                new Pool2dOptions(
                        kernel[0], kernel[1], stride[0], stride[1], padding[0], padding[1]);
        if (op.equals("max_pool2d")) {
            attrs.only("dilation", 1);
            return Functional.maxPool2d(in("x"), options);
        }
        return Functional.avgPool2d(in("x"), options, attrs.flag("count_include_pad", true));
    }

    private Tensor reduce() {
        Tensor x = in("x");
        boolean keep = attrs.flag("keepdim", false);
        int[] dims = attrs.integers("dim").orElseGet(() -> all(x));
        return op.equals("sum") ? x.sum(keep, dims) : x.mean(keep, dims);
    }

    private static int[] all(Tensor x) {
        return java.util.stream.IntStream.range(0, x.shape().rank()).toArray();
    }

    private Tensor max() {
        Tensor x = in("x");
        boolean keep = attrs.flag("keepdim", false);
        int[] dims = attrs.integers("dim").orElse(new int[0]);
        return dims.length == 0
                ? x.flatten(0).max(0, false).values()
                : x.max(dims[0], keep).values();
    }

    private Tensor cat() {
        Tensor[] parts = inputs.values().toArray(Tensor[]::new);
        inputs.clear();
        return Tensor.cat(attrs.integer("dim", 0), parts);
    }

    private Tensor flatten() {
        attrs.only("end_dim", -1);
        return in("x").flatten(attrs.integer("start_dim", 0));
    }

    private Tensor crossEntropy() {
        Tensor logits = in("logits");
        Tensor target = in("target");
        if (logits.shape().rank() == 1) {
            logits = logits.unsqueeze(0);
            target = target.reshape(1);
        }
        return Functional.crossEntropy(
                logits,
                target,
                attrs.reduction(),
                attrs.integer("ignore_index", (int) Functional.IGNORE_INDEX),
                attrs.number("label_smoothing", 0));
    }

    private Tensor batchNorm() {
        Tensor x = in("x");
        return Functional.batchNorm(
                x,
                statistic("running_mean", x),
                statistic("running_var", x),
                optional("weight"),
                optional("bias"),
                attrs.flag("training", false),
                attrs.number("momentum", 0.1),
                attrs.number("eps", 1e-5));
    }

    /** Running statistics stand among the attributes, or among the inputs. */
    private Tensor statistic(String name, Tensor x) {
        return attrs.numbers(name)
                .map(v -> Tensor.of(v, v.length).to(x.dtype()).to(x.device()))
                .orElseGet(() -> optional(name));
    }

    private Tensor layerNorm() {
        return Functional.layerNorm(
                in("x"),
                list("normalized_shape"),
                optional("weight"),
                optional("bias"),
                attrs.number("eps", 1e-5));
    }

    int[] list(String name) {
        return attrs.integers(name)
                .orElseThrow(() -> new AssertionError(op + ": attribute " + name + " is missing"));
    }

    Tensor in(String name) {
        Tensor t = inputs.remove(name);
        if (t == null) {
            throw new AssertionError(op + ": input " + name + " is missing");
        }
        return t;
    }

    @Nullable Tensor optional(String name) {
        return inputs.remove(name);
    }
}
