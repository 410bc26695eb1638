package io.github.cortado.vision;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;

/**
 * The formats of picture files that are read, told by their first bytes. Each is compared with what
 * Pillow reads; what else Java has decoders for is left out, WBMP among it, for any file that
 * begins with two zeros could be one.
 */
enum PictureFormat {
    PNG("png", "\u0089PNG\r\n\u001a\n"),
    JPEG("jpeg", "\u00ff\u00d8\u00ff"),
    GIF("gif", "GIF8"),
    BMP("bmp", "BM"),
    TIFF("tiff", "II*\0|MM\0*"),
    WEBP("webp", "RIFF????WEBP");

    /** What a user may have in a folder of pictures, and how it begins. */
    private static final String[][] NOT_READ = {
        {"HEIC or AVIF", "????ftyp"},
        {"JPEG 2000", "\0\0\0\fjP  "},
        {"JPEG 2000", "\u00ffO\u00ffQ"},
        {"JPEG XL", "\u00ff\n"},
        {"JPEG XL", "\0\0\0\fJXL "},
        {"PPM or PGM", "P?\n"},
        {"PPM or PGM", "P? "},
        {"Photoshop", "8BPS"},
        {"ICO", "\0\0\1\0"},
        {"PDF", "%PDF"},
        {"big TIFF", "II+\0"},
        {"big TIFF", "MM\0+"},
        {"a web page", "<html"},
        {"a web page", "<!DOCTYPE"},
        {"SVG", "<svg"}
    };

    private final String reader;

    /** Set apart by bars. */
    private final String beginnings;

    PictureFormat(String reader, String beginnings) {
        this.reader = reader;
        this.beginnings = beginnings;
    }

    /** The name of its decoder in {@code javax.imageio}. */
    String reader() {
        return reader;
    }

    /** The format of a file; empty where it is none of these. */
    static Optional<PictureFormat> of(byte[] file) {
        return Arrays.stream(values())
                .filter(
                        format ->
                                Arrays.stream(format.beginnings.split("\\|"))
                                        .anyMatch(b -> begins(file, b)))
                .findFirst();
    }

    /** Why a file is not read, for people, where it is none of these. */
    static String whyNot(byte[] file) {
        String read = "not a picture that is read here: PNG, JPEG, WebP, GIF, BMP or TIFF";
        if (file.length == 0) {
            return read + "; the file is empty";
        }
        return Arrays.stream(NOT_READ)
                .filter(other -> begins(file, other[1]))
                .findFirst()
                .map(other -> read + "; this is " + other[0])
                .orElse(read);
    }

    /** Question marks stand for any byte. */
    private static boolean begins(byte[] file, String beginning) {
        byte[] b = beginning.getBytes(StandardCharsets.ISO_8859_1);
        if (file.length < b.length) {
            return false;
        }
        for (int i = 0; i < b.length; i++) {
            if (b[i] != '?' && b[i] != file[i]) {
                return false;
            }
        }
        return true;
    }
}
