package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.ConvPoolSpec;
import io.github.cortado.backend.Unfused;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Two-dimensional convolution, alone and with ReLU and pooling behind it.
 *
 * <p>All directions have a way on padded planes, without im2col ({@link PlanesForward}, {@link
 * PlanesInputGradient}, {@link PlanesWeightGradient}), which takes every problem. Where it loses:
 * 1x1 kernels, which are products ({@link OneByOneOutputs}, {@link OneByOneWeightGradient}), many
 * channels on small pictures ({@link ManyChannels}) and depthwise convolution ({@link
 * DepthwiseOutputs}, {@link DepthwiseWeightGradient}). With 2 x 2 pooling behind it, outputs are
 * pooled in the cache ({@link PooledTiles}), and gradients are those of the windows' largest
 * elements alone ({@link SparseGradient}).
 */
public final class Convolution {
    /** Computes {@link Backend#conv2d} or {@link Backend#conv2dRelu}. */
    @FunctionalInterface
    interface Forward {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.@Nullable Floats b,
                HostBuffer.Floats y);
    }

    /** Computes {@link Backend#conv2dGradInput}. */
    @FunctionalInterface
    interface InputGradient {
        void run(HostBuffer.Floats dy, HostBuffer.Floats w, HostBuffer.Floats dx);
    }

    /** Computes {@link Backend#conv2dGradWeight}. */
    @FunctionalInterface
    interface WeightGradient {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats dy,
                HostBuffer.Floats dw,
                HostBuffer.@Nullable Floats db);
    }

    /** Computes {@link Backend#conv2dReluMaxPool2d}. */
    @FunctionalInterface
    interface PooledForward {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.@Nullable Floats b,
                HostBuffer.Floats y,
                HostBuffer.@Nullable Bytes index);
    }

    /** Computes {@link Backend#conv2dReluMaxPool2dGrad}. */
    @FunctionalInterface
    interface PooledGradient {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.Floats dy,
                HostBuffer.Bytes index,
                HostBuffer.@Nullable Floats dx,
                HostBuffer.@Nullable Floats dw,
                HostBuffer.@Nullable Floats db);
    }

    /** A convolution, and whether what is below 0 becomes 0. */
    record ForwardProblem(Conv2dSpec conv, boolean relu) {
        // Written out as in Conv2dSpec.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof ForwardProblem p && conv.equals(p.conv) && relu == p.relu;
        }

        @Override
        public int hashCode() {
            return 2 * conv.hashCode() + (relu ? 1 : 0);
        }
    }

    /** A pooled convolution, and whether the gradient of its input is asked for. */
    record PooledGradientProblem(ConvPoolSpec spec, boolean wantsDx) {
        // Written out as in Conv2dSpec.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof PooledGradientProblem p
                    && spec.equals(p.spec)
                    && wantsDx == p.wantsDx;
        }

        @Override
        public int hashCode() {
            return 2 * spec.hashCode() + (wantsDx ? 1 : 0);
        }
    }

    private final Unfused unfused;

    final Ways<ForwardProblem, Forward> forward =
            new Ways<>(
                    "conv2d",
                    () ->
                            List.of(
                                    Way.of(
                                            "depthwise",
                                            problem -> DepthwiseOutputs.obstacle(problem.conv()),
                                            DepthwiseOutputs::forward),
                                    Way.of(
                                            "product",
                                            problem -> OneByOneOutputs.obstacle(problem.conv()),
                                            OneByOneOutputs::forward),
                                    Way.of(
                                            "winograd",
                                            problem -> Winograd.obstacle(problem.conv()),
                                            WinogradOutputs::forward),
                                    Way.of(
                                            "many channels",
                                            problem -> ManyChannels.obstacle(problem.conv()),
                                            ManyChannelsOutputs::forward),
                                    Way.forAll("planes", PlanesForward::new)));
    final Ways<Conv2dSpec, InputGradient> inputGradient =
            new Ways<>(
                    "conv2dGradInput",
                    () ->
                            List.of(
                                    Way.of(
                                            "product",
                                            OneByOneOutputs::obstacleToInputGradient,
                                            OneByOneOutputs::inputGradient),
                                    Way.of(
                                            "winograd",
                                            Winograd::obstacleToInputGradient,
                                            WinogradOutputs::inputGradient),
                                    Way.of(
                                            "many channels",
                                            ManyChannels::obstacleToInputGradient,
                                            ManyChannelsOutputs::inputGradient),
                                    Way.of(
                                            "depthwise",
                                            DepthwiseOutputs::obstacle,
                                            DepthwiseOutputs::inputGradient),
                                    Way.forAll("planes", PlanesInputGradient::new)));
    final Ways<Conv2dSpec, WeightGradient> weightGradient =
            new Ways<>(
                    "conv2dGradWeight",
                    () ->
                            List.of(
                                    Way.of(
                                            "depthwise",
                                            DepthwiseWeightGradient::obstacle,
                                            DepthwiseWeightGradient::new),
                                    Way.of(
                                            "product",
                                            OneByOneWeightGradient::obstacle,
                                            OneByOneWeightGradient::new),
                                    Way.of(
                                            "winograd",
                                            Winograd::obstacle,
                                            WinogradWeightGradient::new),
                                    Way.of(
                                            "many channels",
                                            ManyChannels::obstacle,
                                            ManyChannelsWeightGradient::new),
                                    Way.forAll("planes", PlanesWeightGradient::new)));
    final Ways<ConvPoolSpec, PooledForward> pooledForward;
    final Ways<PooledGradientProblem, PooledGradient> pooledGradient;

    /**
     * The room of a backend.
     *
     * @param unfused what that backend computes without the ways to convolve and pool in one
     */
    public Convolution(Unfused unfused) {
        this.unfused = unfused;
        pooledForward = new Ways<>("conv2dReluMaxPool2d", this::pooledForwardWays);
        pooledGradient = new Ways<>("conv2dReluMaxPool2dGrad", this::pooledGradientWays);
    }

    /** All ways of {@link #pooledForward}. */
    List<Way<ConvPoolSpec, PooledForward>> pooledForwardWays() {
        return List.of(
                Way.of("tiles", PooledTiles::obstacle, PooledTiles::new),
                Way.forAll("unfused", this::unfusedForward));
    }

    /** All ways of {@link #pooledGradient}. */
    List<Way<PooledGradientProblem, PooledGradient>> pooledGradientWays() {
        return List.of(
                Way.of("sparse", SparseGradient::obstacle, SparseGradient::new),
                Way.forAll("unfused", problem -> unfusedGradient(problem.spec())));
    }

    private PooledForward unfusedForward(ConvPoolSpec spec) {
        return (x, w, b, y, index) -> unfused.conv2dReluMaxPool2d(x, w, b, y, index, spec);
    }

    private PooledGradient unfusedGradient(ConvPoolSpec spec) {
        return (x, w, dy, index, dx, dw, db) ->
                unfused.conv2dReluMaxPool2dGrad(x, w, dy, index, dx, dw, db, spec);
    }

    /** {@link Backend#conv2d}. */
    public void conv2d(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward.plan(new ForwardProblem(s, false))
                .run(floats(x), floats(w), floatsOrNull(b), floats(y));
    }

    /** {@link Backend#conv2dRelu}. */
    public void conv2dRelu(Buffer x, Buffer w, @Nullable Buffer b, Buffer y, Conv2dSpec s) {
        forward.plan(new ForwardProblem(s, true))
                .run(floats(x), floats(w), floatsOrNull(b), floats(y));
    }

    /** {@link Backend#conv2dGradInput}. */
    public void conv2dGradInput(Buffer dy, Buffer w, Buffer dx, Conv2dSpec s) {
        inputGradient.plan(s).run(floats(dy), floats(w), floats(dx));
    }

    /** {@link Backend#conv2dGradWeight}. */
    public void conv2dGradWeight(
            Buffer x, Buffer dy, Buffer dw, @Nullable Buffer db, Conv2dSpec s) {
        weightGradient.plan(s).run(floats(x), floats(dy), floats(dw), floatsOrNull(db));
    }

    /** {@link Backend#conv2dReluMaxPool2d}. */
    public void conv2dReluMaxPool2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            ConvPoolSpec spec) {
        pooledForward
                .plan(spec)
                .run(floats(x), floats(w), floatsOrNull(b), floats(y), (HostBuffer.Bytes) index);
    }

    /** {@link Backend#conv2dReluMaxPool2dGrad}. */
    public void conv2dReluMaxPool2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            ConvPoolSpec spec) {
        pooledGradient
                .plan(new PooledGradientProblem(spec, dx != null))
                .run(
                        floats(x),
                        floats(w),
                        floats(dy),
                        (HostBuffer.Bytes) index,
                        floatsOrNull(dx),
                        floatsOrNull(dw),
                        floatsOrNull(db));
    }
}
