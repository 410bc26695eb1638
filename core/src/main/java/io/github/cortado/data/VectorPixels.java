package io.github.cortado.data;

import io.github.cortado.backend.cpu.VectorBackendProvider;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Bytes of pictures as vectors of integers, and what else loops over them share. */
final class VectorPixels {
    static final VectorSpecies<Float> FLOATS = FloatVector.SPECIES_PREFERRED;
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final int LANES = INTS.length();

    /** A vector of bytes has eight of them at least. */
    private static final boolean FIT = LANES >= 8;

    private static final VectorSpecies<Byte> BYTES =
            FIT
                    ? VectorSpecies.of(byte.class, VectorShape.forBitSize(Byte.SIZE * LANES))
                    : ByteVector.SPECIES_64;

    private VectorPixels() {}

    /** To be asked first: without the Vector API this class cannot be initialised. */
    static final class Use {
        /** Whether the loops here can be used, with vectors of 256 bits or more. */
        static final boolean POSSIBLE = VectorBackendProvider.hasVectorApi() && VectorPixels.FIT;

        private Use() {}
    }

    /** Bytes from index i on, 0 to 255. */
    static IntVector load(byte[] p, int i) {
        return ByteVector.fromArray(BYTES, p, i)
                .convertShape(VectorOperators.B2I, INTS, 0)
                .reinterpretAsInts()
                .and(0xff);
    }

    /** Writes the lower eight bits from index i on. */
    static void store(IntVector v, byte[] p, int i) {
        v.convertShape(VectorOperators.I2B, BYTES, 0).reinterpretAsBytes().intoArray(p, i);
    }

    static FloatVector floats(IntVector v) {
        return v.convert(VectorOperators.I2F, 0).reinterpretAsFloats();
    }

    /** Writes x / 255 in float32 to {@code out[offset ..]}. */
    static void toTensor(Image image, float[] out, int offset) {
        byte[] p = image.pixels();
        int n = image.length();
        int i = 0;
        for (; i + LANES <= n; i += LANES) {
            floats(load(p, i)).div(255f).intoArray(out, offset + i);
        }
        for (; i < n; i++) {
            out[offset + i] = (p[i] & 0xff) / 255f;
        }
    }
}
