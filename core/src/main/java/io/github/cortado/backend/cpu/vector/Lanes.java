package io.github.cortado.backend.cpu.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one kind of vector of floats that all loops use: the widest that this machine prefers. JDK 17
 * boxes the vectors of every loop once loads and stores have met a second one. Vectors of integers
 * are as wide, and belong to the loops that see bits in them.
 */
public final class Lanes {
    public static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_PREFERRED;

    /** The class of all vectors here, for casts. */
    public static final Class<? extends FloatVector> TYPE = FloatVector.zero(SPECIES).getClass();

    /** Lanes of a vector. */
    public static final int VL = SPECIES.length();

    /**
     * Whether there are 32 vector registers, and not 16: with 512 bits there are, narrower vectors
     * usually come with 16. C2 schedules loads early and needs three or four registers for that.
     */
    public static final boolean MANY_REGISTERS = VL >= 16;

    private Lanes() {}
}
