package io.github.cortado.backend;

import io.github.cortado.DType;

/**
 * Sizes of a resampling of pictures: input [planes, h, w], output [planes, outH, outW], none of
 * them 0 but the planes.
 *
 * @param mode how values between those of the input are found, in both directions
 */
public record Resample2dSpec(int planes, int h, int w, int outH, int outW, Mode mode) {
    /** Which of a line's n elements another line of {@code size} is made of. */
    public enum Mode {
        /** Element i is element floor(i n / size). */
        NEAREST,
        /** Element i lies at (i + 1/2) n / size - 1/2, between two, at the edge on the last one. */
        LINEAR,
        /** Element i lies at i (n - 1) / (size - 1), between two: the corners keep their places. */
        CORNERS
    }

    /** Where rows come from, as computed for numbers of that type. */
    public SourcePlaces down(DType dtype) {
        return new SourcePlaces(h, outH, mode, dtype == DType.FLOAT64);
    }

    /** Where columns come from. */
    public SourcePlaces across(DType dtype) {
        return new SourcePlaces(w, outW, mode, dtype == DType.FLOAT64);
    }
}
