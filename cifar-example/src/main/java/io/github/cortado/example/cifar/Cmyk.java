package io.github.cortado.example.cifar;

import io.github.cortado.data.Image;
import java.awt.image.Raster;

/** JPEG pictures in CMYK or YCCK, which printers' programs write and Java leaves undecoded. */
final class Cmyk {
    private static final int APP14 = 0xEE;
    private static final int START_OF_SCAN = 0xDA;

    private Cmyk() {}

    /**
     * The colour transform that Adobe's marker names: 0 for CMYK, 2 for YCCK, -1 without a marker.
     *
     * <p>Source: Adobe Technical Note 5116, "Supporting the DCT filters in PostScript level 2".
     */
    static int transform(byte[] jpeg) {
        int at = 2;
        while (at + 4 <= jpeg.length && (jpeg[at] & 0xff) == 0xff) {
            int marker = jpeg[at + 1] & 0xff;
            if (marker == 0xff) {
                at++;
                continue;
            }
            int length = (jpeg[at + 2] & 0xff) << 8 | jpeg[at + 3] & 0xff;
            if (marker == APP14 && length >= 14 && at + 16 <= jpeg.length && jpeg[at + 4] == 'A') {
                return jpeg[at + 15] & 0xff;
            }
            if (marker == START_OF_SCAN || length < 2) {
                return -1;
            }
            at += 2 + length;
        }
        return -1;
    }

    /**
     * Converts with r = (255 - c)(255 - k) / 255 and so on, where c, m, y and k are the inks, 0 to
     * 255, which Adobe's programs write inverted.
     */
    static Image toRgb(Raster raster, int transform) {
        Image image = new Image(raster.getHeight(), raster.getWidth());
        int[] p = new int[raster.getNumBands()];
        int none = transform >= 0 ? 255 : 0;
        for (int y = 0; y < image.height(); y++) {
            for (int x = 0; x < image.width(); x++) {
                raster.getPixel(raster.getMinX() + x, raster.getMinY() + y, p);
                if (transform == 2) {
                    fromYcc(p);
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
    private static void fromYcc(int[] p) {
        double cb = p[1] - 128;
        double cr = p[2] - 128;
        double y = p[0];
        p[0] = 255 - clamped(y + 1.402 * cr);
        p[1] = 255 - clamped(y - 0.344136 * cb - 0.714136 * cr);
        p[2] = 255 - clamped(y + 1.772 * cb);
    }

    private static int clamped(double value) {
        return (int) Math.max(0, Math.min(255, Math.round(value)));
    }
}
