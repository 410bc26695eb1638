package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.HostMemory.bytes;
import static io.github.cortado.backend.cpu.HostMemory.bytesOrNull;
import static io.github.cortado.backend.cpu.HostMemory.floats;
import static java.util.Objects.requireNonNull;

import io.github.cortado.backend.Backend;
import io.github.cortado.backend.Buffer;
import io.github.cortado.backend.Pool2dSpec;
import io.github.cortado.backend.cpu.HostBuffer;
import io.github.cortado.backend.cpu.vector.Way;
import io.github.cortado.backend.cpu.vector.Ways;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Max and average pooling. */
public final class Pooling {
    /** y of x. */
    @FunctionalInterface
    interface Forward {
        void run(HostBuffer.Floats x, HostBuffer.Floats y);
    }

    /** y of x, and the place of each window's maximum. */
    @FunctionalInterface
    interface ForwardWithIndex {
        void run(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.Bytes index);
    }

    /** The same with ReLU; index may be null. */
    @FunctionalInterface
    interface ReluForward {
        void run(HostBuffer.Floats x, HostBuffer.Floats y, HostBuffer.@Nullable Bytes index);
    }

    /** dx of dy, from what pooling has read. */
    @FunctionalInterface
    interface Gradient {
        void run(HostBuffer.Floats x, HostBuffer.Floats dy, HostBuffer.Floats dx);
    }

    /** dx of dy, from the places of the maxima. */
    @FunctionalInterface
    interface GradientByIndex {
        void run(HostBuffer.Floats dy, HostBuffer.Bytes index, HostBuffer.Floats dx);
    }

    /** dx of dy alone. */
    @FunctionalInterface
    interface MeanGradient {
        void run(HostBuffer.Floats dy, HostBuffer.Floats dx);
    }

    private static final String TWO_BY_TWO = "2 x 2";
    private static final String OVERLAPPING = "3 x 3 at a distance of 2";
    private static final String SIDE_BY_SIDE = "side by side";
    private static final String WHOLE = "whole planes";
    private static final String ANY = "any windows";

    final Ways<Pool2dSpec, Forward> maxPool2d =
            new Ways<>(
                    "maxPool2d",
                    () ->
                            List.of(
                                    Way.of(
                                            TWO_BY_TWO,
                                            TwoByTwoMaximum::obstacle,
                                            TwoByTwoMaximum::new),
                                    Way.of(
                                            OVERLAPPING,
                                            OverlappingMaximum::obstacle,
                                            s -> new OverlappingMaximum(s)::max),
                                    Way.of(
                                            SIDE_BY_SIDE,
                                            SideBySideMean::obstacle,
                                            SideBySideMaximum::new),
                                    Way.forAll(ANY, s -> new Maximum(s)::max)));

    final Ways<Pool2dSpec, ForwardWithIndex> maxPool2dWithIndex =
            new Ways<>(
                    "maxPool2d with index",
                    () ->
                            List.of(
                                    Way.of(
                                            OVERLAPPING,
                                            OverlappingMaximum::obstacle,
                                            s -> new OverlappingMaximum(s)::maxWithIndex),
                                    Way.forAll(ANY, s -> new Maximum(s)::maxWithIndex)));

    final Ways<Pool2dSpec, Gradient> maxPool2dGrad =
            new Ways<>(
                    "maxPool2dGrad",
                    () ->
                            List.of(
                                    Way.of(
                                            "2 x 2, rows of whole vectors",
                                            WideRowsGradient::obstacle,
                                            WideRowsGradient::new),
                                    Way.of(
                                            "2 x 2, vectors of whole rows",
                                            NarrowRowsGradient::obstacle,
                                            NarrowRowsGradient::new),
                                    Way.of(
                                            TWO_BY_TWO,
                                            TwoByTwoMaximum::obstacle,
                                            TwoByTwoGradient::new),
                                    Way.forAll(ANY, s -> new Maximum(s)::grad)));

    final Ways<Pool2dSpec, ReluForward> reluMaxPool2d =
            new Ways<>(
                    "maxPool2d with ReLU",
                    () ->
                            List.of(
                                    Way.of(
                                            TWO_BY_TWO,
                                            TwoByTwoMaximum::obstacle,
                                            s -> new TwoByTwoRelu(s)::max),
                                    Way.forAll(ANY, s -> new Maximum(s)::reluMax)));

    final Ways<Pool2dSpec, GradientByIndex> maxPool2dGradByIndex =
            new Ways<>(
                    "maxPool2dGrad by index",
                    () ->
                            List.of(
                                    Way.of(
                                            TWO_BY_TWO,
                                            TwoByTwoMaximum::obstacle,
                                            s -> new TwoByTwoRelu(s)::grad),
                                    Way.of(
                                            OVERLAPPING,
                                            OverlappingMaximum::obstacle,
                                            OverlappingGradient::new),
                                    Way.forAll(ANY, s -> new Maximum(s)::gradByIndex)));

    final Ways<Pool2dSpec, Forward> avgPool2d =
            new Ways<>(
                    "avgPool2d",
                    () ->
                            List.of(
                                    Way.of(
                                            WHOLE,
                                            WholePlaneMean::obstacle,
                                            s -> new WholePlaneMean(s)::mean),
                                    Way.of(
                                            SIDE_BY_SIDE,
                                            SideBySideMean::obstacle,
                                            s -> new SideBySideMean(s)::mean),
                                    Way.forAll(ANY, s -> new Mean(s)::mean)));

    final Ways<Pool2dSpec, MeanGradient> avgPool2dGrad =
            new Ways<>(
                    "avgPool2dGrad",
                    () ->
                            List.of(
                                    Way.of(
                                            WHOLE,
                                            WholePlaneMean::obstacle,
                                            s -> new WholePlaneMean(s)::grad),
                                    Way.of(
                                            SIDE_BY_SIDE,
                                            SideBySideMean::obstacle,
                                            s -> new SideBySideMean(s)::grad),
                                    Way.forAll(ANY, s -> new Mean(s)::grad)));

    /** {@link Backend#maxPool2d}. */
    public void maxPool2d(Buffer x, Buffer y, @Nullable Buffer index, Pool2dSpec s) {
        if (s.relu()) {
            reluMaxPool2d.plan(s).run(floats(x), floats(y), bytesOrNull(index));
        } else if (index != null && keepsIndex(s)) {
            maxPool2dWithIndex.plan(s).run(floats(x), floats(y), bytes(index));
        } else {
            maxPool2d.plan(s).run(floats(x), floats(y));
        }
    }

    /** Whether an index is written: windows of 2 x 2 gain nothing without ReLU. */
    static boolean keepsIndex(Pool2dSpec s) {
        return s.relu() || !s.isTwoByTwo();
    }

    /** {@link Backend#maxPool2dGrad}. */
    public void maxPool2dGrad(
            @Nullable Buffer x, @Nullable Buffer index, Buffer dy, Buffer dx, Pool2dSpec s) {
        if (index != null && (x == null || keepsIndex(s))) {
            maxPool2dGradByIndex.plan(s).run(floats(dy), bytes(index), floats(dx));
        } else {
            maxPool2dGrad.plan(s).run(floats(requireNonNull(x)), floats(dy), floats(dx));
        }
    }

    /** {@link Backend#avgPool2d}. */
    public void avgPool2d(Buffer x, Buffer y, Pool2dSpec s) {
        avgPool2d.plan(s).run(floats(x), floats(y));
    }

    /** {@link Backend#avgPool2dGrad}. */
    public void avgPool2dGrad(Buffer dy, Buffer dx, Pool2dSpec s) {
        avgPool2dGrad.plan(s).run(floats(dy), floats(dx));
    }
}
