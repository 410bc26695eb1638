package io.github.cortado.vision;

import io.github.cortado.backend.VectorApi;
import io.github.cortado.data.Image;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/**
 * Bytes of pictures as vectors of integers, and what else loops over them share.
 *
 * <p>C2 of JDK 17 gives up on vectors beyond some forty operations in a method, those of methods
 * inlined into it included, and then every vector is an object: the transforms of a picture took
 * 4.4 microseconds instead of 2.6, in some runs and not in others. Hence no loop here has methods
 * of its own for what it repeats (compiled by themselves, those may not be inlined either), and
 * loops that follow each other are called in one place, by three or more kinds of objects, which C2
 * does not see through.
 */
final class VectorPixels {
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final int LANES = INTS.length();

    /** A vector of bytes has eight of them at least. */
    private static final boolean FIT = LANES >= 8;

    static final VectorSpecies<Byte> BYTES =
            FIT
                    ? VectorSpecies.of(byte.class, VectorShape.forBitSize(Byte.SIZE * LANES))
                    : ByteVector.SPECIES_64;

    private VectorPixels() {}

    /** To be asked first: without the Vector API this class cannot be initialised. */
    static final class Use {
        /** Whether the loops here can be used, with vectors of 256 bits or more. */
        static final boolean POSSIBLE = VectorApi.isPresent() && VectorPixels.FIT;

        private Use() {}
    }

    /** Writes x / 255 in float32 to {@code out[offset ..]}. */
    static void toTensor(Image image, float[] out, int offset) {
        byte[] p = image.pixels();
        int n = image.length();
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            ByteVector.fromArray(BYTES, p, i)
                    .convertShape(VectorOperators.B2I, INTS, 0)
                    .reinterpretAsInts()
                    .and(0xff)
                    .convert(VectorOperators.I2F, 0)
                    .reinterpretAsFloats()
                    .div(255f)
                    .intoArray(out, offset + i);
        }
        for (; i < n; i++) {
            out[offset + i] = (p[i] & 0xff) / 255f;
        }
    }
}
