package io.github.cortado.ops;

import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.nn.Functional;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Programs of ten to thirty random statements over a few pictures: operations, some of them on a
 * value that was used before, readings, views, writes in place, all drawn from a seed. What a
 * program returns is everything that a user could see of it.
 */
final class RandomGraphs {
    private static final int[] PICTURES = {2, 4, 6, 6};

    private final Random random;
    private final Device device;
    private final DType dtype;
    private final StringBuilder text = new StringBuilder();
    private final Map<String, double[]> seen = new LinkedHashMap<>();
    private final List<Tensor> leaves = new ArrayList<>();
    private final List<Tensor> values = new ArrayList<>();
    private final List<Tensor> halves = new ArrayList<>();
    private final Tensor mean;
    private final Tensor var;

    private RandomGraphs(long seed, Device device) {
        this.random = new Random(seed);
        this.device = device;
        // The oracle rounds a chain once, not after each of its formulas, unless it is all double.
        this.dtype = device.backend().supports(DType.FLOAT64) ? DType.FLOAT64 : DType.FLOAT32;
        this.mean = tensor(false, 4);
        this.var = tensor(false, 4).mul(0).add(1).copy();
    }

    /** What the program of a seed shows: values by the statement that read them. */
    static Map<String, double[]> run(long seed, Device device) {
        RandomGraphs graph = new RandomGraphs(seed, device);
        graph.run();
        return graph.seen;
    }

    /** The statements of the program of a seed. */
    static String text(long seed, Device device) {
        RandomGraphs graph = new RandomGraphs(seed, device);
        try {
            graph.run();
        } catch (RuntimeException e) {
            graph.text.append(e);
        }
        return graph.text.toString();
    }

    private void run() {
        for (int i = 0; i < 3; i++) {
            values.add(leaf(PICTURES));
        }
        int statements = 10 + random.nextInt(21);
        for (int i = 0; i < statements; i++) {
            try {
                statement(i);
            } catch (IllegalStateException e) {
                note(i, "throws", e.getMessage().replaceAll("\\d+", "#"));
            }
        }
        Tensor loss = Tensor.zeros(device, dtype, Shape.of());
        for (int i = 0; i < 3; i++) {
            loss = loss.add(pick(values).mul(0.1).sum());
        }
        if (!halves.isEmpty()) {
            loss = loss.add(pick(halves).sum());
        }
        if (loss.requiresGrad()) {
            try {
                loss.backward();
            } catch (IllegalStateException e) {
                seen.put("backward throws", new double[0]);
                text.append(e.getMessage());
            }
        }
        see("loss", loss);
        for (int i = 0; i < leaves.size(); i++) {
            Tensor gradient = leaves.get(i).grad();
            if (gradient != null) {
                see("gradient " + i, gradient);
            }
        }
        for (int i = 0; i < values.size(); i++) {
            see("value " + i, values.get(i));
        }
        for (int i = 0; i < halves.size(); i++) {
            see("half " + i, halves.get(i));
        }
        see("mean", mean);
        see("var", var);
    }

    private void note(int i, String what, Object detail) {
        text.append(i).append(' ').append(what).append(' ').append(detail).append('\n');
    }

    private void see(String what, Tensor x) {
        try {
            seen.put(what, x.toDoubles());
        } catch (IllegalStateException e) {
            seen.put(what + " throws", new double[0]);
        }
    }

    private Tensor tensor(boolean required, int... shape) {
        int n = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
        float[] numbers = new float[n];
        for (int i = 0; i < n; i++) {
            numbers[i] = random.nextFloat() * 2 - 1;
        }
        return Tensor.of(numbers, shape).to(device).to(dtype).copy().requiresGrad(required);
    }

    private Tensor leaf(int... shape) {
        Tensor x = tensor(random.nextInt(4) > 0, shape);
        leaves.add(x);
        return x;
    }

    private <T> T pick(List<T> some) {
        // The latest most often, so that chains come about.
        int back = random.nextBoolean() ? 0 : random.nextInt(some.size());
        return some.get(some.size() - 1 - back);
    }

    private void statement(int i) {
        int kind = random.nextInt(32);
        Tensor x = pick(values);
        Tensor y = pick(values);
        boolean mayPool = kind == 14 || kind == 16;
        note(i, mayPool ? "pooled convolution" : "kind " + kind, x.shape());
        switch (kind) {
            case 0, 1 -> values.add(Functional.relu(x));
            case 2 -> values.add(Functional.gelu(x));
            case 3 -> values.add(Functional.silu(x));
            case 4 -> values.add(Functional.sigmoid(x).mul(y));
            case 5, 6 -> values.add(x.add(y));
            case 7 -> values.add(x.mul(y));
            case 8 -> values.add(x.mul(leaf(6)));
            case 9 -> values.add(x.add(leaf(4, 1, 1)));
            case 10 -> values.add(x.mul(x).sub(0.5));
            case 11, 12 ->
                    values.add(
                            Functional.conv2d(x, leaf(4, 4, 3, 3), leaf(4), 1, 1, 1, 1).mul(0.2));
            case 13 ->
                    values.add(
                            Functional.relu(
                                    Functional.conv2d(x, leaf(4, 4, 1, 1), null, 1, 0, 1, 1)));
            case 14 ->
                    halves.add(
                            Functional.maxPool2d(
                                    Functional.relu(
                                            Functional.conv2d(
                                                    x, leaf(4, 4, 3, 3), leaf(4), 1, 1, 1, 1)),
                                    2));
            case 15 -> halves.add(Functional.maxPool2d(Functional.relu(x), 2));
            case 16 -> halves.add(Functional.maxPool2d(x, 2));
            case 17 -> values.add(Functional.relu(Functional.linear(x, leaf(6, 6), leaf(6))));
            case 18 -> values.add(normalised(x));
            case 19 -> values.add(Functional.dropout(x, 0.4, 7, i, 0));
            case 20 -> values.add(x.reshape(4, 2, 6, 6).reshape(PICTURES));
            case 21 -> see("read " + i, x);
            case 22 -> {
                Tensor written = pick(random.nextBoolean() ? leaves : values);
                written.copyFrom(written.detach().mul(0.5));
            }
            case 23 -> values.add(x.detach());
            case 24 -> {
                try (var pause = Autograd.noGrad()) {
                    values.add(Functional.relu(x.mul(0.7).add(y)));
                }
            }
            case 25 -> values.add(Functional.relu6(x.mul(3)));
            case 26, 27 -> values.add(clamped(normalised(x)));
            case 28 -> {
                // Of which more is made, once what is cut off has been asked for or before.
                Tensor z = normalised(x);
                values.add(clamped(z));
                if (random.nextBoolean()) {
                    see("clamped " + i, values.get(values.size() - 1));
                }
                values.add(random.nextBoolean() ? clamped(z) : z.mul(0.5));
            }
            case 29 -> {
                try (var pause = Autograd.noGrad()) {
                    values.add(clamped(normalised(x)));
                }
            }
            case 30 -> halves.add(Functional.maxPool2d(clamped(normalised(x)), 2));
            default -> x.keep();
        }
    }

    private Tensor normalised(Tensor x) {
        boolean affine = random.nextInt(4) > 0;
        return Functional.batchNorm(
                x,
                mean,
                var,
                affine ? leaf(4) : null,
                affine || random.nextBoolean() ? leaf(4) : null,
                random.nextBoolean(),
                0.1,
                1e-5);
    }

    private Tensor clamped(Tensor x) {
        return random.nextBoolean() ? Functional.relu(x) : Functional.relu6(x);
    }
}
