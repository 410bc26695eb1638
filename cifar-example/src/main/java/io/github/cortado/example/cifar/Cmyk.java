package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import java.awt.image.Raster;

/**
 * JPEG pictures in four inks, CMYK or YCCK, which printers' programs write. Java either refuses
 * them or, from some release on, converts them in its own way; here they become what PIL's
 * convert("RGB") makes of them.
 */
final class Cmyk {
    private static final int APP14 = 0xEE;
    private static final int START_OF_SCAN = 0xDA;

    /** What Adobe's marker says of the values: none such, CMYK or YCCK. */
    enum Coding {
        PLAIN,
        INVERTED_CMYK,
        INVERTED_YCCK
    }

    /** What the markers before a JPEG's data say; zero components for what is no JPEG. */
    record Header(int components, Coding coding) {}

    private Cmyk() {}

    /**
     * Reads the markers.
     *
     * <p>Source: Adobe Technical Note 5116, "Supporting the DCT filters in PostScript level 2".
     */
    static Header header(byte[] jpeg) {
        int components = 0;
        Coding coding = Coding.PLAIN;
        boolean jpegs = jpeg.length > 2 && (jpeg[0] & 0xff) == 0xff && (jpeg[1] & 0xff) == 0xd8;
        int at = jpegs ? 2 : jpeg.length;
        while (at + 4 <= jpeg.length && (jpeg[at] & 0xff) == 0xff) {
            int marker = jpeg[at + 1] & 0xff;
            if (marker == 0xff) {
                at++;
                continue;
            }
            int length = (jpeg[at + 2] & 0xff) << 8 | (jpeg[at + 3] & 0xff);
            if (marker == START_OF_SCAN || length < 2 || at + 2 + length > jpeg.length) {
                break;
            }
            if (marker == APP14 && length >= 14 && jpeg[at + 4] == 'A') {
                coding = jpeg[at + 15] == 2 ? Coding.INVERTED_YCCK : Coding.INVERTED_CMYK;
            }
            if (isFrame(marker) && length >= 8) {
                components = jpeg[at + 9];
            }
            at += 2 + length;
        }
        return new Header(components, coding);
    }

    /** SOF0 to SOF15 without the tables that stand among them. */
    private static boolean isFrame(int marker) {
        return marker >= 0xC0
                && marker <= 0xCF
                && marker != 0xC4
                && marker != 0xC8
                && marker != 0xCC;
    }

    /**
     * Converts with r = (255 - c)(255 - k) / 255 and so on, where c, m, y and k are the inks, 0 to
     * 255.
     *
     * @param raster the values as they are in the file
     */
    static Image toRgb(Raster raster, Coding coding) {
        Image image = new Image(raster.getHeight(), raster.getWidth());
        int[] p = new int[raster.getNumBands()];
        int none = coding == Coding.PLAIN ? 0 : 255;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                raster.getPixel(raster.getMinX() + x, raster.getMinY() + y, p);
                if (coding == Coding.INVERTED_YCCK) {
                    toInvertedInks(p);
                }
                int black = Math.abs(none - p[3]);
                for (int c = 0; c < Image.CHANNELS; c++) {
                    int ink = Math.abs(none - p[c]);
                    image.set(c, y, x, Math.round((255 - ink) * (255 - black) / 255f));
                }
            }
        }
        return image;
    }

    /** Y, Cb, Cr to what a file in CMYK would hold: 255 minus JFIF's red, green and blue. */
    private static void toInvertedInks(int[] p) {
        double y = p[0];
        double cb = p[1] - 128;
        double cr = p[2] - 128;
        p[0] = 255 - clamped(y + 1.402 * cr);
        p[1] = 255 - clamped(y - 0.344136 * cb - 0.714136 * cr);
        p[2] = 255 - clamped(y + 1.772 * cb);
    }

    private static int clamped(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }
}
