package io.github.cortado.models;

import static io.github.cortado.nn.Functional.maxPool2d;

import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.nn.BatchNorm2d;
import io.github.cortado.nn.Conv2d;
import io.github.cortado.nn.ConvTranspose2d;
import io.github.cortado.nn.Layer;
import io.github.cortado.nn.ModuleList;
import io.github.cortado.nn.ReLU;
import io.github.cortado.nn.Sequential;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A class for every pixel (Ronneberger et al., arXiv 1505.04597): convolutions and poolings on the
 * way down, transposed convolutions on the way up, where each size meets what it was on the way
 * down. As is usual today convolutions keep a picture's size and are normalised by batch.
 */
public final class UNet extends Layer {
    private static final int MOST_DEPTH = 16;

    private final int channels;
    private final int depth;
    private final ModuleList<Sequential> encoder;
    private final Sequential bottleneck;
    private final ModuleList<ConvTranspose2d> up;
    private final ModuleList<Sequential> decoder;
    private Layer head;

    /**
     * A network for pictures of so many channels.
     *
     * @param width channels of the first convolutions, doubled with each pooling; the paper's is 64
     * @param depth how many poolings; the paper's is 4
     * @throws IllegalArgumentException if a size is below 1, or the depth above 16
     */
    public UNet(int channels, int classes, int width, int depth) {
        Inputs.sizes("UNet", "(channels, classes, width, depth)", channels, classes, width, depth);
        if (depth > MOST_DEPTH) {
            throw new IllegalArgumentException(
                    "UNet: expected a depth of at most " + MOST_DEPTH + ", got " + depth);
        }
        this.channels = channels;
        this.depth = depth;
        List<Sequential> down = new ArrayList<>();
        for (int i = 0; i < depth; i++) {
            down.add(convolutions(i == 0 ? channels : width << (i - 1), width << i));
        }
        encoder = add("encoder", new ModuleList<>(down));
        bottleneck = add("bottleneck", convolutions(width << (depth - 1), width << depth));
        List<ConvTranspose2d> larger = new ArrayList<>();
        List<Sequential> after = new ArrayList<>();
        for (int i = depth - 1; i >= 0; i--) {
            int out = width << i;
            larger.add(new ConvTranspose2d(2 * out, out, 2).stride(2));
            after.add(convolutions(2 * out, out));
        }
        up = add("up", new ModuleList<>(larger));
        decoder = add("decoder", new ModuleList<>(after));
        head = add("head", new Conv2d(width, classes, 1));
    }

    private static Sequential convolutions(int in, int out) {
        return new Sequential(
                new Conv2d(in, out, 3).padding(1).withoutBias(),
                new BatchNorm2d(out),
                new ReLU(),
                new Conv2d(out, out, 3).padding(1).withoutBias(),
                new BatchNorm2d(out),
                new ReLU());
    }

    /**
     * Logits [n, classes, h, w] of pictures [n, channels, h, w].
     *
     * @throws ShapeException if they have another shape, or sides that cannot be halved depth times
     */
    @Override
    public Tensor forward(Tensor x) {
        Inputs.pictures("UNet", x, channels, 1);
        int whole = 1 << depth;
        if (x.dim(2) % whole != 0 || x.dim(3) % whole != 0) {
            throw new ShapeException(
                    "UNet: expected sides that can be divided by "
                            + whole
                            + ", for "
                            + depth
                            + " poolings, got "
                            + x.shape());
        }
        Deque<Tensor> skipped = new ArrayDeque<>();
        for (Sequential block : encoder) {
            Tensor y = block.call(x);
            skipped.push(y);
            x = maxPool2d(y, 2);
        }
        x = bottleneck.call(x);
        for (int i = 0; i < depth; i++) {
            x = Tensor.cat(1, skipped.pop(), up.get(i).call(x));
            x = decoder.get(i).call(x);
        }
        return head.call(x);
    }
}
