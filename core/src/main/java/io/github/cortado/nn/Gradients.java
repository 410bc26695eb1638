package io.github.cortado.nn;

import io.github.cortado.Tensor;
import io.github.cortado.autograd.Autograd;
import java.util.ArrayList;
import java.util.List;

/** Bounds for gradients, between the backward pass and the optimizer's step. */
public final class Gradients {
    /** Added to a norm before it divides, as in PyTorch. */
    private static final double EPS = 1e-6;

    private Gradients() {}

    /**
     * Scales the gradients of all parameters together, so that the root of the sum of their squares
     * is at most {@code maxNorm}. It stays on the device: nothing waits for its value.
     *
     * @return the norm before
     * @throws IllegalArgumentException if the bound is not above 0
     */
    public static Tensor clipNorm(List<Tensor> parameters, double maxNorm) {
        if (!(maxNorm > 0)) {
            throw new IllegalArgumentException(
                    "Gradients.clipNorm: expected a norm above 0, got " + maxNorm);
        }
        List<Tensor> gradients = of(parameters);
        if (gradients.isEmpty()) {
            return Tensor.scalar(0f);
        }
        try (var pause = Autograd.noGrad()) {
            List<Tensor> squares = new ArrayList<>();
            gradients.forEach(g -> squares.add(g.square().sum()));
            Tensor norm = Tensor.stack(0, squares.toArray(Tensor[]::new)).sum().sqrt();
            Tensor scale = norm.add(EPS).reciprocal().mul(maxNorm).clamp(0, 1);
            gradients.forEach(g -> g.copyFrom(g.mul(scale)));
            return norm;
        }
    }

    /**
     * Cuts every number of the gradients off to -limit to limit.
     *
     * @throws IllegalArgumentException if the limit is not above 0
     */
    public static void clipValue(List<Tensor> parameters, double limit) {
        if (!(limit > 0)) {
            throw new IllegalArgumentException(
                    "Gradients.clipValue: expected a limit above 0, got " + limit);
        }
        try (var pause = Autograd.noGrad()) {
            of(parameters).forEach(g -> g.copyFrom(g.clamp(-limit, limit)));
        }
    }

    private static List<Tensor> of(List<Tensor> parameters) {
        List<Tensor> gradients = new ArrayList<>();
        for (Tensor p : parameters) {
            Tensor g = p.grad();
            if (g != null) {
                gradients.add(g);
            }
        }
        return gradients;
    }
}
