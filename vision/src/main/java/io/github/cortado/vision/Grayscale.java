package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * Makes a picture grey: all three channels become the luminance 0.299 r + 0.587 g + 0.114 b.
 *
 * @param channels 3, for pictures have three; torchvision's default of one is not possible here
 */
public record Grayscale(int channels) implements PictureTransform {
    /**
     * Makes pictures grey.
     *
     * @throws IllegalArgumentException for another number than 3
     */
    public Grayscale {
        if (channels != Image.CHANNELS) {
            throw new IllegalArgumentException(
                    "Grayscale: pictures here have 3 channels, got " + channels);
        }
    }

    @Override
    public Image apply(Image picture, Image spare, Draws draws) {
        draws.colours.saturation(picture, 0);
        return picture;
    }

    @Override
    public String toString() {
        return "Grayscale(num_output_channels=3)";
    }
}
