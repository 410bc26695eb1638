package io.github.cortado.backend.cpu.vector;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;
import static io.github.cortado.backend.cpu.vector.Lanes.VL;

import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;

/** Orders of lanes, for loops that write or read every second element. */
public final class Orders {
    /** Each lane of the lower half twice. */
    public static final VectorShuffle<Float> LOWER = VectorShuffle.fromOp(SPECIES, l -> l / 2);

    /** Each lane of the upper half twice. */
    public static final VectorShuffle<Float> UPPER =
            VectorShuffle.fromOp(SPECIES, l -> (VL + l) / 2);

    /** The lanes with even numbers, twice. */
    public static final VectorShuffle<Float> EVEN = VectorShuffle.fromOp(SPECIES, l -> 2 * l % VL);

    /** The lanes with odd numbers, twice. */
    public static final VectorShuffle<Float> UNEVEN =
            VectorShuffle.fromOp(SPECIES, l -> (2 * l + 1) % VL);

    /** The last lane first. */
    public static final VectorShuffle<Float> REVERSED =
            VectorShuffle.fromOp(SPECIES, l -> VL - 1 - l);

    /** Whether a lane is one of the upper half. */
    public static final VectorMask<Float> SECOND_HALF = VectorMask.fromLong(SPECIES, -1L << VL / 2);

    /** Whether a lane's number is odd. */
    public static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAAAAAAAAAAAAAAL);

    private Orders() {}
}
