package io.github.cortado.benchmarks.nets;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Tensor;
import io.github.cortado.io.SafeTensors;
import io.github.cortado.io.SafeTensorsException;
import io.github.cortado.nn.Block;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Layer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Whether a network is the one that PyTorch runs: as many parameters, and from the weights and the
 * batch of a file of {@code nets_torch.py --losses} the losses that stand there, dropout being off.
 * Speeds of networks that are not the same say nothing.
 *
 * <p>A device that computes in float64 does so here, and has to find the losses of PyTorch in
 * float64 but for {@link #EXACT}. In float32 {@link #TOLERANCE} is allowed, and {@link #SLACK}
 * times what PyTorch's own float32 is away from float64: batch normalisation makes errors of
 * rounding grow from layer to layer and from step to step, so that MobileNetV2's losses in
 * PyTorch's two memory layouts differ in their second digit after five steps.
 *
 * <p>Of a file of many steps ({@code --loss-steps}), which has no losses in float64, it is a
 * report: see {@link LongRun}.
 */
public final class PeerLosses {
    /** How far losses in float64 may be apart. */
    static final double EXACT = 1e-8;

    /** How far losses in float32 may be from those in float64. */
    static final double TOLERANCE = 1e-4;

    /** How many times PyTorch's own distance from float64, up to that step, is allowed as well. */
    static final double SLACK = 4;

    private static final String WEIGHTS = "model.";
    private static final String FLOAT64 = "losses.float64";

    /** Thrown where the network is another one. */
    public static final class DifferentException extends RuntimeException {
        DifferentException(String message) {
            super(message);
        }
    }

    private PeerLosses() {}

    /**
     * Takes the steps of a file and compares.
     *
     * @return the fields of a JSON line: the losses of both sides, and how far they might be apart
     * @throws IOException if the file cannot be read or has something else in it
     * @throws DifferentException saying where the networks differ
     */
    public static Map<String, Object> check(Network net, Path file, Device device)
            throws IOException {
        Map<String, Tensor> tensors = SafeTensors.load(file);
        Map<String, String> metadata = SafeTensors.metadata(file);
        if (!net.word().equals(metadata.get("net"))) {
            throw new SafeTensorsException(
                    file + ": expected losses of " + net.word() + ", got " + metadata.get("net"));
        }
        Layer model = net.model();
        load(model, tensors, net);
        boolean exact = device.backend().supports(DType.FLOAT64);
        DType type = exact ? DType.FLOAT64 : DType.FLOAT32;
        Tensor given = tensor(tensors, "x", file).to(device);
        Tensor x = given.dtype().isFloat() ? given.to(type) : given;
        Tensor y = tensor(tensors, "y", file);
        // Copies, for the next batches are written there.
        Steps steps =
                new Steps(
                        net, model.to(device, type), batch(x, 0).copy(), batch(y, 0).copy(), false);
        if (!Integer.toString(steps.parameters()).equals(metadata.get("parameters"))) {
            throw new DifferentException(
                    net.word()
                            + ": "
                            + steps.parameters()
                            + " parameters, PyTorch's has "
                            + metadata.get("parameters"));
        }
        model.namedBlocks().values().stream()
                .filter(Dropout.class::isInstance)
                .forEach(Block::eval);
        double[] nchw = tensor(tensors, "losses", file).toDoubles();
        double[] nhwc = tensor(tensors, "losses.nhwc", file).toDoubles();
        double[] losses = new double[nchw.length];
        for (int i = 0; i < losses.length; i++) {
            int turn = i % x.dim(0);
            steps.give(batch(x, turn), batch(y, turn));
            losses[i] = steps.compiled();
        }
        Map<String, Object> out = new LinkedHashMap<>();
        out.put("net", net.word());
        out.put("torch", String.valueOf(metadata.get("torch")));
        out.put("parameters", steps.parameters());
        out.put("dtype", type.toString());
        if (tensors.containsKey(FLOAT64)) {
            double[] expected = tensor(tensors, FLOAT64, file).toDoubles();
            double[] allowed = new double[expected.length];
            Arrays.fill(allowed, exact ? EXACT : TOLERANCE);
            if (!exact) {
                widen(allowed, nchw, expected);
                widen(allowed, nhwc, expected);
            }
            requireNear(net, losses, expected, allowed);
            out.put("losses", Arrays.stream(losses).boxed().toList());
            out.put("expected", Arrays.stream(expected).boxed().toList());
            out.put("allowed", Arrays.stream(allowed).boxed().toList());
        } else {
            out.putAll(new LongRun(losses, nchw, nhwc).requireSameEnd(net).report());
        }
        return out;
    }

    /** One of [batches, n, ...]. */
    private static Tensor batch(Tensor all, int i) {
        return all.narrow(0, i, 1).squeeze(0);
    }

    /** Makes room for these losses, and for as much in all later steps. */
    private static void widen(double[] allowed, double[] losses, double[] expected) {
        double largest = 0;
        for (int i = 0; i < allowed.length; i++) {
            largest = Math.max(largest, Math.abs(losses[i] - expected[i]));
            allowed[i] = Math.max(allowed[i], TOLERANCE + SLACK * largest);
        }
    }

    /** Of a file's tensors those that are a model's state, by its own names. */
    public static Map<String, Tensor> weights(Map<String, Tensor> tensors) {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        tensors.forEach(
                (name, value) -> {
                    if (name.startsWith(WEIGHTS)) {
                        weights.put(name.substring(WEIGHTS.length()), value);
                    }
                });
        return weights;
    }

    private static void load(Layer model, Map<String, Tensor> tensors, Network net) {
        try {
            model.loadStateDict(weights(tensors));
        } catch (IllegalArgumentException e) {
            throw new DifferentException(net.word() + ": " + e.getMessage());
        }
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name, Path file)
            throws IOException {
        Tensor value = tensors.get(name);
        if (value == null) {
            throw new SafeTensorsException(file + ": expected a tensor " + name);
        }
        return value;
    }

    /**
     * Compares.
     *
     * @throws DifferentException naming the first step whose loss is too far away
     */
    static void requireNear(Network net, double[] losses, double[] expected, double[] allowed) {
        for (int i = 0; i < expected.length; i++) {
            // Written so that NaN does not pass.
            if (!(Math.abs(losses[i] - expected[i]) <= allowed[i])) {
                throw new DifferentException(
                        String.format(
                                Locale.ROOT,
                                "%s: step %d has the loss %.6f, PyTorch's %.6f; they may be %.2g"
                                        + " apart",
                                net.word(),
                                i + 1,
                                losses[i],
                                expected[i],
                                allowed[i]));
            }
        }
    }
}
