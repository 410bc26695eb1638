package io.github.cortado.ops;

import io.github.cortado.CompiledStep;
import io.github.cortado.DType;
import io.github.cortado.Device;
import io.github.cortado.Scope;
import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import io.github.cortado.autograd.Pending;
import io.github.cortado.nn.Dropout;
import io.github.cortado.nn.Functional;
import io.github.cortado.random.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Statements of {@link RandomGraphs}: operations on a few pictures, some of them used before, and
 * what a user does in between: readings, views, writes in place, modes, scopes, mistakes, other
 * threads.
 */
final class RandomStatements {
    private static final int[] PICTURES = {2, 4, 6, 6};

    final Device device;
    final DType dtype;
    final Map<String, double[]> seen = new LinkedHashMap<>();
    final StringBuilder text = new StringBuilder();
    final List<Tensor> leaves = new ArrayList<>();
    final List<Tensor> values = new ArrayList<>();
    final List<Tensor> halves = new ArrayList<>();

    /** What was not kept before a training step or a compiled one. */
    final List<Tensor> stale = new ArrayList<>();

    /** Weights of a convolution and of an affine map, a factor: what is trained. */
    final List<Tensor> parameters;

    /** Whether all of it is a compiled step: there is no other inside of one. */
    boolean isStep;

    final Tensor mean;
    final Tensor var;
    private final Random random;

    /** Whether convolutions are pooled: gradients of those have other roundings. */
    private final boolean poolsConvolutions;

    private final Dropout dropout;
    private Autograd.@Nullable Pause pause;

    RandomStatements(Random random, Device device) {
        this.random = random;
        this.device = device;
        // The oracle rounds a chain once, not after each of its formulas, unless it is all double.
        this.dtype = device.backend().supports(DType.FLOAT64) ? DType.FLOAT64 : DType.FLOAT32;
        this.poolsConvolutions = random.nextBoolean();
        if (poolsConvolutions) {
            note("with", Shown.POOLED);
        }
        Seed.manualSeed(random.nextLong());
        this.dropout = new Dropout(0.3);
        this.mean = tensor(false, 4).keep();
        this.var = tensor(false, 4).mul(0).add(1).copy().keep();
        this.parameters = new ArrayList<>();
        for (int[] shape : new int[][] {{4, 4, 3, 3}, {4}, {6, 6}, {6}}) {
            parameters.add(tensor(true, shape).keep());
        }
    }

    void note(Object what, Object detail) {
        text.append(what).append(' ').append(detail).append('\n');
    }

    void see(String what, Tensor x) {
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

    /** Another picture to begin with. */
    void addLeaf() {
        values.add(leaf(PICTURES));
    }

    <T> T pick(List<T> some) {
        // The latest most often, so that chains come about.
        int back = random.nextBoolean() ? 0 : random.nextInt(some.size());
        return some.get(some.size() - 1 - back);
    }

    /** Statement {@code i}; which one it is, was drawn. */
    void run(int i, int kind) {
        Tensor x = pick(values);
        Tensor y = pick(values);
        note(i, "kind " + kind + " " + x.shape());
        if (kind < 24 || kind > 43 && kind < 47) {
            values.add(operation(kind, x, y));
        } else if (kind >= 47) {
            values.add(other(kind, x, y));
        } else if (kind < 30) {
            halves.add(pooled(kind, x));
        } else {
            between(i, kind, x, y);
        }
    }

    private Tensor operation(int kind, Tensor x, Tensor y) {
        if (kind == 2 || kind == 3) {
            note("with", Shown.BY_HAND);
        }
        return switch (kind) {
            case 0, 1 -> Functional.relu(x);
            case 2 -> Functional.gelu(x);
            case 3 -> Functional.silu(x);
            case 4 -> Functional.sigmoid(x).mul(y);
            case 5, 6 -> x.add(y);
            case 7 -> x.mul(y);
            case 8 -> x.mul(random.nextBoolean() ? leaf(6) : leaf(6).add(1));
            case 9 -> x.add(random.nextBoolean() ? leaf(4, 1, 1) : leaf(4, 1, 1).mul(2));
            case 10 -> x.mul(x).sub(0.5);
            case 11 -> convolution(x, leaf(4, 4, 3, 3), leaf(4)).mul(0.2);
            case 12 -> convolution(x, parameters.get(0), parameters.get(1)).mul(0.2);
            case 13 -> Functional.relu(Functional.conv2d(x, leaf(4, 4, 1, 1), null, 1, 0, 1, 1));
            case 14 -> Functional.relu(convolution(x, parameters.get(0), parameters.get(1)));
            case 15 -> Functional.relu(Functional.linear(x, leaf(6, 6), leaf(6)));
            case 16 -> Functional.linear(x, parameters.get(2), parameters.get(3));
            case 17 -> normalised(x);
            case 18 -> Functional.dropout(x, 0.4, 7, kind, 0);
            case 19, 20 -> dropout.forward(x);
            case 21 -> x.reshape(4, 2, 6, 6).reshape(PICTURES);
            case 22 -> Functional.relu6(x.mul(3));
            case 44 -> softmax(random.nextBoolean() ? x.matmul(y) : x.matmul(y).mul(0.4), 3);
            case 45 -> softmax(x.mul(y), random.nextInt(4)).mul(x.reshape(PICTURES));
            case 46 -> softmax(x.reshape(8, 36).mul(0.7), 1).reshape(PICTURES);
            default -> clamped(normalised(x));
        };
    }

    /** Masks, elements by index, what goes along a dimension, and what is made of others. */
    private Tensor other(int kind, Tensor x, Tensor y) {
        return switch (kind) {
            case 47 -> Tensor.where(mask(), x, y.mul(0.5));
            case 48 -> x.maskedFill(mask(), 0.1).mul(y);
            case 49 -> apart(x).sort(random.nextInt(4), random.nextBoolean()).values();
            case 50 -> x.gather(3, apart(y).argsort(3, false));
            case 51 -> x.cumsum(random.nextInt(4)).mul(0.3);
            case 52 -> x.flip(3).roll(1, 2);
            case 53 -> x.sin().add(y.cos());
            case 54 -> x.square().add(0.2).pow(0.7);
            case 55 -> Functional.groupNorm(x, 2, leaf(4), leaf(4), 1e-5);
            case 56 -> x.indexSelect(3, Tensor.of(new long[] {5, 0, 0, 1, 2, 3}).to(device)).mul(y);
            case 57 -> Tensor.einsum("nchw,nchv->ncwv", x, y).mul(0.2);
            case 58 -> x.slice(3, 0, 6, 2).repeat(1, 1, 1, 2);
            case 59 -> Functional.scaledDotProductAttention(x, y, x);
            case 60 -> Functional.prelu(x, leaf(4));
            default -> x.sub(y).square().mul(0.1).sum(true, random.nextInt(4)).add(x);
        };
    }

    /** Where rounding changes nothing. */
    private Tensor mask() {
        return tensor(false, PICTURES).gt(0.1);
    }

    /** So far from each other that rounding does not change their order. */
    private Tensor apart(Tensor x) {
        float[] places = new float[x.size()];
        for (int i = 0; i < places.length; i++) {
            places[i] = i * 37 % places.length * 0.02f;
        }
        return x.clamp(-1, 1).mul(1e-3).add(Tensor.of(places, PICTURES).to(device).to(dtype));
    }

    private Tensor softmax(Tensor x, int dim) {
        return random.nextBoolean() ? x.softmax(dim) : x.logSoftmax(dim);
    }

    private Tensor pooled(int kind, Tensor x) {
        if (kind < 28 && !poolsConvolutions) {
            // A new tensor is no ReLU of a convolution's.
            return pooledRelu(x.mul(0.9));
        }
        return switch (kind) {
            case 24 -> pooledConvolution(x, leaf(4, 4, 3, 3), leaf(4));
            case 25 -> pooledConvolution(x, parameters.get(0), parameters.get(1));
            case 26 -> pooledRelu(x);
            case 27 -> Functional.maxPool2d(x, 2);
            default -> Functional.maxPool2d(clamped(normalised(x)), 2);
        };
    }

    private void between(int i, int kind, Tensor x, Tensor y) {
        switch (kind) {
            case 30 -> see("read " + i, x);
            case 31 -> {
                // A result itself is not written to while its gradient is recorded.
                Tensor written = random.nextBoolean() ? pick(leaves) : pick(values).detach();
                written.copyFrom(written.detach().mul(0.5));
            }
            case 32 -> {
                // Memory that views share with what was computed from it.
                Tensor view = random.nextBoolean() ? x.detach().reshape(8, 36) : x.detach();
                values.add(view.reshape(PICTURES).mul(2));
                Tensor part = view.narrow(0, 1, 1);
                part.fill(0.25);
                values.add(part.narrow(0, 0, 1).sum().mul(y));
            }
            case 33 -> values.add(x.detach());
            case 34 -> {
                try (var off = Autograd.noGrad()) {
                    values.add(Functional.relu(x.mul(0.7).add(y)));
                }
            }
            case 35 -> {
                // Of which more is made, once what is cut off has been asked for or before.
                Tensor z = normalised(x);
                values.add(clamped(z));
                if (random.nextBoolean()) {
                    see("clamped " + i, values.get(values.size() - 1));
                }
                values.add(random.nextBoolean() ? clamped(z) : z.mul(0.5));
            }
            case 36 -> {
                try (var off = Autograd.noGrad()) {
                    values.add(clamped(normalised(x)));
                }
            }
            case 37 -> x.keep();
            case 38 -> pause(pause == null);
            case 39 -> dropout.train(!dropout.isTraining());
            case 40 -> scoped(i, x, y);
            case 41 -> seen.put("mistake " + i + ": " + mistake(x), new double[0]);
            case 42 -> {
                if (!isStep) {
                    compiled(x.keep(), y.keep());
                }
            }
            default -> values.add(onAnotherThread(x, y));
        }
    }

    /** Begins or ends what is computed without gradients. */
    void pause(boolean begins) {
        if (pause != null) {
            pause.close();
        }
        pause = begins ? Autograd.noGrad() : null;
    }

    /** What is made inside goes with it, and what is only computed there does not. */
    private void scoped(int i, Tensor x, Tensor y) {
        Tensor outer = Functional.relu(x.mul(0.3));
        Tensor kept;
        Tensor left;
        try (Scope scope = Scope.open()) {
            kept = outer.add(y).keep();
            left = Functional.silu(outer.mul(y));
            see("scoped " + i, Functional.sigmoid(left));
        }
        values.add(kept);
        values.add(outer);
        see("left " + i, left);
    }

    /** Says which line of a user's is wrong. */
    private String mistake(Tensor x) {
        Runnable[] mistakes = {
            () -> x.add(tensor(false, 5)),
            () -> Functional.conv2d(x, tensor(false, 3, 5, 3, 3), null, 1, 1, 1, 1),
            () -> Functional.linear(x, tensor(false, 3, 5), null),
            () -> Functional.maxPool2d(x, 20),
            () -> x.reshape(7, 7),
            () -> x.narrow(0, 1, 4),
            () -> Functional.dropout(x, 2, 7, 0, 0),
            () -> Functional.batchNorm(x, mean, var, tensor(false, 3), null, true, 0.1, 1e-5),
            () -> Functional.crossEntropy(x, Tensor.of(new long[72], 2, 36).to(device)),
            () ->
                    // A GPU looks at labels, and tells whoever reads next.
                    Functional.crossEntropy(
                                    x.reshape(2, 144), Tensor.of(new long[] {1, 144}).to(device))
                            .item(),
        };
        int which = random.nextInt(mistakes.length);
        try {
            mistakes[which].run();
            return which + " was not found";
        } catch (IllegalArgumentException e) {
            return e.getMessage();
        }
    }

    private void compiled(Tensor x, Tensor y) {
        Tensor open = x.mul(y);
        stale.addAll(values);
        values.clear();
        try (var off = Autograd.noGrad();
                CompiledStep<Tensor> step =
                        device.compile(() -> Functional.relu(x.add(1)).mul(y).add(x))) {
            for (int run = 0; run < 4; run++) {
                Tensor last = step.run();
                if (run == 3) {
                    values.add(last.copy());
                }
            }
        }
        values.add(open);
        values.add(x);
    }

    private Tensor onAnotherThread(Tensor x, Tensor y) {
        Tensor[] made = new Tensor[1];
        boolean records = Autograd.isRecording();
        boolean waits = Pending.isOn();
        Thread other =
                new Thread(
                        () -> {
                            try (var off = records ? null : Autograd.noGrad();
                                    var now = waits ? null : Pending.pause()) {
                                made[0] = Functional.relu(x.mul(1.5).add(y)).add(0.1);
                            }
                        });
        other.start();
        try {
            other.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return made[0].mul(x);
    }

    private static Tensor convolution(Tensor x, Tensor w, Tensor b) {
        return Functional.conv2d(x, w, b, 1, 1, 1, 1);
    }

    private Tensor pooledRelu(Tensor x) {
        Tensor y = Functional.relu(x);
        if (random.nextBoolean()) {
            // Stored before it is pooled.
            y.keep();
        }
        return Functional.maxPool2d(y, 2);
    }

    private Tensor pooledConvolution(Tensor x, Tensor w, Tensor b) {
        return Functional.maxPool2d(Functional.relu(convolution(x, w, b)), 2);
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
