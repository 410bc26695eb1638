package io.github.cortado.oracle;

import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm1d;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Embedding;
import io.github.cortado.nn.Functional;
import io.github.cortado.nn.GRU;
import io.github.cortado.nn.GroupNorm;
import io.github.cortado.nn.LSTM;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.MultiheadAttention;
import io.github.cortado.nn.RMSNorm;
import io.github.cortado.nn.RNN;
import io.github.cortado.nn.Recurrent;
import io.github.cortado.nn.TransformerDecoderLayer;
import io.github.cortado.nn.TransformerEncoder;
import io.github.cortado.nn.TransformerEncoderLayer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Runs the module that a manifest names, with the weights among the case's inputs. */
final class OracleModules {
    private final Attributes attrs;

    private OracleModules(Attributes attrs) {
        this.attrs = attrs;
    }

    /**
     * All results, one after the other if there are several. Inputs that are weights are replaced
     * by the module's own, where their gradients will be.
     */
    static Tensor run(String op, Attributes attrs, Map<String, Tensor> inputs, Device device) {
        Block module = new OracleModules(attrs).make(op);
        boolean padded = attrs.flag("padded", false);
        attrs.done();
        module.to(device);
        Map<String, Tensor> weights = module.namedParameters();
        List<Tensor> given = new ArrayList<>();
        for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
            Tensor own = weights.get(input.getKey());
            if (own == null) {
                given.add(input.getValue());
            } else {
                own.copyFrom(input.getValue());
                input.setValue(own);
            }
        }
        if (!inputs.keySet().containsAll(weights.keySet())) {
            throw new AssertionError(op + ": not all of " + weights.keySet() + " are given");
        }
        return padded ? OracleLayers.padded(module, given) : called(module, given);
    }

    private Block make(String op) {
        return switch (op) {
            case "nn.Embedding" ->
                    new Embedding(attrs.integer("num_embeddings"), attrs.integer("embedding_dim"))
                            .paddingIndex(attrs.integer("padding_idx"));
            case "nn.MultiheadAttention" -> {
                var m =
                        new MultiheadAttention(
                                attrs.integer("embed_dim"), attrs.integer("num_heads"));
                yield attrs.flag("batch_first", false) ? m.batchFirst() : m;
            }
            case "nn.TransformerEncoderLayer" -> encoderLayer();
            case "nn.TransformerEncoder" -> {
                int layers = attrs.integer("num_layers");
                int width = attrs.integer("d_model");
                int heads = attrs.integer("nhead");
                int inner = attrs.integer("dim_feedforward");
                yield new TransformerEncoder(
                        () -> new TransformerEncoderLayer(width, heads, inner, 0).batchFirst(),
                        layers,
                        new LayerNorm(width));
            }
            case "nn.TransformerDecoderLayer" -> decoderLayer();
            case "nn.GroupNorm" ->
                    new GroupNorm(attrs.integer("num_groups"), attrs.integer("num_channels"));
            case "nn.RMSNorm" -> new RMSNorm(attrs.integer("normalized_shape"));
            case "nn.BatchNorm1d" -> new BatchNorm1d(attrs.integer("num_features"));
            case "nn.RNN" ->
                    recurrent(
                            new RNN(
                                    attrs.integer("input_size"),
                                    attrs.integer("hidden_size"),
                                    attrs.text("nonlinearity", "tanh")));
            case "nn.GRU" ->
                    recurrent(new GRU(attrs.integer("input_size"), attrs.integer("hidden_size")));
            case "nn.LSTM" ->
                    recurrent(new LSTM(attrs.integer("input_size"), attrs.integer("hidden_size")));
            default -> new OracleLayers(attrs).make(op);
        };
    }

    private TransformerEncoderLayer encoderLayer() {
        var layer =
                new TransformerEncoderLayer(
                        attrs.integer("d_model"),
                        attrs.integer("nhead"),
                        attrs.integer("dim_feedforward"),
                        0);
        if (attrs.flag("batch_first", false)) {
            layer.batchFirst();
        }
        if (attrs.flag("norm_first", false)) {
            layer.normFirst();
        }
        return attrs.text("activation", "relu").equals("gelu")
                ? layer.activation(Functional::gelu)
                : layer;
    }

    private TransformerDecoderLayer decoderLayer() {
        var layer =
                new TransformerDecoderLayer(
                        attrs.integer("d_model"),
                        attrs.integer("nhead"),
                        attrs.integer("dim_feedforward"),
                        0);
        if (attrs.flag("batch_first", false)) {
            layer.batchFirst();
        }
        if (attrs.flag("norm_first", false)) {
            layer.normFirst();
        }
        return attrs.text("activation", "relu").equals("gelu")
                ? layer.activation(Functional::gelu)
                : layer;
    }

    private Block recurrent(Recurrent<?> net) {
        net.layers(attrs.integer("num_layers", 1));
        if (attrs.flag("bidirectional", false)) {
            net.bidirectional();
        }
        if (attrs.flag("batch_first", false)) {
            net.batchFirst();
        }
        return attrs.flag("bias", true) ? net : net.withoutBias();
    }

    private static Tensor called(Block module, List<Tensor> x) {
        Tensor found = OracleLayers.called(module, x);
        if (found != null) {
            return found;
        }
        if (module instanceof MultiheadAttention m) {
            return switch (x.size()) {
                case 1 -> m.forward(x.get(0));
                case 2 -> m.forward(x.get(0), x.get(0), x.get(0), x.get(1));
                default -> m.forward(x.get(0), x.get(1), x.get(2));
            };
        }
        if (module instanceof TransformerDecoderLayer d) {
            return x.size() == 2
                    ? d.forward(x.get(0), x.get(1))
                    : d.forward(x.get(0), x.get(1), x.get(2));
        }
        if (module instanceof LSTM net) {
            LSTM.Output y =
                    x.size() == 1
                            ? net.forward(x.get(0))
                            : net.forward(x.get(0), x.get(1), x.get(2));
            return flat(y.output(), y.h(), y.c());
        }
        if (module instanceof GRU net) {
            GRU.Output y = x.size() == 1 ? net.forward(x.get(0)) : net.forward(x.get(0), x.get(1));
            return flat(y.output(), y.h());
        }
        if (module instanceof RNN net) {
            RNN.Output y = x.size() == 1 ? net.forward(x.get(0)) : net.forward(x.get(0), x.get(1));
            return flat(y.output(), y.h());
        }
        return ((Layer) module).forward(x.get(0));
    }

    static Tensor flat(Tensor... parts) {
        Tensor[] lines = new Tensor[parts.length];
        for (int i = 0; i < parts.length; i++) {
            lines[i] = parts[i].flatten(0);
        }
        return Tensor.cat(0, lines);
    }
}
