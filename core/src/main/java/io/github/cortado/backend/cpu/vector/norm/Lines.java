package io.github.cortado.backend.cpu.vector.norm;

import static io.github.cortado.backend.cpu.HostMemory.host;

import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Moments;
import org.jspecify.annotations.Nullable;

/** A line for each channel, p = (x - mean) scale + shift, in floats as loops compute it. */
record Lines(float[] mean, float[] scale, float[] shift) {
    static Lines of(Moments moments, Affine affine, int channels) {
        Lines all = new Lines(new float[channels], new float[channels], new float[channels]);
        for (int c = 0; c < channels; c++) {
            all.mean[c] = (float) host(moments.mean()).get(c);
            all.scale[c] = (float) (host(moments.invStd()).get(c) * or(affine.w(), c, 1));
            all.shift[c] = (float) or(affine.b(), c, 0);
        }
        return all;
    }

    static double or(@Nullable Buffer b, int c, double otherwise) {
        return b == null ? otherwise : host(b).get(c);
    }

    float at(float x, int c) {
        return Math.fma(x - mean[c], scale[c], shift[c]);
    }
}
