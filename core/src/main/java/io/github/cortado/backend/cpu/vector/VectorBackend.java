package io.github.cortado.backend.cpu.vector;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.longs;

import io.github.cortado.DType;
import io.github.cortado.backend.Affine;
import io.github.cortado.backend.AttentionSpec;
import io.github.cortado.backend.Axis;
import io.github.cortado.backend.Broadcast;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.CellSpec;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.CrossEntropySpec;
import io.github.cortado.backend.LayerNormSpec;
import io.github.cortado.backend.LinearSpec;
import io.github.cortado.backend.MatmulSpec;
import io.github.cortado.backend.Moments;
import io.github.cortado.backend.NormSpec;
import io.github.cortado.backend.Operands;
import io.github.cortado.backend.Parallel;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.Qkv;
import io.github.cortado.backend.Relation;
import io.github.cortado.backend.Resample2dSpec;
import io.github.cortado.backend.Strided;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.HostMemory;
import io.github.cortado.backend.cpu.vector.attention.Attention;
import io.github.cortado.backend.cpu.vector.conv.Convolution;
import io.github.cortado.backend.cpu.vector.layout.Regions;
import io.github.cortado.backend.cpu.vector.layout.Selection;
import io.github.cortado.backend.cpu.vector.layout.Taking;
import io.github.cortado.backend.cpu.vector.norm.BatchNormalisation;
import io.github.cortado.backend.cpu.vector.norm.LayerNormalisation;
import io.github.cortado.backend.cpu.vector.pointwise.LstmCell;
import io.github.cortado.backend.cpu.vector.pointwise.Pointwise;
import io.github.cortado.backend.cpu.vector.pool.Pooling;
import io.github.cortado.backend.cpu.vector.product.Products;
import io.github.cortado.backend.cpu.vector.reduce.CumulativeSum;
import io.github.cortado.backend.cpu.vector.reduce.Reductions;
import io.github.cortado.backend.cpu.vector.reduce.Sorting;
import io.github.cortado.backend.cpu.vector.resample.Resampling;
import io.github.cortado.backend.cpu.vector.softmax.Softmax;
import io.github.cortado.backend.formula.Formula;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;
import jdk.incubator.vector.FloatVector;
import org.jspecify.annotations.Nullable;

/** The fast CPU backend, float32 on the Vector API. Each method says which room computes it. */
public final class VectorBackend implements HostMemory {
    private final Regions regions = new Regions();
    private final Pointwise pointwise = new Pointwise();
    private final Softmax softmax = new Softmax();
    private final Reductions reductions = new Reductions();
    private final Products products = new Products();
    private final Attention attention = new Attention();
    private final Convolution convolution = new Convolution(new Unfused(this));
    private final Pooling pooling = new Pooling();
    private final LayerNormalisation layerNormalisation = new LayerNormalisation();
    private final BatchNormalisation batchNormalisation = new BatchNormalisation();

    @Override
    public String name() {
        return "cpu-vector";
    }

    @Override
    public String description() {
        return String.format(
                Locale.ROOT,
                "CPU, Vector API with %d bits, %d threads",
                FloatVector.SPECIES_PREFERRED.vectorBitSize(),
                Parallel.threads());
    }

    @Override
    public boolean supports(DType dtype) {
        return dtype != DType.FLOAT64;
    }

    @Override
    public void increment(Buffer y, long by) {
        regions.increment(y, by);
    }

    @Override
    public void cast(Buffer x, Buffer y) {
        regions.cast(x, y);
    }

    @Override
    public void gather(Buffer x, Buffer y, Strided from) {
        regions.gather(x, y, from);
    }

    @Override
    public void scatter(Buffer x, Buffer y, Strided to) {
        regions.scatter(x, y, to);
    }

    @Override
    public void indexSelect(Buffer x, Buffer index, Buffer y, Axis axis) {
        Selection.of(x, index, y, axis);
    }

    @Override
    public void indexSelectGrad(Buffer dy, Buffer index, Buffer dx, Axis axis, int padding) {
        Selection.gradient(floats(dy), longs(index), floats(dx), axis, padding);
    }

    @Override
    public void indexSum(Buffer x, Buffer index, Buffer y, Buffer target, Axis axis) {
        Selection.sums(floats(x), longs(index), floats(y), longs(target), axis);
    }

    @Override
    public void take(Buffer x, Buffer index, Buffer y, Axis axis) {
        Taking.of(x, longs(index), y, axis);
    }

    @Override
    public void takeGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        Taking.gradient(floats(dy), longs(index), floats(dx), axis);
    }

    @Override
    public void put(Buffer x, Buffer index, Buffer y, Axis axis) {
        Taking.put(x, longs(index), y, axis);
    }

    @Override
    public void compare(Relation how, Buffer a, Buffer b, Buffer mask) {
        regions.compare(how, a, b, mask);
    }

    @Override
    public void cumulativeSum(Buffer x, Buffer y, Axis axis, boolean fromEnd) {
        CumulativeSum.of(floats(x), floats(y), axis, fromEnd);
    }

    @Override
    public void sort(Buffer x, Buffer y, Buffer index, Axis axis, boolean descending) {
        Sorting.of(floats(x), floats(y), longs(index), axis, descending);
    }

    @Override
    public void truths(Formula formula, List<Buffer> inputs, Broadcast walk, Buffer mask) {
        if (!pointwise.truths(formula, inputs, walk, mask)) {
            HostMemory.super.truths(formula, inputs, walk, mask);
        }
    }

    @Override
    public void pointwise(Formula formula, Operands operands) {
        pointwise.pointwise(formula, operands);
    }

    @Override
    public boolean followed(
            Buffer between, Consumer<Buffer> first, Formula formula, Operands operands) {
        return pointwise.followed(floats(between), first, formula, operands);
    }

    @Override
    public void softmax(Buffer x, Buffer y, Axis axis, boolean log) {
        softmax.softmax(x, y, axis, log);
    }

    @Override
    public boolean softmaxOf(Consumer<Buffer> first, Buffer y, Axis axis, boolean log) {
        return softmax.follows(axis)
                ? softmax.softmaxOf(first, y, axis, log)
                : HostMemory.super.softmaxOf(first, y, axis, log);
    }

    @Override
    public void softmaxGrad(Buffer y, Buffer dy, Buffer dx, Axis axis, boolean log) {
        softmax.softmaxGrad(y, dy, dx, axis, log);
    }

    @Override
    public void crossEntropy(
            Buffer logits,
            Buffer target,
            Buffer y,
            @Nullable Buffer dx,
            @Nullable Buffer totals,
            CrossEntropySpec s) {
        softmax.crossEntropy(logits, target, y, dx, totals, s);
    }

    @Override
    public void max(Buffer x, Buffer y, Buffer index, Axis axis) {
        reductions.max(x, y, index, axis);
    }

    @Override
    public void maxGrad(Buffer dy, Buffer index, Buffer dx, Axis axis) {
        reductions.maxGrad(dy, index, dx, axis);
    }

    @Override
    public void sum(Buffer x, Buffer y, Axis axis) {
        reductions.sum(x, y, axis);
    }

    @Override
    public boolean sumOf(Formula formula, Operands operands, Buffer y, Axis axis) {
        return pointwise.sumOf(formula, operands, y, axis)
                || HostMemory.super.sumOf(formula, operands, y, axis);
    }

    @Override
    public void prod(Buffer x, Buffer y, Axis axis) {
        if (!reductions.prod(x, y, axis)) {
            HostMemory.super.prod(x, y, axis);
        }
    }

    @Override
    public void matmul(Buffer a, Buffer b, Buffer y, MatmulSpec s) {
        products.matmul(a, b, y, s);
    }

    @Override
    public void linear(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, LinearSpec s) {
        products.linear(x, w, b, y, s);
    }

    @Override
    public void attention(Qkv x, @Nullable Buffer mask, Buffer y, Buffer sums, AttentionSpec s) {
        attention.attention(x, mask, y, sums, s);
    }

    @Override
    public void attentionGrad(
            Qkv x,
            @Nullable Buffer mask,
            Buffer y,
            Buffer sums,
            Buffer dy,
            Qkv dx,
            AttentionSpec s) {
        attention.attentionGrad(x, mask, sums, dy, dx, s);
    }

    @Override
    public void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s) {
        convolution.conv2d(x, w, b, y, index, s);
    }

    @Override
    public void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        convolution.conv2dGrad(x, w, dy, index, dx, dw, db, s);
    }

    @Override
    public void maxPool2d(Buffer x, Buffer y, @Nullable Buffer index, Pool2dSpec s) {
        pooling.maxPool2d(x, y, index, s);
    }

    @Override
    public void maxPool2dGrad(
            @Nullable Buffer x, @Nullable Buffer index, Buffer dy, Buffer dx, Pool2dSpec s) {
        pooling.maxPool2dGrad(x, index, dy, dx, s);
    }

    @Override
    public void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        pooling.avgPool2d(x, y, s);
    }

    @Override
    public void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        pooling.avgPool2dGrad(dy, dx, s);
    }

    @Override
    public void resample2d(Buffer x, Buffer y, Resample2dSpec s) {
        Resampling.of(floats(x), floats(y), s);
    }

    @Override
    public void resample2dGrad(Buffer dy, Buffer dx, Resample2dSpec s) {
        Resampling.gradient(floats(dy), floats(dx), s);
    }

    @Override
    public void layerNorm(
            Buffer x,
            @Nullable Buffer w,
            @Nullable Buffer b,
            Buffer y,
            Moments moments,
            LayerNormSpec s) {
        layerNormalisation.layerNorm(x, w, b, y, moments, s);
    }

    @Override
    public void layerNormGrad(
            Buffer x,
            @Nullable Buffer w,
            Moments moments,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            LayerNormSpec s) {
        layerNormalisation.layerNormGrad(x, w, moments, dy, dx, dw, db, s);
    }

    @Override
    public void batchNormStatistics(
            Buffer x,
            Moments moments,
            @Nullable Buffer runningMean,
            @Nullable Buffer runningVar,
            NormSpec s) {
        batchNormalisation.batchNormStatistics(x, moments, runningMean, runningVar, s);
    }

    @Override
    public void batchNorm(Buffer x, Moments moments, Affine affine, Buffer y, NormSpec s) {
        batchNormalisation.batchNorm(x, moments, affine, y, s);
    }

    @Override
    public void batchNormGrad(
            Buffer x,
            Moments moments,
            Affine affine,
            Buffer dy,
            Buffer dx,
            Buffer dw,
            Buffer db,
            NormSpec s) {
        batchNormalisation.batchNormGrad(x, moments, affine, dy, dx, dw, db, s);
    }

    @Override
    public void lstmCell(Buffer x, Buffer gates, Buffer c, Buffer h, Buffer next, CellSpec s) {
        LstmCell.step(floats(x), floats(gates), floats(c), floats(h), floats(next), s);
    }

    @Override
    public void lstmCellGrad(
            Buffer gates,
            Buffer c,
            Buffer next,
            Buffer dh,
            Buffer dy,
            Buffer dc,
            Buffer dgates,
            CellSpec s) {
        LstmCell.gradient(
                floats(gates),
                floats(c),
                floats(next),
                floats(dh),
                floats(dy),
                floats(dc),
                floats(dgates),
                s);
    }
}
