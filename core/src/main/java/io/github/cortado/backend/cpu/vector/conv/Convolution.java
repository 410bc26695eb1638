package io.github.cortado.backend.cpu.vector.conv;

import static io.github.cortado.backend.cpu.HostMemory.bytes;
import static io.github.cortado.backend.cpu.HostMemory.bytesOrNull;
import static io.github.cortado.backend.cpu.HostMemory.floats;
import static io.github.cortado.backend.cpu.HostMemory.floatsOrNull;
import static java.util.Objects.requireNonNull;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Conv2dSpec;
import io.github.cortado.backend.Pool2dSpec;
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
 * 1x1 kernels, which are products ({@link OneByOneOutputs}, {@link OneByOneWeightGradient}, {@link
 * OneByOneStrided}), kernels most of whose taps are outside of the picture ({@link FewTaps}), 3x3
 * kernels of many channels, which fewer multiplications do ({@link WinogradOutputs}, {@link
 * WinogradWeightGradient}), other kernels of many channels on small pictures ({@link ManyChannels})
 * and depthwise convolution ({@link DepthwiseOutputs}, {@link DepthwiseWeightGradient}). With 2 x 2
 * pooling behind it, unless channels are many, outputs are pooled in the cache ({@link
 * PooledTiles}), and gradients are those of the windows' largest elements alone ({@link
 * SparseGradient}).
 */
public final class Convolution {
    /** Computes {@link Backend#conv2d} of what is not pooled. */
    @FunctionalInterface
    interface Forward {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.@Nullable Floats b,
                HostBuffer.Floats y);
    }

    /** Computes {@link Backend#conv2dGrad} by x. */
    @FunctionalInterface
    interface InputGradient {
        void run(HostBuffer.Floats dy, HostBuffer.Floats w, HostBuffer.Floats dx);
    }

    /** Computes {@link Backend#conv2dGrad} by w, and by b where that is asked for. */
    @FunctionalInterface
    interface WeightGradient {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats dy,
                HostBuffer.Floats dw,
                HostBuffer.@Nullable Floats db);
    }

    /** Computes {@link Backend#conv2d} of what is pooled. */
    @FunctionalInterface
    interface PooledForward {
        void run(
                HostBuffer.Floats x,
                HostBuffer.Floats w,
                HostBuffer.@Nullable Floats b,
                HostBuffer.Floats y,
                HostBuffer.@Nullable Bytes index);
    }

    /** Computes {@link Backend#conv2dGrad} of what is pooled. */
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

    /** A convolution, and the pooling of its results. */
    record PooledProblem(Conv2dSpec conv, Pool2dSpec pool) {
        // Written out as in Conv2dSpec.
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof PooledProblem p && conv.equals(p.conv) && pool.equals(p.pool);
        }

        @Override
        public int hashCode() {
            return 31 * conv.hashCode() + pool.hashCode();
        }
    }

    /** A pooled convolution, and whether the gradient of its input is asked for. */
    record PooledGradientProblem(PooledProblem spec, boolean wantsDx) {
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

    private static final int MANY_CHANNELS = 64;

    private final Unfused unfused;

    final Ways<Conv2dSpec, Forward> forward =
            new Ways<>(
                    "conv2d",
                    () ->
                            List.of(
                                    Way.of(
                                            "depthwise",
                                            DepthwiseOutputs::obstacle,
                                            DepthwiseOutputs::forward),
                                    Way.of(
                                            "product",
                                            OneByOneOutputs::obstacle,
                                            OneByOneOutputs::forward),
                                    Way.of(
                                            "product of every second",
                                            OneByOneStrided::obstacle,
                                            OneByOneStrided::forward),
                                    Way.of("few taps", FewTaps::obstacle, FewTapsOutputs::forward),
                                    Way.of(
                                            "winograd",
                                            Winograd::obstacle,
                                            WinogradOutputs::forward),
                                    Way.of(
                                            "many channels",
                                            ManyChannels::obstacle,
                                            ManyChannelsOutputs::forward),
                                    Way.forAll("planes", PlanesForward::new)));
    final Ways<Conv2dSpec, InputGradient> inputGradient =
            new Ways<>(
                    "conv2dGrad by x",
                    () ->
                            List.of(
                                    Way.of(
                                            "product",
                                            OneByOneOutputs::obstacleToInputGradient,
                                            OneByOneOutputs::inputGradient),
                                    Way.of(
                                            "product of every second",
                                            OneByOneStrided::obstacleToInputGradient,
                                            OneByOneStrided::inputGradient),
                                    Way.of(
                                            "few taps",
                                            FewTaps::obstacle,
                                            FewTapsOutputs::inputGradient),
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
                    "conv2dGrad by w",
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
                                            "product of every second",
                                            OneByOneStrided::obstacleToWeightGradient,
                                            OneByOneStrided::weightGradient),
                                    Way.of(
                                            "few taps",
                                            FewTaps::obstacle,
                                            FewTapsWeightGradient::new),
                                    Way.of(
                                            "winograd",
                                            Winograd::obstacleToWeightGradient,
                                            WinogradWeightGradient::new),
                                    Way.of(
                                            "many channels",
                                            ManyChannels::obstacle,
                                            ManyChannelsWeightGradient::new),
                                    Way.forAll("planes", PlanesWeightGradient::new)));
    final Ways<PooledProblem, PooledForward> pooledForward;
    final Ways<PooledGradientProblem, PooledGradient> pooledGradient;

    /**
     * The room of a backend.
     *
     * @param unfused what that backend computes without the ways to convolve and pool in one
     */
    public Convolution(Unfused unfused) {
        this.unfused = unfused;
        pooledForward = new Ways<>("pooled conv2d", this::pooledForwardWays);
        pooledGradient = new Ways<>("pooled conv2dGrad", this::pooledGradientWays);
    }

    /** All ways of {@link #pooledForward}. */
    List<Way<PooledProblem, PooledForward>> pooledForwardWays() {
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

    /** Whether products gain more on a convolution by itself than a pass over its outputs costs. */
    static boolean isFasterAlone(Conv2dSpec s) {
        return Math.min(s.inChannels(), s.outChannels()) >= MANY_CHANNELS
                && (FewTaps.obstacle(s) == null
                        || Winograd.obstacle(s) == null
                        || ManyChannels.obstacle(s) == null);
    }

    private PooledForward unfusedForward(PooledProblem problem) {
        Conv2dSpec spec = problem.conv().pooled(problem.pool());
        return (x, w, b, y, index) -> unfused.conv2d(x, w, b, y, index, spec);
    }

    private PooledGradient unfusedGradient(PooledProblem problem) {
        Conv2dSpec spec = problem.conv().pooled(problem.pool());
        return (x, w, dy, index, dx, dw, db) ->
                unfused.conv2dGrad(x, w, dy, index, dx, dw, db, spec);
    }

    /** {@link Backend#conv2d}. */
    public void conv2d(
            Buffer x,
            Buffer w,
            @Nullable Buffer b,
            Buffer y,
            @Nullable Buffer index,
            Conv2dSpec s) {
        if (s.pool() == null) {
            forward.plan(s).run(floats(x), floats(w), floatsOrNull(b), floats(y));
        } else {
            pooledForward
                    .plan(new PooledProblem(s.alone(), s.pool()))
                    .run(floats(x), floats(w), floatsOrNull(b), floats(y), bytesOrNull(index));
        }
    }

    /** {@link Backend#conv2dGrad}. */
    public void conv2dGrad(
            Buffer x,
            Buffer w,
            Buffer dy,
            @Nullable Buffer index,
            @Nullable Buffer dx,
            @Nullable Buffer dw,
            @Nullable Buffer db,
            Conv2dSpec s) {
        if (s.pool() != null) {
            PooledProblem problem = new PooledProblem(s.alone(), s.pool());
            pooledGradient
                    .plan(new PooledGradientProblem(problem, dx != null))
                    .run(
                            floats(x),
                            floats(w),
                            floats(dy),
                            bytes(requireNonNull(index)),
                            floatsOrNull(dx),
                            floatsOrNull(dw),
                            floatsOrNull(db));
            return;
        }
        if (dx != null) {
            inputGradient.plan(s).run(floats(dy), floats(w), floats(dx));
        }
        if (dw != null) {
            weightGradient.plan(s).run(floats(x), floats(dy), floats(dw), floatsOrNull(db));
        }
    }
}
