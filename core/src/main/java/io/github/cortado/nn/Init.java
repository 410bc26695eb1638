package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.ShapeException;
import io.github.cortado.Tensor;
import io.github.cortado.random.PhiloxGenerator;
import io.github.cortado.random.PhiloxStream;
import java.util.Arrays;
import java.util.Locale;
import java.util.function.DoubleSupplier;
import org.apache.commons.math3.distribution.NormalDistribution;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/** First values of parameters. */
public final class Init {
    private Init() {}

    /** Fills x with numbers drawn evenly from [low, high): element e is draw e of the stream. */
    public static Tensor uniform(Tensor x, double low, double high, PhiloxStream stream) {
        float[] values = new float[x.size()];
        stream.uniforms(0, (float) low, (float) high, values, 0, values.length);
        return x.copyFrom(Tensor.of(values, x.shape()));
    }

    /**
     * PyTorch's default for the weight and bias of linear and convolution layers: even between -1 /
     * sqrt(fanIn) and 1 / sqrt(fanIn). This is He initialisation (arXiv 1502.01852) with a = sqrt
     * 5.
     */
    public static Tensor fanIn(Tensor x, int fanIn, PhiloxStream stream) {
        double bound = 1 / Math.sqrt(fanIn);
        return uniform(x, -bound, bound, stream);
    }

    /** Which numbers of a layer keep their variance: those it reads, or their gradients. */
    public enum FanMode {
        /** Of what is read, fan_in. */
        FAN_IN,
        /** Of gradients, fan_out. */
        FAN_OUT
    }

    /** Fills x with one number. */
    public static Tensor constant(Tensor x, double value) {
        return x.fill(value);
    }

    /** {@link #calculateGain(String, double)}, of a leaky ReLU with PyTorch's slope of 0.01. */
    public static double calculateGain(String nonlinearity) {
        return calculateGain(nonlinearity, 0.01);
    }

    /**
     * By how much the deviation of first values has to be larger for what follows a layer: 1 for
     * {@code linear}, {@code sigmoid} and convolutions ({@code conv1d}, {@code conv_transpose2d},
     * ...), 5 / 3 for {@code tanh}, sqrt 2 for {@code relu}, sqrt(2 / (1 + slope^2)) for {@code
     * leaky_relu}, 3 / 4 for {@code selu}.
     *
     * @throws IllegalArgumentException if it is another word
     */
    public static double calculateGain(String nonlinearity, double slope) {
        return switch (nonlinearity) {
            case "linear",
                    "sigmoid",
                    "conv1d",
                    "conv2d",
                    "conv3d",
                    "conv_transpose1d",
                    "conv_transpose2d",
                    "conv_transpose3d" ->
                    1;
            case "tanh" -> 5.0 / 3;
            case "relu" -> Math.sqrt(2);
            case "leaky_relu" -> Math.sqrt(2 / (1 + slope * slope));
            case "selu" -> 3.0 / 4;
            default ->
                    throw new IllegalArgumentException(
                            "calculateGain: expected linear, sigmoid, a convolution, tanh, relu,"
                                    + " leaky_relu or selu, got "
                                    + nonlinearity);
        };
    }

    /** How many numbers one of a layer's is made of, and how many are made with it. */
    private record Fans(double in, double out) {
        static Fans of(String op, Tensor x) {
            if (x.shape().rank() < 2) {
                throw new ShapeException(
                        op + ": expects a weight [out, in, ...], got " + x.shape());
            }
            double field = x.size() / Math.max(1.0, (double) x.dim(0) * x.dim(1));
            return new Fans(field * x.dim(1), field * x.dim(0));
        }

        double of(FanMode mode) {
            return mode == FanMode.FAN_IN ? in : out;
        }
    }

    /**
     * Even between -b and b, b = gain sqrt(3 / fan), of a weight [out, in, ...] (He et al., arXiv
     * 1502.01852).
     *
     * @param a slope of a {@code leaky_relu}, which PyTorch's defaults are about (0, fan_in)
     * @param nonlinearity what follows the layer, as {@link #calculateGain} names it
     */
    public static Tensor kaimingUniform(
            Tensor x, double a, FanMode mode, String nonlinearity, PhiloxStream stream) {
        double fan = Fans.of("kaimingUniform", x).of(mode);
        double bound = calculateGain(nonlinearity, a) * Math.sqrt(3 / fan);
        return uniform(x, -bound, bound, stream);
    }

    /** As {@link #kaimingUniform}, normal with deviation gain / sqrt(fan). */
    public static Tensor kaimingNormal(
            Tensor x, double a, FanMode mode, String nonlinearity, PhiloxStream stream) {
        double fan = Fans.of("kaimingNormal", x).of(mode);
        return normal(x, 0, calculateGain(nonlinearity, a) / Math.sqrt(fan), stream);
    }

    /** {@link #xavierUniform(Tensor, double, PhiloxStream)} with a gain of 1. */
    public static Tensor xavierUniform(Tensor x, PhiloxStream stream) {
        return xavierUniform(x, 1, stream);
    }

    /**
     * Even between -b and b, b = gain sqrt(6 / (fan_in + fan_out)), of a weight [out, in, ...]
     * (Glorot and Bengio, 2010).
     */
    public static Tensor xavierUniform(Tensor x, double gain, PhiloxStream stream) {
        Fans fans = Fans.of("xavierUniform", x);
        double bound = gain * Math.sqrt(6.0 / (fans.in + fans.out));
        return uniform(x, -bound, bound, stream);
    }

    /** As {@link #xavierUniform}, normal with deviation gain sqrt(2 / (fan_in + fan_out)). */
    public static Tensor xavierNormal(Tensor x, double gain, PhiloxStream stream) {
        Fans fans = Fans.of("xavierNormal", x);
        return normal(x, 0, gain * Math.sqrt(2.0 / (fans.in + fans.out)), stream);
    }

    /**
     * Normally distributed numbers, those outside of [low, high] drawn again. PyTorch's defaults
     * are mean 0, deviation 1, low -2 and high 2.
     *
     * @throws IllegalArgumentException unless the deviation is above 0 and low below high
     */
    public static Tensor truncNormal(
            Tensor x, double mean, double deviation, double low, double high, PhiloxStream stream) {
        if (!(deviation > 0 && low < high)) {
            throw new IllegalArgumentException(
                    String.format(
                            Locale.ROOT,
                            "truncNormal: expected a deviation above 0 and low below high, got %s,"
                                    + " %s and %s",
                            deviation,
                            low,
                            high));
        }
        PhiloxGenerator generator = stream.generator();
        NormalDistribution normal = new NormalDistribution(generator, mean, deviation);
        boolean isLikely = normal.probability(low, high) > 0.3;
        double peak = Math.max(low, Math.min(mean, high));
        return filled(
                x,
                () -> {
                    while (true) {
                        if (isLikely) {
                            double z = mean + deviation * generator.nextGaussian();
                            if (z >= low && z <= high) {
                                return z;
                            }
                        } else {
                            // Of tails: even, and kept as often as the density says.
                            double z = low + (high - low) * generator.nextDouble();
                            double log = normal.logDensity(z) - normal.logDensity(peak);
                            if (Math.log(generator.nextDouble()) <= log) {
                                return z;
                            }
                        }
                    }
                });
    }

    /**
     * A matrix of orthogonal lines, or columns where there are fewer of them, times the gain; what
     * follows x's first dimension makes the columns (Saxe et al., arXiv 1312.6120). It is the Q of
     * a normally distributed matrix, with signs that make it evenly distributed (Mezzadri,
     * math-ph/0609050).
     *
     * @throws ShapeException if x has fewer than two dimensions
     */
    public static Tensor orthogonal(Tensor x, double gain, PhiloxStream stream) {
        if (x.shape().rank() < 2) {
            throw new ShapeException("orthogonal: expects a weight [rows, ...], got " + x.shape());
        }
        if (x.size() == 0) {
            return x;
        }
        int rows = x.dim(0);
        int columns = x.size() / rows;
        int most = Math.max(rows, columns);
        int least = Math.min(rows, columns);
        PhiloxGenerator generator = stream.generator();
        double[][] drawn = new double[most][least];
        for (double[] line : drawn) {
            Arrays.setAll(line, i -> generator.nextGaussian());
        }
        QRDecomposition qr = new QRDecomposition(new Array2DRowRealMatrix(drawn, false));
        RealMatrix q = qr.getQ();
        RealMatrix r = qr.getR();
        double[] values = new double[x.size()];
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < columns; j++) {
                int line = rows < columns ? j : i;
                int column = rows < columns ? i : j;
                double sign = Math.signum(r.getEntry(column, column));
                values[i * columns + j] = gain * sign * q.getEntry(line, column);
            }
        }
        return filled(x, values);
    }

    /** Fills x with normally distributed numbers, by Commons Math's generator over the stream. */
    public static Tensor normal(Tensor x, double mean, double deviation, PhiloxStream stream) {
        PhiloxGenerator generator = stream.generator();
        return filled(x, () -> mean + deviation * generator.nextGaussian());
    }

    private static Tensor filled(Tensor x, DoubleSupplier next) {
        double[] values = new double[x.size()];
        Arrays.setAll(values, i -> next.getAsDouble());
        return filled(x, values);
    }

    private static Tensor filled(Tensor x, double[] values) {
        return x.dtype() == DType.FLOAT64
                ? x.copyFrom(Tensor.of(values, x.shape()))
                : x.copyFrom(Tensor.of(floats(values), x.shape()));
    }

    private static float[] floats(double[] values) {
        float[] out = new float[values.length];
        for (int i = 0; i < out.length; i++) {
            out[i] = (float) values[i];
        }
        return out;
    }
}
