package io.github.cortado.vision;

/**
 * What the markers before a JPEG's data say of its colours.
 *
 * <p>Source: ITU-T T.81, annex B; Adobe Technical Note 5116, "Supporting the DCT filters in
 * PostScript level 2".
 *
 * @param components 1 to 4, 0 where there is no frame
 * @param colours how the components are to be understood, as libjpeg understands them
 */
record JpegHeader(int components, Colours colours) {
    private static final int APP0 = 0xe0;
    private static final int APP14 = 0xee;
    private static final int START_OF_SCAN = 0xda;

    /** What the components are. */
    enum Colours {
        GREY,
        RGB,
        YCC,
        CMYK,
        YCCK,
        UNKNOWN
    }

    /** Reads the markers. */
    static JpegHeader of(byte[] jpeg) {
        int components = 0;
        int identifiers = 0;
        boolean jfif = false;
        int adobe = -1;
        int at = 2;
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
            if (marker == APP0 && length >= 16 && begins(jpeg, at + 4, "JFIF\0")) {
                jfif = true;
            }
            if (marker == APP14 && length >= 14 && begins(jpeg, at + 4, "Adobe")) {
                adobe = jpeg[at + 15] & 0xff;
            }
            if (isFrame(marker) && length >= 8) {
                components = jpeg[at + 9];
                for (int i = 0; i < 3 && 11 + 3 * i <= length; i++) {
                    identifiers = identifiers << 8 | (jpeg[at + 10 + 3 * i] & 0xff);
                }
            }
            at += 2 + length;
        }
        return new JpegHeader(components, colours(components, identifiers, jfif, adobe));
    }

    private static Colours colours(int components, int identifiers, boolean jfif, int adobe) {
        return switch (components) {
            case 1 -> Colours.GREY;
            case 3 -> {
                boolean named = identifiers == ('R' << 16 | 'G' << 8 | 'B');
                yield !jfif && (adobe >= 0 ? adobe == 0 : named) ? Colours.RGB : Colours.YCC;
            }
            case 4 -> adobe > 0 ? Colours.YCCK : Colours.CMYK;
            default -> Colours.UNKNOWN;
        };
    }

    private static boolean begins(byte[] jpeg, int at, String word) {
        for (int i = 0; i < word.length(); i++) {
            if (jpeg[at + i] != word.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** SOF0 to SOF15 without the tables that stand among them. */
    private static boolean isFrame(int marker) {
        return marker >= 0xc0
                && marker <= 0xcf
                && marker != 0xc4
                && marker != 0xc8
                && marker != 0xcc;
    }
}
