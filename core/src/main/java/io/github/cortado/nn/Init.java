package io.github.cortado.nn;

import io.github.cortado.DType;
import io.github.cortado.Tensor;
import io.github.cortado.random.PhiloxStream;

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

    /**
     * Even between -b and b, b = sqrt(6 / (fanIn + fanOut)), of a matrix [out, in] or a kernel
     * [out, in, ...] (Glorot and Bengio, 2010).
     */
    public static Tensor xavierUniform(Tensor x, PhiloxStream stream) {
        int field = x.size() / Math.max(1, x.dim(0) * x.dim(1));
        double bound = Math.sqrt(6.0 / ((double) field * (x.dim(0) + x.dim(1))));
        return uniform(x, -bound, bound, stream);
    }

    /** Fills x with normally distributed numbers, by Commons Math's generator over the stream. */
    public static Tensor normal(Tensor x, double mean, double deviation, PhiloxStream stream) {
        var generator = stream.generator();
        double[] values = new double[x.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = mean + deviation * generator.nextGaussian();
        }
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
