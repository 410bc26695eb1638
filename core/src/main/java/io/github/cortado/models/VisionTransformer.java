package io.github.cortado.models;

import io.github.cortado.Tensor;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.GELU;
import io.github.cortado.nn.Init;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.LayerNorm;
import io.github.cortado.nn.Linear;
import io.github.cortado.nn.MultiheadAttention;
import io.github.cortado.nn.Sequential;
import io.github.cortado.random.Seed;

/**
 * A transformer over the patches of a picture (Dosovitskiy et al., arXiv 2010.11929), under
 * torchvision's names and with its first values; a class token in front of the patches is what
 * logits are made of.
 */
public final class VisionTransformer extends Layer {
    private static final int CHANNELS = 3;
    private static final double EPS = 1e-6;

    /**
     * What makes a network deep and wide.
     *
     * @param side height and width of a picture
     * @param patch height and width of a patch
     * @param layers of the encoder
     * @param heads of each attention, which share the width
     * @param width of a patch's vector
     * @param mlpWidth features between a layer's two linear ones
     */
    public record Sizes(int side, int patch, int layers, int heads, int width, int mlpWidth) {
        /** ViT-B/16's. */
        public static final Sizes VIT_B_16 = new Sizes(224, 16, 12, 12, 768, 3072);

        /**
         * Refuses sizes below 1, a side that is no whole number of patches, and heads that cannot
         * share the width.
         */
        public Sizes {
            Inputs.sizes(
                    "VisionTransformer",
                    "(side, patch, layers, heads, width, mlpWidth)",
                    side,
                    patch,
                    layers,
                    heads,
                    width,
                    mlpWidth);
            if (side % patch != 0) {
                throw new IllegalArgumentException(
                        "VisionTransformer: a side of "
                                + side
                                + " is no whole number of patches of "
                                + patch);
            }
            Inputs.heads("VisionTransformer", width, heads);
        }

        /** How many vectors the encoder sees: the class token and the patches. */
        private int places() {
            return 1 + (side / patch) * (side / patch);
        }
    }

    private final Sizes sizes;
    private final Tensor classToken;
    private final Conv2d projection;
    private final Encoder encoder;
    private final Heads heads;

    /** ViT-B/16, without dropout. */
    public static VisionTransformer vitB16(int classes) {
        return new VisionTransformer(Sizes.VIT_B_16, 0, classes);
    }

    /**
     * A network of any size.
     *
     * @param dropout in training, of the encoder's input and of what each of its parts adds
     * @throws IllegalArgumentException if dropout is not from 0 to 1, or there is no class
     */
    public VisionTransformer(Sizes sizes, double dropout, int classes) {
        Inputs.sizes("VisionTransformer", "classes", classes);
        this.sizes = sizes;
        int patch = sizes.patch;
        classToken = parameter("class_token", Tensor.zeros(1, 1, sizes.width));
        projection = add("conv_proj", new Conv2d(CHANNELS, sizes.width, patch).stride(patch));
        encoder = add("encoder", new Encoder(sizes, dropout));
        heads = add("heads", new Heads(sizes.width, classes));
        double deviation = 1 / Math.sqrt(CHANNELS * patch * patch);
        Init.truncNormal(projection.weight(), 0, deviation, -2, 2, Seed.nextParameter());
        projection.bias().ifPresent(bias -> bias.fill(0));
    }

    /**
     * Logits [n, classes] of pictures [n, 3, side, side].
     *
     * @throws io.github.cortado.ShapeException if they have another shape
     */
    @Override
    public Tensor forward(Tensor x) {
        Inputs.squares("VisionTransformer", x, CHANNELS, sizes.side);
        Tensor patches = projection.call(x).flatten(2).transpose(1, 2);
        Tensor token = classToken.expand(x.dim(0), 1, sizes.width);
        Tensor y = encoder.call(Tensor.cat(1, token, patches));
        return heads.call(y.select(1, 0));
    }

    /** Positions added, all layers, and a normalisation. */
    private static final class Encoder extends Layer {
        private final Tensor positions;
        private final Dropout dropout;
        private final Layers layers;
        private final LayerNorm ln;

        Encoder(Sizes sizes, double p) {
            positions =
                    parameter(
                            "pos_embedding",
                            FirstValues.normal(Tensor.zeros(1, sizes.places(), sizes.width), 0.02));
            dropout = add("dropout", new Dropout(p));
            layers = add("layers", new Layers(sizes, p));
            ln = add("ln", new LayerNorm(sizes.width).eps(EPS));
        }

        @Override
        public Tensor forward(Tensor x) {
            return ln.call(layers.call(dropout.call(x.add(positions))));
        }
    }

    /** A chain under torchvision's names. */
    private static final class Layers extends Layer {
        Layers(Sizes sizes, double p) {
            for (int i = 0; i < sizes.layers; i++) {
                add("encoder_layer_" + i, new EncoderLayer(sizes, p));
            }
        }

        @Override
        public Tensor forward(Tensor x) {
            for (Block layer : children().values()) {
                x = ((Layer) layer).call(x);
            }
            return x;
        }
    }

    /** Attention, and two linear layers, each of what is normalised, and a way around it. */
    private static final class EncoderLayer extends Layer {
        private final LayerNorm ln1;
        private final MultiheadAttention attention;
        private final Dropout dropout;
        private final LayerNorm ln2;
        private final Sequential mlp;

        EncoderLayer(Sizes sizes, double p) {
            int width = sizes.width;
            ln1 = add("ln_1", new LayerNorm(width).eps(EPS));
            attention =
                    add("self_attention", new MultiheadAttention(width, sizes.heads).batchFirst());
            dropout = add("dropout", new Dropout(p));
            ln2 = add("ln_2", new LayerNorm(width).eps(EPS));
            mlp =
                    add(
                            "mlp",
                            new Sequential(
                                    linear(width, sizes.mlpWidth),
                                    new GELU(),
                                    new Dropout(p),
                                    linear(sizes.mlpWidth, width),
                                    new Dropout(p)));
        }

        private static Linear linear(int in, int out) {
            Linear linear = new Linear(in, out);
            Init.xavierUniform(linear.weight(), Seed.nextParameter());
            linear.bias().ifPresent(bias -> FirstValues.normal(bias, 1e-6));
            return linear;
        }

        @Override
        public Tensor forward(Tensor x) {
            x = x.add(dropout.call(attention.forward(ln1.call(x))));
            return x.add(mlp.call(ln2.call(x)));
        }
    }

    /** One linear layer, whose first values are 0: first logits are those of knowing nothing. */
    private static final class Heads extends Layer {
        private Layer head;

        Heads(int width, int classes) {
            Linear linear = new Linear(width, classes);
            linear.weight().fill(0);
            linear.bias().ifPresent(bias -> bias.fill(0));
            head = add("head", linear);
        }

        @Override
        public Tensor forward(Tensor x) {
            return head.call(x);
        }
    }
}
