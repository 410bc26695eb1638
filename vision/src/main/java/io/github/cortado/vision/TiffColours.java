package io.github.cortado.vision;

import io.github.cortado.data.Image;
import java.awt.image.BufferedImage;
import java.io.IOException;
import javax.imageio.metadata.IIOInvalidTreeException;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.plugins.tiff.BaselineTIFFTagSet;
import javax.imageio.plugins.tiff.TIFFDirectory;
import javax.imageio.plugins.tiff.TIFFField;

/**
 * TIFF pictures of the kinds that Java's decoder and Pillow read alike: grey and black and white,
 * RGB, palette, and inks, in values of 8 bits.
 */
final class TiffColours {
    private static final int GREYS = BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_BLACK_IS_ZERO;

    private final TIFFDirectory fields;

    TiffColours(IIOMetadata metadata) throws IIOInvalidTreeException {
        fields = TIFFDirectory.createFromMetadata(metadata);
    }

    /**
     * Says what kind of TIFF it is.
     *
     * @throws IOException for a kind that is not read
     */
    void check() throws IOException {
        int turned = field(BaselineTIFFTagSet.TAG_ORIENTATION, 1);
        if (turned != 1) {
            throw refused("that is turned (orientation " + turned + ")");
        }
        int compression = field(BaselineTIFFTagSet.TAG_COMPRESSION, 1);
        if (compression == BaselineTIFFTagSet.COMPRESSION_JPEG
                || compression == BaselineTIFFTagSet.COMPRESSION_OLD_JPEG) {
            throw refused("with JPEG inside");
        }
        int format = field(BaselineTIFFTagSet.TAG_SAMPLE_FORMAT, 1);
        if (format != BaselineTIFFTagSet.SAMPLE_FORMAT_UNSIGNED_INTEGER) {
            throw refused("of signed or floating-point values");
        }
        int kind = photometric();
        int bits = field(BaselineTIFFTagSet.TAG_BITS_PER_SAMPLE, 1);
        if (bits != 8 && !(bits == 1 && kind <= GREYS)) {
            throw refused("with " + bits + " bits a value");
        }
        if (kind < 0 || kind > BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_CMYK) {
            throw refused("with colours of kind " + kind);
        }
        int samples = field(BaselineTIFFTagSet.TAG_SAMPLES_PER_PIXEL, 1);
        boolean inks = kind == BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_CMYK;
        boolean rgb = kind == BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_RGB;
        if (samples < (inks ? 4 : rgb ? 3 : 1)) {
            throw new IOException(
                    "the picture is damaged ("
                            + samples
                            + " values for colours of kind "
                            + kind
                            + ")");
        }
    }

    private static IOException refused(String what) {
        return new IOException(
                "a TIFF "
                        + what
                        + ", which is not read here: convert it to PNG, or to a TIFF of 8-bit RGB");
    }

    private int photometric() {
        return field(BaselineTIFFTagSet.TAG_PHOTOMETRIC_INTERPRETATION, -1);
    }

    private int field(int tag, int otherwise) {
        TIFFField field = fields.getTIFFField(tag);
        return field == null ? otherwise : field.getAsInt(0);
    }

    /** Converts the decoded picture. */
    Image convert(BufferedImage picture) {
        return switch (photometric()) {
            case BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_CMYK ->
                    PictureColours.inks(picture.getRaster());
            case BaselineTIFFTagSet.PHOTOMETRIC_INTERPRETATION_PALETTE_COLOR ->
                    PictureColours.palette(picture.getRaster(), palette());
            default -> PictureColours.of(picture);
        };
    }

    /** The upper bytes of the map: all reds, then all greens, then all blues. */
    private int[] palette() {
        TIFFField map = fields.getTIFFField(BaselineTIFFTagSet.TAG_COLOR_MAP);
        int n = map.getCount() / 3;
        int[] rgb = new int[n];
        for (int i = 0; i < n; i++) {
            rgb[i] =
                    map.getAsInt(i) >> 8 << 16
                            | map.getAsInt(n + i) >> 8 << 8
                            | map.getAsInt(2 * n + i) >> 8;
        }
        return rgb;
    }
}
