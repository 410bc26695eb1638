package io.github.cortado.backend.cpu.vector;

import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.RmsPropSpec;
import io.github.cortado.backend.SgdSpec;
import io.github.cortado.backend.Strided;
import org.jspecify.annotations.Nullable;

/** What the vector backend has no loops of its own for, method by method, and why. */
interface LeftToTheOracle extends Backend {
    /** Computes what is left to it. */
    Backend oracle();

    @Override
    default void increment(Buffer y, long by) {
        oracle().increment(y, by);
    }

    @Override
    default void cast(Buffer x, Buffer y) {
        oracle().cast(x, y);
    }

    @Override
    default void gather(Buffer x, Buffer y, Strided from) {
        oracle().gather(x, y, from);
    }

    @Override
    default void scatter(Buffer x, Buffer y, Strided to) {
        oracle().scatter(x, y, to);
    }

    @Override
    default void expGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().expGrad(y, dy, dx);
    }

    @Override
    default void logGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().logGrad(x, dy, dx);
    }

    @Override
    default void sqrt(Buffer x, Buffer y) {
        oracle().sqrt(x, y);
    }

    @Override
    default void sqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().sqrtGrad(y, dy, dx);
    }

    @Override
    default void rsqrt(Buffer x, Buffer y) {
        oracle().rsqrt(x, y);
    }

    @Override
    default void rsqrtGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().rsqrtGrad(y, dy, dx);
    }

    @Override
    default void leakyRelu(Buffer x, Buffer y, double slope) {
        oracle().leakyRelu(x, y, slope);
    }

    @Override
    default void leakyReluGrad(Buffer x, Buffer dy, Buffer dx, double slope) {
        oracle().leakyReluGrad(x, dy, dx, slope);
    }

    @Override
    default void elu(Buffer x, Buffer y, double alpha) {
        oracle().elu(x, y, alpha);
    }

    @Override
    default void eluGrad(Buffer x, Buffer dy, Buffer dx, double alpha) {
        oracle().eluGrad(x, dy, dx, alpha);
    }

    @Override
    default void sigmoidGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().sigmoidGrad(y, dy, dx);
    }

    @Override
    default void tanhGrad(Buffer y, Buffer dy, Buffer dx) {
        oracle().tanhGrad(y, dy, dx);
    }

    @Override
    default void gelu(Buffer x, Buffer y) {
        oracle().gelu(x, y);
    }

    @Override
    default void geluGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().geluGrad(x, dy, dx);
    }

    @Override
    default void silu(Buffer x, Buffer y) {
        oracle().silu(x, y);
    }

    @Override
    default void siluGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().siluGrad(x, dy, dx);
    }

    @Override
    default void softplus(Buffer x, Buffer y) {
        oracle().softplus(x, y);
    }

    @Override
    default void softplusGrad(Buffer x, Buffer dy, Buffer dx) {
        oracle().softplusGrad(x, dy, dx);
    }

    @Override
    default void max(Buffer x, Buffer y, Buffer index, Axis axis) {
        oracle().max(x, y, index, axis);
    }

    @Override
    default void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        oracle().maxGrad(dy, index, dx, axis);
    }

    @Override
    default void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        oracle().softmaxGrad(y, dy, dx, axis);
    }

    @Override
    default void logSoftmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis) {
        oracle().logSoftmaxGrad(y, dy, dx, axis);
    }

    @Override
    default void tally(
            Buffer y, Buffer logits, Buffer target, Buffer totals, CrossEntropySpec spec) {
        oracle().tally(y, logits, target, totals, spec);
    }

    @Override
    default void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec spec) {
        oracle().layerNorm(x, w, b, y, moments, spec);
    }

    @Override
    default void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Moments moments,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            LayerNormSpec spec) {
        oracle().layerNormGrad(x, w, moments, dy, dx, dw, db, spec);
    }

    @Override
    default void crossEntropyGrad(
            Buffer probabilities, Buffer target, Buffer dy, Buffer dx, CrossEntropySpec spec) {
        oracle().crossEntropyGrad(probabilities, target, dy, dx, spec);
    }

    @Override
    default void sgd(Buffer w, Buffer g, @Nullable Buffer velocity, SgdSpec spec) {
        oracle().sgd(w, g, velocity, spec);
    }

    @Override
    default void rmsProp(
            Buffer w, Buffer g, Buffer v, @Nullable Buffer momentum, RmsPropSpec spec) {
        oracle().rmsProp(w, g, v, momentum, spec);
    }
}
