package io.github.cortado.ops;

import io.github.cortado.Shape;
import io.github.cortado.Tensor;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Derived;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.StepRecording;
import io.github.cortado.backend.formula.Formula;
import io.github.cortado.backend.formula.Formulas;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Weights by which a convolution normalises its results along: with s = scale / sqrt(var + eps) of
 * each output channel w s, and the bias (b - mean) s + shift.
 */
record FoldedWeights(Buffer w, Buffer b) {
    /**
     * Those of a convolution by w [out, ...] and b, and what normalises its results. They are kept
     * with w until one of all these changes; in a step that is being recorded they are a part of
     * that, for it is repeated after other steps have changed them.
     */
    static FoldedWeights of(
            Tensor w, @Nullable Buffer b, Buffer mean, Buffer var, Affine affine, double eps) {
        Backend backend = w.device().backend();
        Derived derived = StepRecording.current() == null ? w.buffer().derived() : null;
        if (derived == null) {
            return fold(backend, w, b, mean, var, affine, eps);
        }
        return derived.get(
                FoldedWeights.class,
                List.of("folded", eps),
                () -> fold(backend, w, b, mean, var, affine, eps).kept(),
                w.buffer(),
                b,
                mean,
                var,
                affine.w(),
                affine.b());
    }

    private FoldedWeights kept() {
        w.keep();
        b.keep();
        w.keepsDerived(true);
        return this;
    }

    private static FoldedWeights fold(
            Backend backend,
            Tensor w,
            @Nullable Buffer b,
            Buffer mean,
            Buffer var,
            Affine affine,
            double eps) {
        int out = mean.length();
        Buffer scale = backend.empty(w.dtype(), out);
        Normalise.inverseStd(backend, var, scale, eps);
        if (affine.w() != null) {
            run(backend, Formulas.MUL.value(), scale, scale, affine.w());
        }
        Buffer bias = backend.empty(w.dtype(), out);
        if (b == null) {
            run(backend, Formulas.NEG.value(), bias, mean);
        } else {
            run(backend, Formulas.SUB.value(), bias, b, mean);
        }
        run(backend, Formulas.MUL.value(), bias, bias, scale);
        if (affine.b() != null) {
            run(backend, Formulas.ADD.value(), bias, bias, affine.b());
        }
        Buffer weights = backend.empty(w.dtype(), w.size());
        Shape rows = Shape.of(out, w.size() / out);
        backend.pointwise(
                Formulas.MUL.value(),
                new Operands(
                        List.of(w.buffer(), scale),
                        List.of(weights),
                        List.of(),
                        List.of(),
                        Broadcast.of(rows, List.of(rows, Shape.of(out, 1)))));
        scale.release("the weights were multiplied with it");
        return new FoldedWeights(weights, bias);
    }

    private static void run(Backend backend, Formula f, Buffer y, Buffer... x) {
        backend.pointwise(f, Operands.of(List.of(x), List.of(y), List.of()));
    }
}
