package io.github.cortado.backend.cpu.vector.pool;

import static io.github.cortado.backend.cpu.vector.Lanes.SPECIES;

import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** The two columns of a 2 x 2 window in neighbouring lanes. */
final class TwoByTwoLanes {
    static final VectorOperators.Comparison EQ = VectorOperators.EQ;

    /** Exchanges the two columns of a window. */
    static final VectorShuffle<Float> TWIN = VectorShuffle.fromOp(SPECIES, l -> l ^ 1);

    /** The right columns of windows. */
    static final VectorMask<Float> ODD = VectorMask.fromLong(SPECIES, 0xAAAA_AAAA_AAAA_AAAAL);

    private TwoByTwoLanes() {}
}
