package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.random.PhiloxStream;
import io.github.cortado.random.Seed;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What convolutions share, those over sequences and over pictures, and transposed ones: stride 1,
 * no padding, dilation 1, one group and a bias unless said otherwise; weight and bias under
 * PyTorch's names, even between -1 / sqrt(k) and there, k the size of the weight but for its first
 * dimension.
 *
 * @param <S> the layer's own class
 */
public abstract class Convolution<S extends Convolution<S>> extends Layer {
    private static final String ZEROS = "zeros";
    private static final String SAME = "same";

    final int in;
    final int out;
    final int[] kernel;
    final int[] stride;
    final int[] padding;
    final int[] dilation;
    final int[] outputPadding;
    private final PhiloxStream weightStream = Seed.nextParameter();
    private final PhiloxStream biasStream = Seed.nextParameter();
    private int groups = 1;
    private boolean same;
    private String paddingMode = ZEROS;
    private Tensor weight;
    private @Nullable Tensor bias;

    Convolution(int inChannels, int outChannels, int... kernelSize) {
        if (inChannels < 1
                || outChannels < 1
                || Arrays.stream(kernelSize).anyMatch(size -> size < 1)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: sizes must be at least 1, got channels %d, %d, kernel %s",
                            kind(),
                            inChannels,
                            outChannels,
                            Arrays.stream(kernelSize)
                                    .mapToObj(Integer::toString)
                                    .collect(Collectors.joining(" x "))));
        }
        in = inChannels;
        out = outChannels;
        kernel = kernelSize;
        stride = both(1);
        padding = both(0);
        dilation = both(1);
        outputPadding = both(0);
        weight = parameter("weight", newWeight());
        bias = parameter("bias", newBias());
    }

    /** That number in each direction. */
    private int[] both(int number) {
        int[] numbers = new int[kernel.length];
        Arrays.fill(numbers, number);
        return numbers;
    }

    private Tensor newWeight() {
        int[] sizes = new int[kernel.length + 2];
        sizes[0] = isTransposed() ? in : out;
        sizes[1] = (isTransposed() ? out : in) / groups;
        System.arraycopy(kernel, 0, sizes, 2, kernel.length);
        return Init.fanIn(Tensor.zeros(sizes), fanIn(), weightStream);
    }

    private Tensor newBias() {
        return Init.fanIn(Tensor.zeros(out), fanIn(), biasStream);
    }

    /** PyTorch takes the weight's second dimension for the one that is read, transposed or not. */
    private int fanIn() {
        int fanIn = (isTransposed() ? out : in) / groups;
        for (int size : kernel) {
            fanIn *= size;
        }
        return fanIn;
    }

    abstract boolean isTransposed();

    abstract S self();

    /** Refuses numbers that the operation would refuse. */
    abstract void check();

    /** Step of the kernel; of a transposed convolution the distance of what neighbours go to. */
    public final S stride(int step) {
        return set(stride, both(step));
    }

    /**
     * Zeros added on all sides, or elements that {@link #paddingMode} names; of a transposed
     * convolution what is left out of the result there.
     */
    public final S padding(int border) {
        same = false;
        return set(padding, both(border));
    }

    /**
     * {@code same}: so much padding that a result has the size of x, dilation (kernel - 1) in all
     * and, where that is odd, one more behind than before; {@code valid}: none.
     *
     * @throws IllegalArgumentException if it is another word, if a result of the same size would
     *     need a stride of 1 and there is another, or if the convolution is transposed
     */
    public final S padding(String word) {
        same = word.equals(SAME);
        if (isTransposed() || !same && !word.equals("valid")) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: expected %s as padding, got %s",
                            kind(),
                            isTransposed() ? "a number" : "a number, same or valid",
                            word));
        }
        return set(padding, both(0));
    }

    /**
     * What padding is made of: {@code zeros}, or x's own elements as {@link Functional#pad} takes
     * them: {@code reflect}, {@code replicate} or {@code circular}.
     *
     * @throws IllegalArgumentException if it is another word, or the convolution is transposed and
     *     it is not {@code zeros}
     */
    public final S paddingMode(String mode) {
        boolean isOwn = mode.matches("reflect|replicate|circular");
        if (!mode.equals(ZEROS) && (isTransposed() || !isOwn)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: expected %s as padding mode, got %s",
                            kind(),
                            isTransposed() ? ZEROS : "zeros, reflect, replicate or circular",
                            mode));
        }
        paddingMode = mode;
        return self();
    }

    /** Distance between the kernel's taps. */
    public final S dilation(int distance) {
        return set(dilation, both(distance));
    }

    final S set(int[] numbers, int... values) {
        System.arraycopy(values, 0, numbers, 0, numbers.length);
        if (same && Arrays.stream(stride).anyMatch(step -> step != 1)) {
            throw new IllegalArgumentException(
                    kind()
                            + ": padding 'same' expects a stride of 1, got "
                            + Arrays.toString(stride));
        }
        check();
        return self();
    }

    /**
     * Splits the channels into groups that do not see each other; the weights are drawn anew.
     *
     * @throws IllegalArgumentException if a channel count cannot be divided by {@code count}
     */
    public final S groups(int count) {
        if (count < 1 || in % count != 0 || out % count != 0) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "%s: channels %d, %d do not split into %d groups",
                            kind(),
                            in,
                            out,
                            count));
        }
        groups = count;
        forget("weight");
        boolean biased = bias != null;
        forget("bias");
        weight = parameter("weight", newWeight());
        bias = biased ? parameter("bias", newBias()) : null;
        return self();
    }

    /** Leaves the bias out. */
    public final S withoutBias() {
        forget("bias");
        bias = null;
        return self();
    }

    @Override
    public final Tensor forward(Tensor x) {
        int[] before = padding.clone();
        int[] after = padding.clone();
        if (same) {
            for (int d = 0; d < kernel.length; d++) {
                int all = dilation[d] * (kernel[d] - 1);
                before[d] = all / 2;
                after[d] = all - before[d];
            }
        }
        boolean isZeros = paddingMode.equals(ZEROS);
        if (isZeros && Arrays.equals(before, after) || x.shape().rank() != kernel.length + 2) {
            return run(x, weight, bias, before);
        }
        // In PyTorch's order: from the last dimension to the first.
        int[] around = new int[2 * kernel.length];
        for (int d = 0; d < kernel.length; d++) {
            int at = 2 * (kernel.length - 1 - d);
            around[at] = before[d];
            around[at + 1] = after[d];
        }
        Tensor wide = Functional.pad(x, around, isZeros ? "constant" : paddingMode, 0);
        return run(wide, weight, bias, both(0));
    }

    /** The convolution with that padding on both sides of each direction. */
    abstract Tensor run(Tensor x, Tensor weight, @Nullable Tensor bias, int[] around);

    final int groups() {
        return groups;
    }

    /** The weight [out, in / groups, ...]; of a transposed convolution [in, out / groups, ...]. */
    public final Tensor weight() {
        return weight;
    }

    /**
     * Uses another weight of the same shape from now on, which may be another layer's.
     *
     * @throws io.github.cortado.ShapeException if it has another shape
     */
    public final S weight(Tensor other) {
        weight = assign("weight", other);
        return self();
    }

    /** The bias [out], if there is one. */
    public final Optional<Tensor> bias() {
        return Optional.ofNullable(bias);
    }

    @Override
    protected final String details() {
        StringBuilder s = new StringBuilder();
        s.append(in).append(", ").append(out);
        s.append(", kernel_size=").append(tuple(kernel));
        s.append(", stride=").append(tuple(stride));
        if (same) {
            s.append(", padding=same");
        } else if (Arrays.stream(padding).anyMatch(border -> border != 0)) {
            s.append(", padding=").append(tuple(padding));
        }
        if (Arrays.stream(dilation).anyMatch(distance -> distance != 1)) {
            s.append(", dilation=").append(tuple(dilation));
        }
        if (Arrays.stream(outputPadding).anyMatch(border -> border != 0)) {
            s.append(", output_padding=").append(tuple(outputPadding));
        }
        if (groups != 1) {
            s.append(", groups=").append(groups);
        }
        s.append(bias == null ? ", bias=False" : "");
        return s.append(paddingMode.equals(ZEROS) ? "" : ", padding_mode=" + paddingMode)
                .toString();
    }

    /** Numbers as Python prints a tuple. */
    private static String tuple(int[] numbers) {
        String all =
                Arrays.stream(numbers)
                        .mapToObj(Integer::toString)
                        .collect(Collectors.joining(", "));
        return numbers.length == 1 ? "(" + all + ",)" : "(" + all + ")";
    }
}
