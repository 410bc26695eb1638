package io.github.cortado.oracle;

import io.github.cortado.Tensor;
import io.github.cortado.nn.AdaptiveAvgPool1d;
import io.github.cortado.nn.AdaptiveMaxPool1d;
import io.github.cortado.nn.AdaptiveMaxPool2d;
import io.github.cortado.nn.AvgPool1d;
import io.github.cortado.nn.AvgPool2d;
import io.github.cortado.nn.Bilinear;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.ChannelShuffle;
import io.github.cortado.nn.CircularPad1d;
import io.github.cortado.nn.CircularPad2d;
import io.github.cortado.nn.ConstantPad1d;
import io.github.cortado.nn.ConstantPad2d;
import io.github.cortado.nn.Conv1d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.ConvTranspose1d;
import io.github.cortado.nn.ConvTranspose2d;
import io.github.cortado.nn.Convolution;
import io.github.cortado.nn.CosineSimilarity;
import io.github.cortado.nn.EmbeddingBag;
import io.github.cortado.nn.Fold;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GRU;
import io.github.cortado.nn.GRUCell;
import io.github.cortado.nn.InstanceNorm1d;
import io.github.cortado.nn.LSTM;
import io.github.cortado.nn.LSTMCell;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.LocalResponseNorm;
import io.github.cortado.nn.MaxPool1d;
import io.github.cortado.nn.MaxPool2d;
import io.github.cortado.nn.PairwiseDistance;
import io.github.cortado.nn.PixelUnshuffle;
import io.github.cortado.nn.RNN;
import io.github.cortado.nn.RNNCell;
import io.github.cortado.nn.RecurrentCell;
import io.github.cortado.nn.ReflectionPad1d;
import io.github.cortado.nn.ReflectionPad2d;
import io.github.cortado.nn.ReplicationPad1d;
import io.github.cortado.nn.ReplicationPad2d;
import io.github.cortado.nn.Softmax2d;
import io.github.cortado.nn.Softmin;
import io.github.cortado.nn.Transformer;
import io.github.cortado.nn.TransformerDecoder;
import io.github.cortado.nn.TransformerDecoderLayer;
import io.github.cortado.nn.Unfold;
import io.github.cortado.nn.UpsamplingBilinear2d;
import io.github.cortado.nn.UpsamplingNearest2d;
import io.github.cortado.nn.ZeroPad1d;
import io.github.cortado.nn.ZeroPad2d;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The modules that {@code oracle/layers} is about: how they are made, and called. */
final class OracleLayers {
    private final Attributes attrs;

    OracleLayers(Attributes attrs) {
        this.attrs = attrs;
    }

    Block make(String op) {
        return switch (op) {
            case "nn.Conv1d" -> convolution(new Conv1d(in(), out(), attrs.integer("kernel_size")));
            case "nn.ConvTranspose1d" ->
                    convolution(
                            new ConvTranspose1d(in(), out(), attrs.integer("kernel_size"))
                                    .outputPadding(attrs.integer("output_padding", 0)));
            case "nn.Conv2d" -> conv2d();
            case "nn.ConvTranspose2d" -> {
                int[] kernel = attrs.pair("kernel_size");
                yield convolution(
                        new ConvTranspose2d(in(), out(), kernel[0], kernel[1])
                                .stride(attrs.integer("stride", 1))
                                .outputPadding(attrs.integer("output_padding", 0)));
            }
            case "nn.RNNCell" ->
                    cell(new RNNCell(inputs(), hidden(), attrs.text("nonlinearity", "tanh")));
            case "nn.GRUCell" -> cell(new GRUCell(inputs(), hidden()));
            case "nn.LSTMCell" -> cell(new LSTMCell(inputs(), hidden()));
            case "nn.EmbeddingBag" -> {
                var bag =
                        new EmbeddingBag(
                                        attrs.integer("num_embeddings"),
                                        attrs.integer("embedding_dim"))
                                .mode(attrs.text("mode", "mean"));
                int padding = attrs.integer("padding_idx", -1);
                yield padding < 0 ? bag : bag.paddingIndex(padding);
            }
            case "nn.TransformerDecoder" -> decoder();
            case "nn.Transformer" -> transformer();
            case "nn.Bilinear" ->
                    new Bilinear(
                            attrs.integer("in1_features"),
                            attrs.integer("in2_features"),
                            attrs.integer("out_features"));
            case "nn.CosineSimilarity" -> new CosineSimilarity();
            case "nn.PairwiseDistance" -> new PairwiseDistance();
            default -> small(op);
        };
    }

    private int in() {
        return attrs.integer("in_channels");
    }

    private int out() {
        return attrs.integer("out_channels");
    }

    private int inputs() {
        return attrs.integer("input_size");
    }

    private int hidden() {
        return attrs.integer("hidden_size");
    }

    private Convolution<?> convolution(Convolution<?> net) {
        net.groups(attrs.integer("groups", 1));
        net.stride(attrs.integer("stride", 1));
        net.dilation(attrs.integer("dilation", 1));
        border(net);
        return attrs.flag("bias", true) ? net : net.withoutBias();
    }

    private void border(Convolution<?> net) {
        net.paddingMode(attrs.text("padding_mode", "zeros"));
        if (attrs.isText("padding")) {
            net.padding(attrs.text("padding", "valid"));
        } else {
            net.padding(attrs.integer("padding", 0));
        }
    }

    private Conv2d conv2d() {
        int[] kernel = attrs.pair("kernel_size");
        int[] stride = attrs.pair("stride", 1);
        int[] dilation = attrs.pair("dilation", 1);
        Conv2d net =
                new Conv2d(in(), out(), kernel[0], kernel[1])
                        .groups(attrs.integer("groups", 1))
                        .stride(stride[0], stride[1])
                        .dilation(dilation[0], dilation[1]);
        if (attrs.isText("padding")) {
            border(net);
        } else {
            int[] padding = attrs.pair("padding", 0);
            net.paddingMode(attrs.text("padding_mode", "zeros")).padding(padding[0], padding[1]);
        }
        return attrs.flag("bias", true) ? net : net.withoutBias();
    }

    private Block cell(RecurrentCell<?> cell) {
        return attrs.flag("bias", true) ? cell : cell.withoutBias();
    }

    private TransformerDecoder decoder() {
        int width = attrs.integer("d_model");
        int heads = attrs.integer("nhead");
        int inner = attrs.integer("dim_feedforward");
        boolean first = attrs.flag("batch_first", false);
        int layers = attrs.integer("num_layers");
        Supplier<TransformerDecoderLayer> layer =
                () -> {
                    var made = new TransformerDecoderLayer(width, heads, inner, 0);
                    return first ? made.batchFirst() : made;
                };
        return attrs.flag("norm", false)
                ? new TransformerDecoder(layer, layers, new LayerNorm(width))
                : new TransformerDecoder(layer, layers);
    }

    private Transformer transformer() {
        Transformer net =
                new Transformer(
                        attrs.integer("d_model"),
                        attrs.integer("nhead"),
                        attrs.integer("num_encoder_layers"),
                        attrs.integer("num_decoder_layers"),
                        attrs.integer("dim_feedforward"),
                        0);
        if (attrs.flag("batch_first", false)) {
            net.batchFirst();
        }
        if (attrs.flag("norm_first", false)) {
            net.normFirst();
        }
        return attrs.text("activation", "relu").equals("gelu")
                ? net.activation(Functional::gelu)
                : net;
    }

    private Layer small(String op) {
        if (op.endsWith("Pad1d") || op.endsWith("Pad2d")) {
            return padding(op, attrs.integers("padding").orElseThrow());
        }
        if (op.contains("Pool")) {
            return pooling(op);
        }
        return switch (op) {
            case "nn.UpsamplingNearest2d" -> new UpsamplingNearest2d(attrs.integer("scale_factor"));
            case "nn.UpsamplingBilinear2d" ->
                    new UpsamplingBilinear2d(attrs.integer("scale_factor"));
            case "nn.PixelUnshuffle" -> new PixelUnshuffle(attrs.integer("downscale_factor"));
            case "nn.ChannelShuffle" -> new ChannelShuffle(attrs.integer("groups"));
            case "nn.LocalResponseNorm" ->
                    new LocalResponseNorm(
                            attrs.integer("size"),
                            attrs.number("alpha", 1e-4),
                            attrs.number("beta", 0.75),
                            attrs.number("k", 1));
            case "nn.InstanceNorm1d" -> new InstanceNorm1d(attrs.integer("num_features"));
            case "nn.Unfold" ->
                    new Unfold(attrs.integer("kernel_size"))
                            .dilation(attrs.integer("dilation", 1))
                            .padding(attrs.integer("padding", 0))
                            .stride(attrs.integer("stride", 1));
            case "nn.Fold" -> {
                int[] size = attrs.pair("output_size");
                yield new Fold(size[0], size[1], attrs.integer("kernel_size"))
                        .dilation(attrs.integer("dilation", 1))
                        .padding(attrs.integer("padding", 0))
                        .stride(attrs.integer("stride", 1));
            }
            case "nn.Softmin" -> new Softmin(attrs.integer("dim"));
            case "nn.Softmax2d" -> new Softmax2d();
            default -> throw new AssertionError("unknown module " + op);
        };
    }

    private Layer padding(String op, int[] p) {
        return switch (op) {
            case "nn.ZeroPad1d" -> new ZeroPad1d(p[0], p[1]);
            case "nn.ReflectionPad1d" -> new ReflectionPad1d(p[0], p[1]);
            case "nn.ReplicationPad1d" -> new ReplicationPad1d(p[0], p[1]);
            case "nn.CircularPad1d" -> new CircularPad1d(p[0], p[1]);
            case "nn.ConstantPad1d" -> new ConstantPad1d(p[0], p[1], attrs.number("value", 0));
            case "nn.ZeroPad2d" -> new ZeroPad2d(p[0], p[1], p[2], p[3]);
            case "nn.ReflectionPad2d" -> new ReflectionPad2d(p[0], p[1], p[2], p[3]);
            case "nn.ReplicationPad2d" -> new ReplicationPad2d(p[0], p[1], p[2], p[3]);
            case "nn.CircularPad2d" -> new CircularPad2d(p[0], p[1], p[2], p[3]);
            case "nn.ConstantPad2d" ->
                    new ConstantPad2d(p[0], p[1], p[2], p[3], attrs.number("value", 0));
            default -> throw new AssertionError("unknown module " + op);
        };
    }

    private Layer pooling(String op) {
        if (op.startsWith("nn.Adaptive")) {
            int[] size = attrs.integers("output_size").orElseThrow();
            return switch (op) {
                case "nn.AdaptiveMaxPool1d" -> new AdaptiveMaxPool1d(size[0]);
                case "nn.AdaptiveAvgPool1d" -> new AdaptiveAvgPool1d(size[0]);
                default -> new AdaptiveMaxPool2d(size[0], size[1]);
            };
        }
        int kernel = attrs.integer("kernel_size");
        int stride = attrs.integer("stride");
        int padding = attrs.integer("padding", 0);
        boolean ceil = attrs.flag("ceil_mode", false);
        boolean count = attrs.flag("count_include_pad", true);
        int dilation = attrs.integer("dilation", 1);
        int divisor = attrs.integer("divisor_override", 0);
        switch (op) {
            case "nn.MaxPool1d" -> {
                var pool = new MaxPool1d(kernel, stride, padding).dilation(dilation);
                return ceil ? pool.ceilMode() : pool;
            }
            case "nn.MaxPool2d" -> {
                var pool = new MaxPool2d(kernel, stride, padding).dilation(dilation);
                return ceil ? pool.ceilMode() : pool;
            }
            case "nn.AvgPool1d" -> {
                var pool = new AvgPool1d(kernel, stride, padding).countIncludePad(count);
                return ceil ? pool.ceilMode() : pool;
            }
            default -> {
                var pool = new AvgPool2d(kernel, stride, padding).countIncludePad(count);
                var one = divisor == 0 ? pool : pool.divisorOverride(divisor);
                return ceil ? one.ceilMode() : one;
            }
        }
    }

    /** What modules give that take more than one tensor; null for others. */
    static @Nullable Tensor called(Block module, List<Tensor> x) {
        int n = x.size();
        if (module instanceof EmbeddingBag bag && n == 2) {
            return bag.forward(x.get(0), x.get(1));
        }
        if (module instanceof TransformerDecoder d) {
            return switch (n) {
                case 2 -> d.forward(x.get(0), x.get(1));
                case 3 -> d.forward(x.get(0), x.get(1), x.get(2));
                default -> d.forward(x.get(0), x.get(1), x.get(2), x.get(3));
            };
        }
        if (module instanceof Transformer t) {
            return switch (n) {
                case 2 -> t.forward(x.get(0), x.get(1));
                case 3 -> t.forward(x.get(0), x.get(1), x.get(2));
                default -> t.forward(x.get(0), x.get(1), x.get(2), x.get(3), x.get(4));
            };
        }
        if (module instanceof Bilinear b) {
            return b.forward(x.get(0), x.get(1));
        }
        if (module instanceof CosineSimilarity c) {
            return c.forward(x.get(0), x.get(1));
        }
        if (module instanceof PairwiseDistance d) {
            return d.forward(x.get(0), x.get(1));
        }
        if (module instanceof RNNCell cell) {
            return n == 1 ? cell.forward(x.get(0)) : cell.forward(x.get(0), x.get(1));
        }
        if (module instanceof GRUCell cell) {
            return n == 1 ? cell.forward(x.get(0)) : cell.forward(x.get(0), x.get(1));
        }
        if (module instanceof LSTMCell cell) {
            LSTMCell.Output y =
                    n == 1 ? cell.forward(x.get(0)) : cell.forward(x.get(0), x.get(1), x.get(2));
            return OracleModules.flat(y.h(), y.c());
        }
        return null;
    }

    /** Sequences of different lengths: x, lengths, and states where there are any. */
    static Tensor padded(Block module, List<Tensor> x) {
        boolean given = x.size() > 2;
        if (module instanceof LSTM net) {
            LSTM.Output y =
                    given
                            ? net.forwardPadded(x.get(0), x.get(1), x.get(2), x.get(3))
                            : net.forwardPadded(x.get(0), x.get(1));
            return OracleModules.flat(y.output(), y.h(), y.c());
        }
        if (module instanceof GRU net) {
            GRU.Output y =
                    given
                            ? net.forwardPadded(x.get(0), x.get(1), x.get(2))
                            : net.forwardPadded(x.get(0), x.get(1));
            return OracleModules.flat(y.output(), y.h());
        }
        RNN net = (RNN) module;
        RNN.Output y =
                given
                        ? net.forwardPadded(x.get(0), x.get(1), x.get(2))
                        : net.forwardPadded(x.get(0), x.get(1));
        return OracleModules.flat(y.output(), y.h());
    }
}
