package io.github.cortado.vision;

import io.github.cortado.data.Image;

/**
 * The operations that {@link RandAugment}, {@link TrivialAugmentWide} and {@link AutoAugment}
 * choose from, in torchvision's order. Each has a magnitude; geometry is nearest neighbour with
 * black corners.
 */
public enum Augmentation {
    /** The picture as it is. */
    IDENTITY,
    /** Moves the rows: pixel (x, y) of the result is (x + m y, y) of the picture. */
    SHEAR_X,
    /** Moves the columns: pixel (x, y) of the result is (x, y + m x) of the picture. */
    SHEAR_Y,
    /** Moves everything m pixels to the right, rounded towards zero. */
    TRANSLATE_X,
    /** Moves everything m pixels down, rounded towards zero. */
    TRANSLATE_Y,
    /** Rotates about the centre by m degrees, anticlockwise. */
    ROTATE,
    /** {@link Transforms#adjustBrightness} by 1 + m. */
    BRIGHTNESS,
    /** {@link Transforms#adjustSaturation} by 1 + m. */
    COLOR,
    /** {@link Transforms#adjustContrast} by 1 + m. */
    CONTRAST,
    /** {@link Transforms#adjustSharpness} by 1 + m. */
    SHARPNESS,
    /** {@link Transforms#posterize} to m bits. */
    POSTERIZE,
    /** {@link Transforms#solarize} from 255 m on. */
    SOLARIZE,
    /** {@link Transforms#autocontrast}, of whatever magnitude. */
    AUTO_CONTRAST,
    /** {@link Transforms#equalize}, of whatever magnitude. */
    EQUALIZE,
    /** {@link Transforms#invert}, of whatever magnitude; {@link AutoAugment} alone has it. */
    INVERT;

    /** Those of RandAugment and TrivialAugment. */
    static final int FOURTEEN = 14;

    /** Whether it is stronger or weaker. */
    boolean hasMagnitude() {
        return isSigned() || this == POSTERIZE || this == SOLARIZE;
    }

    /** Whether the magnitude may be negative as well as positive. */
    boolean isSigned() {
        return compareTo(SHEAR_X) >= 0 && compareTo(SHARPNESS) <= 0;
    }

    /**
     * Returns what becomes of a picture, leaving the given one as it is.
     *
     * @param magnitude m of the operation
     * @throws IllegalArgumentException where the operation has no such magnitude
     */
    public Image apply(Image picture, double magnitude) {
        boolean valid =
                switch (this) {
                    case SHEAR_X, SHEAR_Y -> Math.abs(magnitude) <= 16;
                    case TRANSLATE_X, TRANSLATE_Y -> Math.abs(magnitude) <= 1 << 24;
                    case ROTATE -> Math.abs(magnitude) <= 360;
                    case BRIGHTNESS, COLOR, CONTRAST, SHARPNESS ->
                            magnitude >= -1 && magnitude <= 254;
                    case POSTERIZE -> magnitude >= 0 && magnitude <= 8;
                    case SOLARIZE -> !Double.isNaN(magnitude);
                    default -> true;
                };
        if (!valid) {
            throw new IllegalArgumentException(
                    "augmentation: there is no " + this + " of magnitude " + magnitude);
        }
        return apply(picture.copy(), new Image(1, 1), new Draws(0), magnitude).copy();
    }

    /**
     * Transforms a picture in place, or into the spare one, and returns the one with the result;
     * takes no draws.
     */
    Image apply(Image picture, Image spare, Draws draws, double magnitude) {
        switch (this) {
            case SHEAR_X, SHEAR_Y, TRANSLATE_X, TRANSLATE_Y, ROTATE -> {
                map(magnitude, picture.height(), picture.width(), draws.maps[0]);
                Geometry.sample(picture, draws.maps[0], spare);
                return spare;
            }
            case SHARPNESS -> {
                Blur.sharpen(picture, (float) (1 + magnitude), spare);
                return spare;
            }
            case BRIGHTNESS -> draws.colours.brightness(picture, (float) (1 + magnitude));
            case COLOR -> draws.colours.saturation(picture, (float) (1 + magnitude));
            case CONTRAST -> draws.colours.contrast(picture, (float) (1 + magnitude));
            case POSTERIZE -> draws.tones.posterize(picture, (int) magnitude);
            case SOLARIZE -> draws.tones.solarize(picture, 255 * magnitude);
            case AUTO_CONTRAST -> draws.tones.autocontrast(picture);
            case EQUALIZE -> draws.tones.equalize(picture);
            case INVERT -> draws.tones.solarize(picture, 0);
            default -> {}
        }
        return picture;
    }

    private void map(double magnitude, int height, int width, long[] map) {
        if (this == ROTATE) {
            Geometry.rotation(FixedPoint.of(magnitude), height, width, map);
            return;
        }
        // Each pixel's own, and then what differs; half a pixel leads to the middle of them.
        map[0] = Geometry.fixed(1);
        map[1] = this == SHEAR_X ? Geometry.fixed(magnitude) : 0;
        map[2] = Geometry.fixed(this == SHEAR_X ? (1 + magnitude) / 2 : 0.5);
        map[3] = this == SHEAR_Y ? Geometry.fixed(magnitude) : 0;
        map[4] = Geometry.fixed(1);
        map[5] = Geometry.fixed(this == SHEAR_Y ? (1 + magnitude) / 2 : 0.5);
        if (this == TRANSLATE_X) {
            map[2] -= Geometry.fixed((int) magnitude);
        } else if (this == TRANSLATE_Y) {
            map[5] -= Geometry.fixed((int) magnitude);
        }
    }
}
