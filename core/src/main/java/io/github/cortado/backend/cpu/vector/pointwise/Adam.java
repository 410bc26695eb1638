package io.github.cortado.backend.cpu.vector.pointwise;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.TYPE;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.cpu.HostBuffer.Floats;
import io.github.cortado.backend.formula.Updates;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Updates#ADAM} and {@link Updates#ADAMW} in one pass with everything in registers: four
 * times as fast as their fifteen steps one after the other. The same operations in the same order.
 *
 * @param shrink what AdamW multiplies weights by before, else 1
 */
record Adam(
        Floats w, Floats g, Floats m, Floats v, double[] parameters, float decay, float shrink) {

    static Parallel.Range adam(Operands o) {
        double[] p = o.numbers();
        return of(o, p, (float) p[1], 1f)::range;
    }

    static Parallel.Range adamW(Operands o) {
        double[] p = o.numbers();
        return of(o, p, 0f, (float) (1 - p[0] * p[1]))::range;
    }

    private static Adam of(Operands o, double[] parameters, float decay, float shrink) {
        return new Adam(
                floats(o.inputs().get(0)),
                floats(o.inputs().get(1)),
                floats(o.inputs().get(2)),
                floats(o.inputs().get(3)),
                parameters,
                decay,
                shrink);
    }

    private void range(int from, int n) {
        float[] w = this.w.array();
        int wo = this.w.offset() + from;
        float[] g = this.g.array();
        int go = this.g.offset() + from;
        float[] m = this.m.array();
        int mo = this.m.offset() + from;
        float[] v = this.v.array();
        int vo = this.v.offset() + from;
        float beta1 = (float) parameters[2];
        float beta2 = (float) parameters[3];
        float rest1 = (float) (1 - parameters[2]);
        float rest2 = (float) (1 - parameters[3]);
        float eps = (float) parameters[4];
        float step = (float) (parameters[0] / parameters[5]);
        float scale = (float) (1 / Math.sqrt(parameters[6]));
        int i = 0;
        for (; i <= n - VL; i += VL) {
            FloatVector weight = FloatVector.fromArray(SPECIES, w, wo + i);
            FloatVector grad = FloatVector.fromArray(SPECIES, g, go + i);
            grad = weight.lanewise(VectorOperators.FMA, decay, grad);
            weight = weight.mul(shrink);
            FloatVector mean =
                    FloatVector.fromArray(SPECIES, m, mo + i).mul(beta1).add(grad.mul(rest1));
            FloatVector square =
                    FloatVector.fromArray(SPECIES, v, vo + i)
                            .mul(beta2)
                            .add(grad.mul(rest2).mul(grad));
            TYPE.cast(mean).intoArray(m, mo + i);
            TYPE.cast(square).intoArray(v, vo + i);
            FloatVector denominator = square.sqrt().mul(scale).add(eps);
            TYPE.cast(weight.sub(mean.mul(step).div(denominator))).intoArray(w, wo + i);
        }
        for (; i < n; i++) {
            float grad = Math.fma(w[wo + i], decay, g[go + i]);
            float weight = w[wo + i] * shrink;
            float mean = m[mo + i] * beta1 + grad * rest1;
            float square = v[vo + i] * beta2 + grad * rest2 * grad;
            m[mo + i] = mean;
            v[vo + i] = square;
            float denominator = (float) Math.sqrt(square) * scale + eps;
            w[wo + i] = weight - mean * step / denominator;
        }
    }
}
