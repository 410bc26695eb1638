package io.github.cortado.backend;

/**
 * A transform of uint8 pictures in numbers, for devices that do it themselves: the draws that it
 * makes, in order, and their limits. All devices draw and compute in the same integers.
 *
 * @param kind what is done
 * @param ordinal place of the transform in its chain, which chooses its random stream
 * @param limits by kind: {@link Kind#FLIP} [threshold of 24 random bits]; {@link Kind#ROTATE}
 *     [from, to] degrees with 28 fraction bits; {@link Kind#AFFINE} [from, to] six times: degrees
 *     with 28 fraction bits, pixels to the right and down with 16, scale with 28, shears along x
 *     and y with 28; {@link Kind#JITTER} [from, to] three times, bits of float32: factors of
 *     brightness, contrast and saturation
 */
@SuppressWarnings("ArrayRecordComponent") // read-only by convention, never compared
public record PictureStep(Kind kind, int ordinal, long[] limits) {
    /** What is done to a picture. */
    public enum Kind {
        /** Nothing. */
        NONE,
        /** Mirrored left to right where the draw is below the threshold. */
        FLIP,
        /** Turned about its centre by an angle. */
        ROTATE,
        /** Sheared, scaled, turned and moved. */
        AFFINE,
        /** Brightness, contrast and saturation in one of six orders, which is drawn first. */
        JITTER
    }

    /** A transform that leaves pictures as they are. */
    public static PictureStep none(int ordinal) {
        return new PictureStep(Kind.NONE, ordinal, new long[0]);
    }
}
